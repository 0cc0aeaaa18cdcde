//! Reads certificates, keys and revocation lists from PEM files and hashed folders.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use rustls_pki_types::pem::{PemObject as _, SectionKind};
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};

use super::error::{TlsError, TlsErrorKind};
use super::params::CaFiles;

/// All certificates of a file, at least one.
pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read(path)?;
    let found = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    match found {
        Ok(found) if found.is_empty() => Err(TlsError::at(path, TlsErrorKind::NoCertificate)),
        Ok(found) => Ok(found),
        Err(error) => Err(TlsError::at(path, TlsErrorKind::Pem(error.to_string()))),
    }
}

/// The first private key of a file.
pub(super) fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let text = read(path)?;
    if is_encrypted(&text) {
        return Err(TlsError::at(path, TlsErrorKind::EncryptedKey));
    }
    match PrivateKeyDer::from_pem_slice(&text) {
        Ok(key) => Ok(key),
        Err(rustls_pki_types::pem::Error::NoItemsFound) => Err(TlsError::at(path, TlsErrorKind::NoKey)),
        Err(error) => Err(TlsError::at(path, TlsErrorKind::Pem(error.to_string()))),
    }
}

/// PKCS#8 says so in its label, the older forms in a header line (RFC 1421).
fn is_encrypted(text: &[u8]) -> bool {
    let has = |needle: &[u8]| memchr::memmem::find(text, needle).is_some();
    has(b"-----BEGIN ENCRYPTED PRIVATE KEY-----") || has(b"Proc-Type: 4,ENCRYPTED")
}

/// All sections of a file, for files that mix certificates and keys.
pub(super) fn sections(path: &Path) -> Result<Vec<(SectionKind, Vec<u8>)>, TlsError> {
    let text = read(path)?;
    if is_encrypted(&text) {
        return Err(TlsError::at(path, TlsErrorKind::EncryptedKey));
    }
    let sections = <(SectionKind, Vec<u8>)>::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    sections.map_err(|error| TlsError::at(path, TlsErrorKind::Pem(error.to_string())))
}

/// The certificates of a CA file and of a hashed folder.
pub(super) fn ca_certificates(files: &CaFiles) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let mut found = Vec::new();
    if let Some(file) = &files.file {
        found.extend(certificates(file)?);
    }
    if let Some(folder) = &files.path {
        for file in hashed(folder, "")? {
            found.extend(certificates(&file)?);
        }
    }
    Ok(found)
}

/// The revocation lists of a file and of a hashed folder.
pub(super) fn crls(files: &CaFiles) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
    let mut found = Vec::new();
    let hashed_files = match &files.path {
        Some(folder) => hashed(folder, "r")?,
        None => Vec::new(),
    };
    for file in files.file.iter().chain(&hashed_files) {
        let text = read(file)?;
        let before = found.len();
        for list in CertificateRevocationListDer::pem_slice_iter(&text) {
            found.push(list.map_err(|error| TlsError::at(file, TlsErrorKind::Pem(error.to_string())))?);
        }
        if found.len() == before {
            return Err(TlsError::at(file, TlsErrorKind::NoCrl));
        }
    }
    Ok(found)
}

/// The files of a folder that OpenSSL would look at: `hhhhhhhh.N`, for revocation lists `hhhhhhhh.rN`, sorted. Other
/// files are nobody's: trusting them would trust a CA that httpd does not.
fn hashed(folder: &Path, mark: &str) -> Result<Vec<PathBuf>, TlsError> {
    let is_hashed = |name: &str| {
        let Some((hash, number)) = name.split_once('.') else { return false };
        let number = number.strip_prefix(mark).unwrap_or_default();
        hash.len() == 8
            && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
            && !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut files = list(folder)?;
    files.retain(|path| path.file_name().and_then(OsStr::to_str).is_some_and(is_hashed));
    Ok(files)
}

/// The files of a folder, sorted: SSLProxyMachineCertificatePath takes them all.
pub(super) fn files_in(folder: &Path) -> Result<Vec<PathBuf>, TlsError> {
    let mut files = list(folder)?;
    files.retain(|path| path.is_file());
    Ok(files)
}

/// What lies in a folder, sorted.
fn list(folder: &Path) -> Result<Vec<PathBuf>, TlsError> {
    let entries = fs::read_dir(folder).and_then(|entries| {
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()
    });
    let mut paths = entries.map_err(|error| TlsError::at(folder, TlsErrorKind::Read(error)))?;
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|error| TlsError::at(path, TlsErrorKind::Read(error)))
}
