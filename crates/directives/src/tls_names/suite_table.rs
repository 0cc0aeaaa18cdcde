//! OpenSSL's cipher suites as rows: the vocabulary of SSLCipherSuite. Data only; the language is in `cipher_list`.
//!
//! The suites up to TLS 1.2 that a server with a certificate can use, in the order in which OpenSSL 3.0 prefers
//! them before a list says otherwise (`openssl ciphers -V -stdname ALL:COMPLEMENTOFALL`). Left out are the suites
//! without encryption or authentication, which httpd always switches off, and those with pre-shared keys or SRP,
//! which it never offers.

/// How the key is agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kx {
    Ecdhe,
    Dhe,
    Rsa,
}

/// What the server's certificate holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Au {
    Ecdsa,
    Rsa,
    Dss,
}

/// The cipher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Enc {
    AesGcm,
    AesCcm,
    AesCcm8,
    Aes,
    ChaCha20,
    AriaGcm,
    Camellia,
}

/// What protects the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mac {
    Aead,
    Sha384,
    Sha256,
    Sha1,
}

/// The protocol version that brought the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    Tls12,
    Tls1,
    Ssl3,
}

/// One suite up to TLS 1.2.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) openssl: &'static str,
    pub(super) iana: &'static str,
    pub(super) kx: Kx,
    pub(super) au: Au,
    pub(super) enc: Enc,
    pub(super) bits: u16,
    pub(super) mac: Mac,
    pub(super) since: Since,
}

#[allow(clippy::too_many_arguments)] // a row of a table: the columns are its point
const fn row(
    openssl: &'static str,
    iana: &'static str,
    kx: Kx,
    au: Au,
    enc: (Enc, u16),
    mac: Mac,
    since: Since,
) -> Row {
    Row { openssl, iana, kx, au, enc: enc.0, bits: enc.1, mac, since }
}

