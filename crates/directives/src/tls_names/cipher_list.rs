//! OpenSSL's cipher list language (openssl-ciphers(1)): `HIGH:!aNULL:ECDHE+AESGCM:@STRENGTH`.
//!
//! A list is executed word by word on the whole table of suites, as OpenSSL does it, and what is then switched on
//! is split into the suites that wsgate speaks and the names of those it does not.

use super::Suite;
use super::suite_table::{Au, Enc, Kx, Mac, ROWS, Row, Since};

/// What a cipher list leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CipherList {
    /// Suites that wsgate speaks, in the list's order.
    pub suites: Vec<Suite>,
    /// OpenSSL names of suites that the list switches on and wsgate does not speak (CBC, DHE, RSA key exchange ...).
    pub unsupported: Vec<&'static str>,
    /// Words that name nothing; OpenSSL skips them in silence.
    pub unknown: Vec<String>,
}

/// Why a cipher list cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CipherError {
    /// The list switches on nothing at all: httpd would not start either.
    NoMatch,
    /// The list switches on only suites that wsgate does not speak, these.
    Unsupported(Vec<&'static str>),
    /// A word that is an error to OpenSSL too.
    Word(String),
}

impl std::fmt::Display for CipherError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoMatch => write!(f, "no cipher suite matches"),
            Self::Unsupported(names) => {
                write!(f, "only suites that wsgate does not speak: {}", names.join(", "))
            }
            Self::Word(word) => write!(f, "'{word}' is no cipher suite or command"),
        }
    }
}

/// Reads a cipher list for TLS 1.2 and older: the argument of SSLCipherSuite without a protocol.
///
/// # Errors
/// A list that leaves nothing for wsgate to speak, or that OpenSSL would not read.
pub fn parse_ciphers(list: &str) -> Result<CipherList, CipherError> {
    let mut state = State { order: (0..ROWS.len()).map(|row| (row, false)).collect(), unknown: Vec::new() };
    let mut words = list.split([':', ';', ' ', ',']).filter(|word| !word.is_empty()).peekable();
    // Only at the start a name for a whole list is understood; PROFILE= is Red Hat's, its content the distribution's.
    if words.next_if(|first| *first == "DEFAULT" || first.starts_with("PROFILE=")).is_some() {
        state.word("ALL")?;
        state.word("!COMPLEMENTOFDEFAULT")?;
    }
    for word in words {
        state.word(word)?;
    }
    state.finish()
}

/// Reads the suites of `SSLCipherSuite TLSv1.3 ...`: bare names (OpenSSL: `SSL_CTX_set_ciphersuites`).
///
/// # Errors
/// An unknown name, or none that wsgate speaks.
pub fn parse_tls13_ciphers(list: &str) -> Result<CipherList, CipherError> {
    const CCM: [&str; 2] = ["TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"];
    let mut parsed = CipherList::default();
    for word in list.split(':').filter(|word| !word.is_empty()) {
        if let Some(suite) = Suite::TLS13.into_iter().find(|suite| suite.openssl_name() == word) {
            parsed.suites.push(suite);
        } else if let Some(name) = CCM.into_iter().find(|name| *name == word) {
            parsed.unsupported.push(name);
        } else {
            return Err(CipherError::Word(word.to_owned()));
        }
    }
    if_usable(parsed)
}

fn if_usable(list: CipherList) -> Result<CipherList, CipherError> {
    match (list.suites.is_empty(), list.unsupported.is_empty()) {
        (false, _) => Ok(list),
        (true, false) => Err(CipherError::Unsupported(list.unsupported)),
        (true, true) => Err(CipherError::NoMatch),
    }
}

/// The list under execution: row numbers in order, each switched on or off; killed rows are gone.
struct State {
    order: Vec<(usize, bool)>,
    unknown: Vec<String>,
}

impl State {
    fn word(&mut self, word: &str) -> Result<(), CipherError> {
        if let Some(command) = word.strip_prefix('@') {
            return self.command(command, word);
        }
        let (sign, names) = match word.as_bytes().first() {
            Some(sign @ (b'!' | b'-' | b'+')) => (*sign, &word[1..]),
            _ => (b' ', word),
        };
        let Some(selects) = conjunction(names) else {
            self.unknown.push(word.to_owned());
            return Ok(());
        };
        match sign {
            b'!' => self.order.retain(|(row, _)| !selects(&ROWS[*row])),
            b'-' => self.switch_off(&selects),
            b'+' => self.move_to_end(|row, on| on && selects(row)),
            _ => self.move_to_end(|row, on| !on && selects(row)),
        }
        Ok(())
    }

