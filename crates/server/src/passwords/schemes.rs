//! How passwords are stored by htpasswd and crypt(3), and whether one is right (`apr_password_validate`).

use sha_crypt::{PasswordVerifier, ShaCrypt};
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

use super::{des_crypt, md5_crypt};

/// crypt(3) takes no longer passwords (CRYPT_MAX_PASSPHRASE_SIZE of libxcrypt), and sha-crypt's time grows with their
/// length squared.
const LONGEST: usize = 511;

/// Whether a password is the one that is stored. Plain text is never right, nor is a scheme that is not known here.
pub(super) fn is_right(stored: &[u8], password: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(stored) else { return false };
    let short = password.len() <= LONGEST;
    if ["$2a$", "$2b$", "$2y$"].iter().any(|scheme| text.starts_with(scheme)) {
        bcrypt::verify(password, text).unwrap_or(false)
    } else if let Some(digest) = text.strip_prefix("{SHA}") {
        use base64::Engine as _;
        same(
            base64::engine::general_purpose::STANDARD.encode(Sha1::digest(password)).as_bytes(),
            digest.as_bytes(),
        )
    } else if text.starts_with("$apr1$") {
        md5_crypt::hash("$apr1$", text, password).is_some_and(|hash| same(hash.as_bytes(), stored))
    } else if text.starts_with("$1$") {
        short && md5_crypt::hash("$1$", text, password).is_some_and(|hash| same(hash.as_bytes(), stored))
    } else if text.starts_with("$5$") || text.starts_with("$6$") {
        short && ShaCrypt::default().verify_password(password, text).is_ok()
    } else if text.starts_with('$') || text.starts_with('_') {
        let scheme = text.split('$').nth(1).unwrap_or("_");
        log::error!(target: "authn_file", "a password is stored in a way that is not supported: ${scheme}$");
        false
    } else {
        short && des_crypt::hash(stored, password).is_some_and(|hash| same(&hash, stored))
    }
}

fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::is_right;

    /// Made by htpasswd, mkpasswd and crypt(3) of libxcrypt.
    const VECTORS: &[(&str, &str)] = &[
        ("secret", "$2y$05$FMgRbLefRtdJN3O6kLzul.TypbdVX61ingSA9CrhhUKe5nLk0AKsC"),
        ("secret", "$apr1$R3uKHjJp$48CgzWnthAzUt1NecYHD9."),
        ("secret", "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="),
        ("secret", "VztUn5sGsGOWk"),
        (
            "secret",
            "$6$QWu73R5r72R1xRPS$uDn2CoWor52UkRRhNlcFnM63Esf0KCnrnU5qJW7GwaDCLJ1JHYCC0VpYRiPJTKvICeImTNNZ9E0OuH18ioBq6/",
        ),
        ("password", "xxj31ZMTZzkVA"),
        ("a", "aZmLN40P1zohI"),
        ("passwort", "./C2RMXg3b2eg"),
        ("longer than eight", "zz.JiwC6aD7cA"),
        ("pässwörd", "9.JN1SKAvX.b2"),
        ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "AbOSLzObP1kI6"),
        ("0123456789abcdef", "..CLhDdSZ8LZM"),
        ("a", "$1$saltsalt$MzDjbImyzEz2m0NTiPzNW/"),
        ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "$1$s$/qU56AV814za6ztngbplW."),
        ("pässwörd", "$1$12345678$mQ1/t.WwP76MO4VquZEL.0"),
        ("a", "$5$saltstring$7cz4bTeQ7MnNssphNhFVrITtuJYY/1tdvLL2uzLvOk8"),
        ("0123456789abcdef0", "$5$rounds=1234$saltstringsaltst$Ice0mp4TO/zR4XWmfEroikJbFDSapm6D7aRGBgb/CH1"),
        (
            "pässwörd",
            "$6$rounds=1000$x$.zeaToU/B50nxlzklljjBgMM014UOhX9eVsa19o.uZZ2KYqSNXsiLOV5KqHQleguPC67RAAGwYlvc/VtE6DRf/",
        ),
        ("a", "$2b$04$abcdefghijklmnopqrstuuMFdJu9yVgmagVAIC24fOZkaFqd3s9JC"),
        ("pässwörd", "$2y$04$abcdefghijklmnopqrstuuyx2n0Zzopyr9QuYTMCfOJJOj526QVoC"),
        (
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "$2a$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i",
        ),
        ("a", "$apr1$abcdefgh$G8IsPsylW5ROvIKsQMRG61"),
        ("pässwörd", "$apr1$abcdefgh$030j6I3f1zNCF9tihqdd11"),
        ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "$apr1$abcdefgh$7h4098paklNpzdB9KwCdh/"),
    ];

    #[test]
    fn every_scheme() {
        for (password, stored) in VECTORS {
            assert!(is_right(stored.as_bytes(), password.as_bytes()), "{stored}");
            assert!(!is_right(stored.as_bytes(), b"Secret"), "{stored}");
            assert!(!is_right(stored.as_bytes(), b""), "{stored}");
            assert!(!is_right(&stored.as_bytes()[..stored.len() - 1], password.as_bytes()), "cut: {stored}");
            assert!(!is_right(format!("{stored}x").as_bytes(), password.as_bytes()), "longer: {stored}");
        }
    }

    #[test]
    fn what_is_never_right() {
        for (password, stored) in [
            ("secret", "secret"),
            ("", ""),
            ("aaaaaaaaaaaaa", "aaaaaaaaaaaaa"),
            ("x", "$2y$05$"),
            ("x", "$2y$99$FMgRbLefRtdJN3O6kLzul.TypbdVX61ingSA9CrhhUKe5nLk0AKsC"),
            ("x", "$apr1$"),
            ("x", "$1$"),
            ("x", "$6$"),
            ("x", "$6$rounds=99999999999$x$y"),
            ("x", "$y$j9T$abc$def"),
            ("x", "*"),
            ("x", "!VztUn5sGsGOWk"),
        ] {
            assert!(!is_right(stored.as_bytes(), password.as_bytes()), "{stored}");
        }
        assert!(!is_right(b"\xff", b"\xff"));
    }

    proptest::proptest! {
        /// Nothing that stands in a file panics, and nothing but a hash is right.
        #[test]
        fn nothing_else_is_right(
            stored in r"(\$(1|apr1|5|6)\$(rounds=1000\$)?|\{SHA\}|)[./a-zA-Z0-9$+=\PC]{0,24}",
            password in ".{0,12}",
        ) {
            proptest::prop_assert!(!is_right(stored.as_bytes(), password.as_bytes()));
        }
    }
}
