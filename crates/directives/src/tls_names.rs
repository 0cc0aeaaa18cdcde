//! The names of TLS in httpd's configuration: SSLProtocol's words and SSLCipherSuite's language.
//!
//! Says which protocol versions and cipher suites a line leaves of those that wsgate can speak, and what it asked
//! for beyond them. Knows no TLS library: [`Suite`] is a name, and the server maps names to implementations.

mod cipher_list;
mod groups;
mod suite_table;

pub use cipher_list::{CipherError, CipherList, parse_ciphers, parse_tls13_ciphers};
pub use groups::{Group, parse_groups};

/// A cipher suite that wsgate speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Suite {
    /// TLS 1.3, AES-256-GCM.
    Aes256GcmSha384,
    /// TLS 1.3, ChaCha20-Poly1305.
    ChaCha20Poly1305Sha256,
    /// TLS 1.3, AES-128-GCM.
    Aes128GcmSha256,
    /// TLS 1.2, ECDSA certificate, AES-256-GCM.
    EcdheEcdsaAes256Gcm,
    /// TLS 1.2, RSA certificate, AES-256-GCM.
    EcdheRsaAes256Gcm,
    /// TLS 1.2, ECDSA certificate, ChaCha20-Poly1305.
    EcdheEcdsaChaCha20,
    /// TLS 1.2, RSA certificate, ChaCha20-Poly1305.
    EcdheRsaChaCha20,
    /// TLS 1.2, ECDSA certificate, AES-128-GCM.
    EcdheEcdsaAes128Gcm,
    /// TLS 1.2, RSA certificate, AES-128-GCM.
    EcdheRsaAes128Gcm,
}

impl Suite {
    /// The suites of TLS 1.3 in OpenSSL's order.
    pub const TLS13: [Self; 3] = [Self::Aes256GcmSha384, Self::ChaCha20Poly1305Sha256, Self::Aes128GcmSha256];

    /// The suites of TLS 1.2 in OpenSSL's order.
    pub const TLS12: [Self; 6] = [
        Self::EcdheEcdsaAes256Gcm,
        Self::EcdheRsaAes256Gcm,
        Self::EcdheEcdsaChaCha20,
        Self::EcdheRsaChaCha20,
        Self::EcdheEcdsaAes128Gcm,
        Self::EcdheRsaAes128Gcm,
    ];

    /// The name that `SSL_CIPHER` and cipher lists use.
    pub const fn openssl_name(self) -> &'static str {
        match self {
            Self::Aes256GcmSha384 => "TLS_AES_256_GCM_SHA384",
            Self::ChaCha20Poly1305Sha256 => "TLS_CHACHA20_POLY1305_SHA256",
            Self::Aes128GcmSha256 => "TLS_AES_128_GCM_SHA256",
            Self::EcdheEcdsaAes256Gcm => "ECDHE-ECDSA-AES256-GCM-SHA384",
            Self::EcdheRsaAes256Gcm => "ECDHE-RSA-AES256-GCM-SHA384",
            Self::EcdheEcdsaChaCha20 => "ECDHE-ECDSA-CHACHA20-POLY1305",
            Self::EcdheRsaChaCha20 => "ECDHE-RSA-CHACHA20-POLY1305",
            Self::EcdheEcdsaAes128Gcm => "ECDHE-ECDSA-AES128-GCM-SHA256",
            Self::EcdheRsaAes128Gcm => "ECDHE-RSA-AES128-GCM-SHA256",
        }
    }

    /// The key's length in bits (`SSL_CIPHER_USEKEYSIZE`).
    pub const fn bits(self) -> u16 {
        match self {
            Self::Aes128GcmSha256 | Self::EcdheEcdsaAes128Gcm | Self::EcdheRsaAes128Gcm => 128,
            _ => 256,
        }
    }
}

/// A set of protocol versions, as SSLProtocol and SSLProxyProtocol write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocols(u8);

const TLS1: u8 = 1;
const TLS11: u8 = 2;
const TLS12: u8 = 4;
const TLS13: u8 = 8;
const ALL: u8 = TLS1 | TLS11 | TLS12 | TLS13;

impl Default for Protocols {
    /// httpd's default, `all`.
    fn default() -> Self {
        Self(ALL)
    }
}

impl Protocols {
    /// Whether TLS 1.2 is in the set.
    pub const fn tls12(self) -> bool {
        self.0 & TLS12 != 0
    }

    /// Whether TLS 1.3 is in the set.
    pub const fn tls13(self) -> bool {
        self.0 & TLS13 != 0
    }

    /// Whether the set asks for a version older than TLS 1.2, which wsgate does not speak.
    pub const fn legacy(self) -> bool {
        self.0 & (TLS1 | TLS11) != 0
    }

    /// Whether wsgate can speak any version of the set.
    pub const fn usable(self) -> bool {
        self.tls12() || self.tls13()
    }

    /// The versions that are in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The versions of the set from `name` on (OpenSSL's MinProtocol, where `None` is no bound).
    pub fn at_least(self, name: &str) -> Option<Self> {
        let bit = if name.eq_ignore_ascii_case("none") { TLS1 } else { version(name)? };
        Some(Self(self.0 & !(bit - 1)))
    }