    fn command(&mut self, command: &str, word: &str) -> Result<(), CipherError> {
        if command == "STRENGTH" {
            // Stable: equally strong suites keep their order.
            self.order.sort_by_key(|(row, on)| (!on, std::cmp::Reverse(ROWS[*row].bits)));
            return Ok(());
        }
        match command.strip_prefix("SECLEVEL=") {
            // Every suite that wsgate speaks satisfies each level up to 5 or is decided by the certificate.
            Some(level) if matches!(level.as_bytes(), [b'0'..=b'5']) => Ok(()),
            _ => Err(CipherError::Word(word.to_owned())),
        }
    }

    /// Moves the chosen rows behind all others, in their order, switched on.
    fn move_to_end(&mut self, chosen: impl Fn(&Row, bool) -> bool) {
        let (moved, kept): (Vec<_>, Vec<_>) =
            self.order.drain(..).partition(|(row, on)| chosen(&ROWS[*row], *on));
        self.order = kept;
        self.order.extend(moved.into_iter().map(|(row, _)| (row, true)));
    }

    /// Moves the rows that are on and chosen before all others, in their order, switched off.
    fn switch_off(&mut self, chosen: &dyn Fn(&Row) -> bool) {
        let (off, kept): (Vec<_>, Vec<_>) =
            self.order.drain(..).partition(|(row, on)| *on && chosen(&ROWS[*row]));
        self.order = off.into_iter().map(|(row, _)| (row, false)).collect();
        self.order.extend(kept);
    }

    fn finish(self) -> Result<CipherList, CipherError> {
        let mut list = CipherList { unknown: self.unknown, ..CipherList::default() };
        for (row, _) in self.order.into_iter().filter(|(_, on)| *on) {
            let name = ROWS[row].openssl;
            match Suite::TLS12.into_iter().find(|suite| suite.openssl_name() == name) {
                Some(suite) => list.suites.push(suite),
                None => list.unsupported.push(name),
            }
        }
        if_usable(list)
    }
}

type Selects = Box<dyn Fn(&Row) -> bool>;

/// `ECDHE+AESGCM`: all names must select the row. `None` if one of them names nothing.
fn conjunction(names: &str) -> Option<Selects> {
    let parts: Vec<Selects> = names.split('+').map(selector).collect::<Option<_>>()?;
    Some(Box::new(move |row| parts.iter().all(|part| part(row))))
}

/// A suite's name or an alias.
fn selector(name: &str) -> Option<Selects> {
    if let Some(wanted) = ROWS.iter().find(|row| row.openssl == name || row.iana == name) {
        return Some(Box::new(move |row| std::ptr::eq(row, wanted)));
    }
    let alias = ALIASES.iter().find(|(names, _)| names.split(' ').any(|alias| alias == name))?;
    Some(Box::new(alias.1))
}

