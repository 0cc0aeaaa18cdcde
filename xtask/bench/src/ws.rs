//! As much of RFC 6455 as a measurement needs: the handshake, and whole frames.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

/// The key that all handshakes ask with; RFC 6455's own example.
pub(crate) const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// A frame of binary data.
pub(crate) const BINARY: u8 = 2;
/// A frame that closes.
pub(crate) const CLOSE: u8 = 8;

/// What stands in front of a frame's payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lead {
    pub(crate) opcode: u8,
    /// Where the payload begins.
    pub(crate) from: usize,
    /// Where it ends.
    pub(crate) to: usize,
    pub(crate) mask: Option<[u8; 4]>,
}

/// The answer to a key (section 4.2.2).
pub(crate) fn accept(key: &str) -> String {
    STANDARD.encode(Sha1::digest(format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11")))
}

/// Reads the lead of the frame in front of `bytes`; none if it is not all there.
pub(crate) fn lead(bytes: &[u8]) -> Option<Lead> {
    let (opcode, second) = (bytes.first()? & 0x0f, *bytes.get(1)?);
    let (length, mut from) = match second & 0x7f {
        126 => (u64::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)), 4),
        127 => (u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?), 10),
        short => (u64::from(short), 2),
    };
    let mut mask = None;
    if second & 0x80 != 0 {
        mask = Some(bytes.get(from..from + 4)?.try_into().ok()?);
        from += 4;
    }
    let to = from.checked_add(usize::try_from(length).ok()?)?;
    Some(Lead { opcode, from, to, mask })
}

/// Appends a frame.
pub(crate) fn push(out: &mut Vec<u8>, opcode: u8, payload: &[u8], mask: Option<[u8; 4]>) {
    out.push(0x80 | opcode);
    let masked = if mask.is_some() { 0x80 } else { 0 };
    match u16::try_from(payload.len()) {
        Ok(length) if length < 126 => out.push(masked | length as u8),
        Ok(length) => {
            out.push(masked | 126);
            out.extend_from_slice(&length.to_be_bytes());
        }
        Err(_) => {
            out.push(masked | 127);
            out.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    out.extend(mask.iter().flatten());
    let from = out.len();
    out.extend_from_slice(payload);
    unmask(&mut out[from..], mask);
}

/// Takes a mask off, or puts it on.
pub(crate) fn unmask(payload: &mut [u8], mask: Option<[u8; 4]>) {
    let Some(mask) = mask else { return };
    for four in payload.chunks_mut(mask.len()) {
        four.iter_mut().zip(mask).for_each(|(byte, key)| *byte ^= key);
    }
}

/// Where a head ends, the empty line included.
pub(crate) fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

/// The value of a field in a head.
pub(crate) fn field<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_the_one_of_the_standard() {
        assert_eq!(accept(KEY), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn frames_of_all_lengths_come_back() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            for mask in [None, Some([1, 2, 3, 4])] {
                let payload = vec![7; length];
                let mut out = Vec::new();
                push(&mut out, BINARY, &payload, mask);
                let lead = lead(&out).unwrap();
                assert_eq!((lead.opcode, lead.to, lead.mask), (BINARY, out.len(), mask));
                unmask(&mut out[lead.from..], mask);
                assert_eq!(out[lead.from..], payload);
            }
        }
    }

    #[test]
    fn what_is_not_all_there_is_waited_for() {
        let mut out = Vec::new();
        push(&mut out, BINARY, &[0; 300], Some([9; 4]));
        assert!((0..8).all(|length| lead(&out[..length]).is_none()));
        assert_eq!(head_end(b"HTTP/1.1 101 X\r\nA: b\r\n\r\n\x82"), Some(24));
        assert_eq!(field("X\r\nSec-Key: a \r\n", "sec-key"), Some("a"));
    }
}