    /// The versions of the set up to `name` (OpenSSL's MaxProtocol, where `None` is no bound).
    pub fn at_most(self, name: &str) -> Option<Self> {
        let bit = if name.eq_ignore_ascii_case("none") { TLS13 } else { version(name)? };
        Some(Self(self.0 & (bit | (bit - 1))))
    }

    /// Reads the words of SSLProtocol (httpd: `ssl_cmd_protocol_parse`). A word without a sign *replaces* what
    /// came before it, so `TLSv1.2 TLSv1.3` means 1.3 alone; such words are reported in [`Parsed::replaced`].
    ///
    /// # Errors
    /// The word that is no protocol here.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Parsed, ProtocolError> {
        let mut parsed = Parsed { protocols: Self(0), replaced: Vec::new() };
        for word in words {
            let (sign, name) = match word.as_bytes().first() {
                Some(sign @ (b'+' | b'-')) => (Some(*sign), &word[1..]),
                _ => (None, word),
            };
            let Some(bits) = Self::named(name, sign)? else { continue };
            match sign {
                Some(b'-') => parsed.protocols.0 &= !bits,
                Some(_) => parsed.protocols.0 |= bits,
                None => {
                    if parsed.protocols.0 != 0 {
                        parsed.replaced.push(word.to_owned());
                    }
                    parsed.protocols.0 = bits;
                }
            }
        }
        Ok(parsed)
    }

    fn named(name: &str, sign: Option<u8>) -> Result<Option<u8>, ProtocolError> {
        let known =
            [("TLSv1", TLS1), ("TLSv1.1", TLS11), ("TLSv1.2", TLS12), ("TLSv1.3", TLS13), ("all", ALL)];
        if let Some((_, bits)) = known.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            return Ok(Some(*bits));
        }
        match name.to_ascii_lowercase().as_str() {
            "sslv2" | "sslv3" if sign == Some(b'-') => Ok(None),
            "sslv2" | "sslv3" => Err(ProtocolError::Gone(name.to_owned())),
            _ => Err(ProtocolError::Unknown(name.to_owned())),
        }
    }
}

fn version(name: &str) -> Option<u8> {
    let known = [("TLSv1", TLS1), ("TLSv1.1", TLS11), ("TLSv1.2", TLS12), ("TLSv1.3", TLS13)];
    known.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, bit)| *bit)
}

/// What SSLProtocol's words come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The set.
    pub protocols: Protocols,
    /// Unsigned words that threw away what stood before them: probably a `+` is missing.
    pub replaced: Vec<String>,
}

/// Why a word of SSLProtocol is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProtocolError {
    /// SSLv2 or SSLv3, which OpenSSL no longer has either.
    Gone(String),
    /// No protocol of that name.
    Unknown(String),
}

impl std::fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gone(name) => write!(f, "{name} is no longer supported"),
            Self::Unknown(name) => write!(f, "illegal protocol '{name}'"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let shown = match Protocols::parse(line.split_ascii_whitespace()) {
            Err(error) => error.to_string(),
            Ok(Parsed { protocols, replaced }) => {
                let versions = [(TLS1, "1"), (TLS11, "1.1"), (TLS12, "1.2"), (TLS13, "1.3")];
                let set = versions.iter().filter(|(bit, _)| protocols.0 & bit != 0);
                let mut set: Vec<_> = set.map(|(_, name)| (*name).to_owned()).collect();
                set.extend(replaced.iter().map(|word| format!("!{word}")));
                set.join(" ")
            }
        };
        assert_eq!(shown, expected, "SSLProtocol {line}");
    }

    #[test]
    fn protocol_words() {
        check("all", "1 1.1 1.2 1.3");
        check("all -SSLv3 -TLSv1 -TLSv1.1", "1.2 1.3");
        check("ALL -sslv2 -SSLv3", "1 1.1 1.2 1.3");
        check("-all +TLSv1.2 +TLSv1.3", "1.2 1.3");
        check("TLSv1.2 TLSv1.3", "1.3 !TLSv1.3");
        check("TLSv1.2 +TLSv1.3", "1.2 1.3");
        check("+TLSv1.2", "1.2");
        check("+TLSv1 TLSv1.1", "1.1 !TLSv1.1");
        check("-TLSv1.2", "");
        check("", "");
        check("SSLv3", "SSLv3 is no longer supported");
        check("+SSLv2", "SSLv2 is no longer supported");
        check("all -SSLv9", "illegal protocol 'SSLv9'");
        check("+-TLSv1.2", "illegal protocol '-TLSv1.2'");
    }

    #[test]
    fn what_wsgate_can_speak_of_it() {
        let set = |line: &str| Protocols::parse(line.split(' ')).expect("valid").protocols;
        assert!(set("TLSv1 +TLSv1.1").legacy() && !set("TLSv1 +TLSv1.1").usable());
        assert!(set("all").legacy() && set("all").usable());
        assert!(!set("+TLSv1.3").legacy() && set("+TLSv1.3").usable() && !set("+TLSv1.3").tls12());
        assert_eq!(set("all"), Protocols::default());
        assert_eq!(set("all").at_least("TLSv1.2"), Some(set("+TLSv1.2 +TLSv1.3")));
        assert_eq!(set("all").at_most("tlsv1.2"), Some(set("all -TLSv1.3")));
        assert_eq!(set("+TLSv1.3").at_least("None"), Some(set("TLSv1.3")));
        assert_eq!((set("all").at_most("None"), set("all").at_most("SSLv9")), (Some(set("all")), None));
    }
}
