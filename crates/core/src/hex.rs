//! Bytes as two hexadecimal digits, and back.

/// The digits of a byte, small ones.
pub(crate) fn lower(byte: u8) -> [u8; 2] {
    digits(byte, b"0123456789abcdef")
}

/// The digits of a byte, capitals.
pub(crate) fn upper(byte: u8) -> [u8; 2] {
    digits(byte, b"0123456789ABCDEF")
}

/// The byte whose digits a text begins with.
pub(crate) fn byte(text: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    match text {
        [high, low, ..] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    }
}

fn digits(byte: u8, digits: &[u8; 16]) -> [u8; 2] {
    [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]
}
