//! md5-crypt, and Apache's variant of it (`apr_md5_encode`): a thousand rounds of MD5 over password and salt.

use md5::{Digest, Md5};

/// crypt(3)'s digits for six bits.
pub(super) const DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A password hashed with the salt of a stored hash, in the form that is stored. None if there is no salt.
pub(super) fn hash(magic: &str, stored: &str, password: &[u8]) -> Option<String> {
    let salt = stored.strip_prefix(magic)?.split('$').next()?;
    let salt = &salt.as_bytes()[..salt.len().min(8)];
    let digest = digest(magic.as_bytes(), salt, password);
    let mut text = format!("{magic}{}$", std::str::from_utf8(salt).ok()?);
    let byte = |at: usize| u32::from(digest[at]);
    for group in [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]] {
        push_digits(&mut text, byte(group[0]) << 16 | byte(group[1]) << 8 | byte(group[2]), 4);
    }
    push_digits(&mut text, byte(11), 2);
    Some(text)
}

fn push_digits(text: &mut String, mut bits: u32, count: usize) {
    for _ in 0..count {
        text.push(char::from(DIGITS[(bits & 63) as usize]));
        bits >>= 6;
    }
}

fn digest(magic: &[u8], salt: &[u8], password: &[u8]) -> [u8; 16] {
    let inner: [u8; 16] =
        Md5::new().chain_update(password).chain_update(salt).chain_update(password).finalize().into();
    let mut first = Md5::new().chain_update(password).chain_update(magic).chain_update(salt);
    let mut left = password.len();
    while left > 0 {
        first.update(&inner[..left.min(16)]);
        left = left.saturating_sub(16);
    }
    let mut bits = password.len();
    while bits > 0 {
        first.update(if bits & 1 == 1 { &[0] } else { &password[..1] });
        bits >>= 1;
    }
    let mut digest: [u8; 16] = first.finalize().into();
    for round in 0..1000 {
        let mut next = Md5::new();
        let (before, behind) = if round & 1 == 1 { (password, &digest[..]) } else { (&digest[..], password) };
        next.update(before);
        if round % 3 != 0 {
            next.update(salt);
        }
        if round % 7 != 0 {
            next.update(password);
        }
        next.update(behind);
        digest = next.finalize().into();
    }
    digest
}
