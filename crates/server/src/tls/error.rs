//! Why TLS cannot be set up from its files: an error of the configuration, found while loading.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What is wrong, and with which file.
#[derive(Debug)]
pub(crate) struct TlsError {
    /// The file, where one is at fault.
    pub(crate) path: Option<PathBuf>,
    /// What is wrong.
    pub(crate) kind: TlsErrorKind,
}

/// The kinds of [`TlsError`].
#[derive(Debug)]
pub(crate) enum TlsErrorKind {
    /// The file cannot be read.
    Read(io::Error),
    /// A PEM section is broken.
    Pem(String),
    /// No certificate in the file, or no certificate set at all.
    NoCertificate,
    /// A certificate that does not parse.
    BadCertificate,
    /// No private key in the file.
    NoKey,
    /// The private key is encrypted.
    EncryptedKey,
    /// A private key of a kind or length that is not supported.
    BadKey(String),
    /// The key does not belong to the certificate.
    KeyMismatch,
    /// No revocation list in the file.
    NoCrl,
    /// A revocation list that cannot be used.
    BadCrl(String),
    /// Revocation is to be checked and there is no list.
    CrlMissing,
    /// The protocols, suites or groups leave nothing to speak.
    NothingToSpeak(String),
}

impl TlsError {
    pub(super) fn at(path: &Path, kind: TlsErrorKind) -> Self {
        Self { path: Some(path.to_owned()), kind }
    }

    /// What to do about it.
    pub(crate) fn help(&self) -> Option<&'static str> {
        match self.kind {
            TlsErrorKind::EncryptedKey => Some("decrypt it once: openssl pkey -in FILE -out NEWFILE"),
            TlsErrorKind::KeyMismatch => {
                Some("compare: openssl x509 -noout -pubkey -in CERT; openssl pkey -pubout -in KEY")
            }
            TlsErrorKind::NoKey => Some("name the key's file with SSLCertificateKeyFile"),
            TlsErrorKind::CrlMissing => {
                Some("name the lists with SSLCARevocationFile or SSLCARevocationPath")
            }
            TlsErrorKind::NothingToSpeak(_) => {
                Some("allow TLSv1.2 or TLSv1.3 with ECDHE and AES-GCM or ChaCha20")
            }
            _ => None,
        }
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        match &self.kind {
            TlsErrorKind::Read(error) => write!(f, "cannot be read: {error}"),
            TlsErrorKind::Pem(what) => write!(f, "is not valid PEM: {what}"),
            TlsErrorKind::NoCertificate => write!(f, "no certificate"),
            TlsErrorKind::BadCertificate => write!(f, "holds a certificate that cannot be parsed"),
            TlsErrorKind::NoKey => write!(f, "no private key"),
            TlsErrorKind::EncryptedKey => write!(f, "the private key is encrypted"),
            TlsErrorKind::BadKey(what) => write!(f, "the private key cannot be used: {what}"),
            TlsErrorKind::KeyMismatch => write!(f, "certificate and private key do not match"),
            TlsErrorKind::NoCrl => write!(f, "no revocation list"),
            TlsErrorKind::BadCrl(what) => write!(f, "holds a revocation list that cannot be used: {what}"),
            TlsErrorKind::CrlMissing => write!(f, "revocation is to be checked, but no list is configured"),
            TlsErrorKind::NothingToSpeak(what) => write!(f, "nothing is left to speak: {what}"),
        }
    }
}

impl std::error::Error for TlsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            TlsErrorKind::Read(error) => Some(error),
            _ => None,
        }
    }
}