/// All rows, OpenSSL's preferred first.
#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row("ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", Kx::Ecdhe, Au::Ecdsa, (Enc::AesGcm, 256), Mac::Aead, Since::Tls12),
    row("ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", Kx::Ecdhe, Au::Rsa, (Enc::AesGcm, 256), Mac::Aead, Since::Tls12),
    row("DHE-DSS-AES256-GCM-SHA384", "TLS_DHE_DSS_WITH_AES_256_GCM_SHA384", Kx::Dhe, Au::Dss, (Enc::AesGcm, 256), Mac::Aead, Since::Tls12),
    row("DHE-RSA-AES256-GCM-SHA384", "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", Kx::Dhe, Au::Rsa, (Enc::AesGcm, 256), Mac::Aead, Since::Tls12),
    row("ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", Kx::Ecdhe, Au::Ecdsa, (Enc::ChaCha20, 256), Mac::Aead, Since::Tls12),
    row("ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", Kx::Ecdhe, Au::Rsa, (Enc::ChaCha20, 256), Mac::Aead, Since::Tls12),
    row("DHE-RSA-CHACHA20-POLY1305", "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", Kx::Dhe, Au::Rsa, (Enc::ChaCha20, 256), Mac::Aead, Since::Tls12),
    row("ECDHE-ECDSA-AES256-CCM8", "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8", Kx::Ecdhe, Au::Ecdsa, (Enc::AesCcm8, 256), Mac::Aead, Since::Tls12),
    row("ECDHE-ECDSA-AES256-CCM", "TLS_ECDHE_ECDSA_WITH_AES_256_CCM", Kx::Ecdhe, Au::Ecdsa, (Enc::AesCcm, 256), Mac::Aead, Since::Tls12),
    row("DHE-RSA-AES256-CCM8", "TLS_DHE_RSA_WITH_AES_256_CCM_8", Kx::Dhe, Au::Rsa, (Enc::AesCcm8, 256), Mac::Aead, Since::Tls12),
    row("DHE-RSA-AES256-CCM", "TLS_DHE_RSA_WITH_AES_256_CCM", Kx::Dhe, Au::Rsa, (Enc::AesCcm, 256), Mac::Aead, Since::Tls12),
    row("ECDHE-ECDSA-ARIA256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_ARIA_256_GCM_SHA384", Kx::Ecdhe, Au::Ecdsa, (Enc::AriaGcm, 256), Mac::Aead, Since::Tls12),
    row("ECDHE-ARIA256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384", Kx::Ecdhe, Au::Rsa, (Enc::AriaGcm, 256), Mac::Aead, Since::Tls12),
    row("DHE-DSS-ARIA256-GCM-SHA384", "TLS_DHE_DSS_WITH_ARIA_256_GCM_SHA384", Kx::Dhe, Au::Dss, (Enc::AriaGcm, 256), Mac::Aead, Since::Tls12),
    row("DHE-RSA-ARIA256-GCM-SHA384", "TLS_DHE_RSA_WITH_ARIA_256_GCM_SHA384", Kx::Dhe, Au::Rsa, (Enc::AriaGcm, 256), Mac::Aead, Since::Tls12),
    row("ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", Kx::Ecdhe, Au::Ecdsa, (Enc::AesGcm, 128), Mac::Aead, Since::Tls12),
    row("ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", Kx::Ecdhe, Au::Rsa, (Enc::AesGcm, 128), Mac::Aead, Since::Tls12),
    row("DHE-DSS-AES128-GCM-SHA256", "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256", Kx::Dhe, Au::Dss, (Enc::AesGcm, 128), Mac::Aead, Since::Tls12),
    row("DHE-RSA-AES128-GCM-SHA256", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", Kx::Dhe, Au::Rsa, (Enc::AesGcm, 128), Mac::Aead, Since::Tls12),
    row("ECDHE-ECDSA-AES128-CCM8", "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", Kx::Ecdhe, Au::Ecdsa, (Enc::AesCcm8, 128), Mac::Aead, Since::Tls12),
    row("ECDHE-ECDSA-AES128-CCM", "TLS_ECDHE_ECDSA_WITH_AES_128_CCM", Kx::Ecdhe, Au::Ecdsa, (Enc::AesCcm, 128), Mac::Aead, Since::Tls12),
    row("DHE-RSA-AES128-CCM8", "TLS_DHE_RSA_WITH_AES_128_CCM_8", Kx::Dhe, Au::Rsa, (Enc::AesCcm8, 128), Mac::Aead, Since::Tls12),
    row("DHE-RSA-AES128-CCM", "TLS_DHE_RSA_WITH_AES_128_CCM", Kx::Dhe, Au::Rsa, (Enc::AesCcm, 128), Mac::Aead, Since::Tls12),
    row("ECDHE-ECDSA-ARIA128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256", Kx::Ecdhe, Au::Ecdsa, (Enc::AriaGcm, 128), Mac::Aead, Since::Tls12),
    row("ECDHE-ARIA128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256", Kx::Ecdhe, Au::Rsa, (Enc::AriaGcm, 128), Mac::Aead, Since::Tls12),
    row("DHE-DSS-ARIA128-GCM-SHA256", "TLS_DHE_DSS_WITH_ARIA_128_GCM_SHA256", Kx::Dhe, Au::Dss, (Enc::AriaGcm, 128), Mac::Aead, Since::Tls12),
    row("DHE-RSA-ARIA128-GCM-SHA256", "TLS_DHE_RSA_WITH_ARIA_128_GCM_SHA256", Kx::Dhe, Au::Rsa, (Enc::AriaGcm, 128), Mac::Aead, Since::Tls12),
    row("ECDHE-ECDSA-AES256-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", Kx::Ecdhe, Au::Ecdsa, (Enc::Aes, 256), Mac::Sha384, Since::Tls12),
    row("ECDHE-RSA-AES256-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", Kx::Ecdhe, Au::Rsa, (Enc::Aes, 256), Mac::Sha384, Since::Tls12),
    row("DHE-RSA-AES256-SHA256", "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", Kx::Dhe, Au::Rsa, (Enc::Aes, 256), Mac::Sha256, Since::Tls12),
    row("DHE-DSS-AES256-SHA256", "TLS_DHE_DSS_WITH_AES_256_CBC_SHA256", Kx::Dhe, Au::Dss, (Enc::Aes, 256), Mac::Sha256, Since::Tls12),
    row("ECDHE-ECDSA-CAMELLIA256-SHA384", "TLS_ECDHE_ECDSA_WITH_CAMELLIA_256_CBC_SHA384", Kx::Ecdhe, Au::Ecdsa, (Enc::Camellia, 256), Mac::Sha384, Since::Tls12),
    row("ECDHE-RSA-CAMELLIA256-SHA384", "TLS_ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384", Kx::Ecdhe, Au::Rsa, (Enc::Camellia, 256), Mac::Sha384, Since::Tls12),
    row("DHE-RSA-CAMELLIA256-SHA256", "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA256", Kx::Dhe, Au::Rsa, (Enc::Camellia, 256), Mac::Sha256, Since::Tls12),
    row("DHE-DSS-CAMELLIA256-SHA256", "TLS_DHE_DSS_WITH_CAMELLIA_256_CBC_SHA256", Kx::Dhe, Au::Dss, (Enc::Camellia, 256), Mac::Sha256, Since::Tls12),
    row("ECDHE-ECDSA-AES128-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", Kx::Ecdhe, Au::Ecdsa, (Enc::Aes, 128), Mac::Sha256, Since::Tls12),
    row("ECDHE-RSA-AES128-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", Kx::Ecdhe, Au::Rsa, (Enc::Aes, 128), Mac::Sha256, Since::Tls12),
    row("DHE-RSA-AES128-SHA256", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", Kx::Dhe, Au::Rsa, (Enc::Aes, 128), Mac::Sha256, Since::Tls12),
    row("DHE-DSS-AES128-SHA256", "TLS_DHE_DSS_WITH_AES_128_CBC_SHA256", Kx::Dhe, Au::Dss, (Enc::Aes, 128), Mac::Sha256, Since::Tls12),
    row("ECDHE-ECDSA-CAMELLIA128-SHA256", "TLS_ECDHE_ECDSA_WITH_CAMELLIA_128_CBC_SHA256", Kx::Ecdhe, Au::Ecdsa, (Enc::Camellia, 128), Mac::Sha256, Since::Tls12),
    row("ECDHE-RSA-CAMELLIA128-SHA256", "TLS_ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256", Kx::Ecdhe, Au::Rsa, (Enc::Camellia, 128), Mac::Sha256, Since::Tls12),
    row("DHE-RSA-CAMELLIA128-SHA256", "TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA256", Kx::Dhe, Au::Rsa, (Enc::Camellia, 128), Mac::Sha256, Since::Tls12),
    row("DHE-DSS-CAMELLIA128-SHA256", "TLS_DHE_DSS_WITH_CAMELLIA_128_CBC_SHA256", Kx::Dhe, Au::Dss, (Enc::Camellia, 128), Mac::Sha256, Since::Tls12),
    row("ECDHE-ECDSA-AES256-SHA", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", Kx::Ecdhe, Au::Ecdsa, (Enc::Aes, 256), Mac::Sha1, Since::Tls1),
    row("ECDHE-RSA-AES256-SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", Kx::Ecdhe, Au::Rsa, (Enc::Aes, 256), Mac::Sha1, Since::Tls1),
    row("DHE-RSA-AES256-SHA", "TLS_DHE_RSA_WITH_AES_256_CBC_SHA", Kx::Dhe, Au::Rsa, (Enc::Aes, 256), Mac::Sha1, Since::Ssl3),
    row("DHE-DSS-AES256-SHA", "TLS_DHE_DSS_WITH_AES_256_CBC_SHA", Kx::Dhe, Au::Dss, (Enc::Aes, 256), Mac::Sha1, Since::Ssl3),
    row("DHE-RSA-CAMELLIA256-SHA", "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA", Kx::Dhe, Au::Rsa, (Enc::Camellia, 256), Mac::Sha1, Since::Ssl3),
    row("DHE-DSS-CAMELLIA256-SHA", "TLS_DHE_DSS_WITH_CAMELLIA_256_CBC_SHA", Kx::Dhe, Au::Dss, (Enc::Camellia, 256), Mac::Sha1, Since::Ssl3),
    row("ECDHE-ECDSA-AES128-SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", Kx::Ecdhe, Au::Ecdsa, (Enc::Aes, 128), Mac::Sha1, Since::Tls1),
    row("ECDHE-RSA-AES128-SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", Kx::Ecdhe, Au::Rsa, (Enc::Aes, 128), Mac::Sha1, Since::Tls1),
    row("DHE-RSA-AES128-SHA", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", Kx::Dhe, Au::Rsa, (Enc::Aes, 128), Mac::Sha1, Since::Ssl3),
    row("DHE-DSS-AES128-SHA", "TLS_DHE_DSS_WITH_AES_128_CBC_SHA", Kx::Dhe, Au::Dss, (Enc::Aes, 128), Mac::Sha1, Since::Ssl3),
    row("DHE-RSA-CAMELLIA128-SHA", "TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA", Kx::Dhe, Au::Rsa, (Enc::Camellia, 128), Mac::Sha1, Since::Ssl3),
    row("DHE-DSS-CAMELLIA128-SHA", "TLS_DHE_DSS_WITH_CAMELLIA_128_CBC_SHA", Kx::Dhe, Au::Dss, (Enc::Camellia, 128), Mac::Sha1, Since::Ssl3),
    row("AES256-GCM-SHA384", "TLS_RSA_WITH_AES_256_GCM_SHA384", Kx::Rsa, Au::Rsa, (Enc::AesGcm, 256), Mac::Aead, Since::Tls12),
    row("AES256-CCM8", "TLS_RSA_WITH_AES_256_CCM_8", Kx::Rsa, Au::Rsa, (Enc::AesCcm8, 256), Mac::Aead, Since::Tls12),
    row("AES256-CCM", "TLS_RSA_WITH_AES_256_CCM", Kx::Rsa, Au::Rsa, (Enc::AesCcm, 256), Mac::Aead, Since::Tls12),
    row("ARIA256-GCM-SHA384", "TLS_RSA_WITH_ARIA_256_GCM_SHA384", Kx::Rsa, Au::Rsa, (Enc::AriaGcm, 256), Mac::Aead, Since::Tls12),
    row("AES128-GCM-SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256", Kx::Rsa, Au::Rsa, (Enc::AesGcm, 128), Mac::Aead, Since::Tls12),
    row("AES128-CCM8", "TLS_RSA_WITH_AES_128_CCM_8", Kx::Rsa, Au::Rsa, (Enc::AesCcm8, 128), Mac::Aead, Since::Tls12),
    row("AES128-CCM", "TLS_RSA_WITH_AES_128_CCM", Kx::Rsa, Au::Rsa, (Enc::AesCcm, 128), Mac::Aead, Since::Tls12),
    row("ARIA128-GCM-SHA256", "TLS_RSA_WITH_ARIA_128_GCM_SHA256", Kx::Rsa, Au::Rsa, (Enc::AriaGcm, 128), Mac::Aead, Since::Tls12),
    row("AES256-SHA256", "TLS_RSA_WITH_AES_256_CBC_SHA256", Kx::Rsa, Au::Rsa, (Enc::Aes, 256), Mac::Sha256, Since::Tls12),
    row("CAMELLIA256-SHA256", "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA256", Kx::Rsa, Au::Rsa, (Enc::Camellia, 256), Mac::Sha256, Since::Tls12),
    row("AES128-SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA256", Kx::Rsa, Au::Rsa, (Enc::Aes, 128), Mac::Sha256, Since::Tls12),
    row("CAMELLIA128-SHA256", "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA256", Kx::Rsa, Au::Rsa, (Enc::Camellia, 128), Mac::Sha256, Since::Tls12),
    row("AES256-SHA", "TLS_RSA_WITH_AES_256_CBC_SHA", Kx::Rsa, Au::Rsa, (Enc::Aes, 256), Mac::Sha1, Since::Ssl3),
    row("CAMELLIA256-SHA", "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA", Kx::Rsa, Au::Rsa, (Enc::Camellia, 256), Mac::Sha1, Since::Ssl3),
    row("AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA", Kx::Rsa, Au::Rsa, (Enc::Aes, 128), Mac::Sha1, Since::Ssl3),
    row("CAMELLIA128-SHA", "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA", Kx::Rsa, Au::Rsa, (Enc::Camellia, 128), Mac::Sha1, Since::Ssl3),
];