/// Words, separated by spaces, and what they select.
type Alias = (&'static str, fn(&Row) -> bool);

/// The words that select many suites. Those that select none of the table's are known words all the same.
const ALIASES: &[Alias] = &[
    ("ALL HIGH", |_| true),
    ("COMPLEMENTOFALL eNULL NULL aNULL ADH AECDH LOW MEDIUM EXP EXPORT EXPORT40 EXPORT56", |_| false),
    (
        "PSK kPSK aPSK kECDHEPSK kDHEPSK kRSAPSK SRP kSRP aSRP GOST kGOST aGOST aGOST01 GOST94 GOST89MAC",
        |_| false,
    ),
    (
        "DES 3DES RC4 RC2 IDEA SEED MD5 kDHr kDHd kDH DSS_EXPORT SSLv2 FIPS kECDHr kECDHe kECDH aECDH aDH",
        |_| false,
    ),
    ("COMPLEMENTOFDEFAULT", |row| {
        row.au == Au::Dss || !matches!(row.enc, Enc::Aes | Enc::AesGcm | Enc::ChaCha20)
    }),
    ("kRSA", |row| row.kx == Kx::Rsa),
    ("RSA", |row| row.kx == Kx::Rsa && row.au == Au::Rsa),
    ("kEDH kDHE DH EDH DHE", |row| row.kx == Kx::Dhe),
    ("kEECDH kECDHE ECDH EECDH ECDHE", |row| row.kx == Kx::Ecdhe),
    ("aRSA", |row| row.au == Au::Rsa),
    ("aDSS DSS", |row| row.au == Au::Dss),
    ("aECDSA ECDSA", |row| row.au == Au::Ecdsa),
    ("AES", |row| matches!(row.enc, Enc::Aes | Enc::AesGcm | Enc::AesCcm | Enc::AesCcm8)),
    ("AES128", |row| {
        row.bits == 128 && matches!(row.enc, Enc::Aes | Enc::AesGcm | Enc::AesCcm | Enc::AesCcm8)
    }),
    ("AES256", |row| {
        row.bits == 256 && matches!(row.enc, Enc::Aes | Enc::AesGcm | Enc::AesCcm | Enc::AesCcm8)
    }),
    ("AESGCM", |row| row.enc == Enc::AesGcm),
    ("AESCCM", |row| matches!(row.enc, Enc::AesCcm | Enc::AesCcm8)),
    ("AESCCM8", |row| row.enc == Enc::AesCcm8),
    ("CHACHA20", |row| row.enc == Enc::ChaCha20),
    ("CAMELLIA", |row| row.enc == Enc::Camellia),
    ("CAMELLIA128", |row| row.enc == Enc::Camellia && row.bits == 128),
    ("CAMELLIA256", |row| row.enc == Enc::Camellia && row.bits == 256),
    ("ARIA ARIAGCM", |row| row.enc == Enc::AriaGcm),
    ("ARIA128", |row| row.enc == Enc::AriaGcm && row.bits == 128),
    ("ARIA256", |row| row.enc == Enc::AriaGcm && row.bits == 256),
    ("CBC", |row| row.mac != Mac::Aead),
    ("SHA1 SHA", |row| row.mac == Mac::Sha1),
    ("SHA256", |row| row.mac == Mac::Sha256),
    ("SHA384", |row| row.mac == Mac::Sha384),
    ("TLSv1.2", |row| row.since == Since::Tls12),
    ("TLSv1 TLSv1.0", |row| row.since == Since::Tls1),
    ("SSLv3", |row| row.since == Since::Ssl3),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The suites left, in short (certificate, cipher), and the number of suites that wsgate does not speak.
    #[track_caller]
    fn check(list: &str, suites: &str, unsupported: usize) {
        let parsed = parse_ciphers(list).expect("the list leaves something");
        let short: Vec<_> = parsed.suites.iter().map(|suite| short(suite.openssl_name())).collect();
        assert_eq!((short.join(" ").as_str(), parsed.unsupported.len()), (suites, unsupported), "{list}");
    }

    fn short(name: &str) -> String {
        let certificate = if name.contains("ECDSA") { 'E' } else { 'R' };
        let ciphers = [("AES256", "256"), ("AES128", "128"), ("CHACHA", "cha")];
        let cipher = ciphers.iter().find(|(part, _)| name.contains(part)).expect("one of ours").1;
        format!("{certificate}{cipher}")
    }

    #[test]
    #[rustfmt::skip]
    fn lists_as_openssl_3_0_reads_them() {
        check("HIGH", "E256 R256 Echa Rcha E128 R128", 65);
        check("HIGH:!aNULL:!MD5", "E256 R256 Echa Rcha E128 R128", 65);
        check("ALL", "E256 R256 Echa Rcha E128 R128", 65);
        check("DEFAULT", "E256 R256 Echa Rcha E128 R128", 21);
        check("DEFAULT:!AES", "Echa Rcha", 1);
        check("ECDHE+AESGCM:ECDHE+CHACHA20", "E256 R256 E128 R128 Echa Rcha", 0);
        check("kEECDH+AESGCM:EECDH+CHACHA20:!aRSA", "E256 E128 Echa", 0);
        check("EECDH+AESGCM:EDH+AESGCM:AES256+EECDH:AES256+EDH", "E256 R256 E128 R128", 16);
        check("ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384", "E128 R128 E256 R256 Echa Rcha", 2);
        check("ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384,AES128-SHA", "R128 R256", 1);
        check("AES128:AES256:@STRENGTH", "E256 R256 E128 R128", 38);
        check("AES128+ECDHE:AES256+ECDHE:+aRSA", "E128 E256 R128 R256", 12);
        check("HIGH:-ECDHE:ECDHE+AES128", "E128 R128", 51);
        check("HIGH:!RSA:ECDHE", "E256 R256 Echa Rcha E128 R128", 49);
        check("HIGH:JUNK:!NONSENSE", "E256 R256 Echa Rcha E128 R128", 65);
        check("HIGH:!kRSA:!DH:!CBC:@SECLEVEL=2", "E256 R256 Echa Rcha E128 R128", 8);
        check("CHACHA20:AESGCM:-DH:-kRSA", "Echa Rcha E256 R256 E128 R128", 0);
        check("-ALL:ECDHE+AESGCM", "E256 R256 E128 R128", 0);
        check("AES:!SHA1:!SHA256:!SHA384:+AESCCM", "E256 R256 E128 R128", 18);
        check("SHA256+aRSA:CHACHA20+aECDSA", "Echa", 10);
        check("TLSv1.2+AES128+ECDSA", "E128", 3);
        check("TLSv1:SSLv3:ECDHE-RSA-CHACHA20-POLY1305", "Rcha", 16);
        check("AESCCM8:ECDHE-ECDSA-AES128-GCM-SHA256", "E128", 6);
    }

    #[test]
    fn standard_names_are_names_too() {
        check("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256:ECDHE-RSA-AES256-GCM-SHA384", "R128 R256", 0);
    }

    #[test]
    fn unknown_words_are_skipped_and_named() {
        let parsed =
            parse_ciphers("HIGH:JUNK:!NONSENSE:ECDHE+TYPO:!DES-CBC3-SHA:!RC4").expect("HIGH is left");
        assert_eq!(parsed.unknown, ["JUNK", "!NONSENSE", "ECDHE+TYPO", "!DES-CBC3-SHA"]);
        assert_eq!(
            parse_ciphers("PROFILE=SYSTEM").expect("Red Hat's"),
            parse_ciphers("DEFAULT").expect("all")
        );
    }

    #[test]
    fn lists_that_leave_nothing() {
        let error = |list: &str| parse_ciphers(list).expect_err(list);
        for list in ["JUNK", "", "!ALL", "HIGH:!ALL", "eNULL:MD5:RC4", "ALL:-ALL", "high"] {
            assert_eq!(error(list), CipherError::NoMatch, "{list}");
        }
        assert_eq!(
            error("DHE-RSA-AES256-SHA:AES128-SHA"),
            CipherError::Unsupported(vec!["DHE-RSA-AES256-SHA", "AES128-SHA"])
        );
        assert_eq!(error("HIGH:@WEAKNESS"), CipherError::Word("@WEAKNESS".to_owned()));
        assert_eq!(error("HIGH:@SECLEVEL=9"), CipherError::Word("@SECLEVEL=9".to_owned()));
    }

    #[test]
    fn tls13_names() {
        let parsed =
            parse_tls13_ciphers("TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_256_GCM_SHA384");
        let parsed = parsed.expect("two are ours");
        assert_eq!(parsed.suites, [Suite::Aes128GcmSha256, Suite::Aes256GcmSha384]);
        assert_eq!(parsed.unsupported, ["TLS_AES_128_CCM_SHA256"]);
        assert_eq!(parse_tls13_ciphers("HIGH"), Err(CipherError::Word("HIGH".to_owned())));
        assert_eq!(parse_tls13_ciphers(""), Err(CipherError::NoMatch));
        let ccm = parse_tls13_ciphers("TLS_AES_128_CCM_8_SHA256");
        assert_eq!(ccm, Err(CipherError::Unsupported(vec!["TLS_AES_128_CCM_8_SHA256"])));
    }

    #[test]
    fn the_table_holds_every_suite_of_ours_once() {
        for suite in Suite::TLS12 {
            assert_eq!(ROWS.iter().filter(|row| row.openssl == suite.openssl_name()).count(), 1, "{suite:?}");
        }
        for (index, row) in ROWS.iter().enumerate() {
            assert!(
                !ROWS[..index].iter().any(|other| other.openssl == row.openssl || other.iana == row.iana)
            );
        }
    }
}
