//! How bytes from outside are written into logs, so that no line can be forged and no terminal be driven.

use crate::hex;

/// Appends an item of an access log (`ap_escape_logitem`): control bytes, quotes, backslashes and bytes beyond ASCII
/// are escaped.
pub fn access(out: &mut Vec<u8>, item: &[u8]) {
    for &byte in item {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            _ => escaped(out, byte),
        }
    }
}

/// Appends an item of an error log (`ap_escape_errorlog_item`): as in an access log, but quotes stay.
pub fn error(out: &mut Vec<u8>, item: &[u8]) {
    item.iter().for_each(|byte| escaped(out, *byte));
}

/// Appends text whose printable bytes stay as they are, backslashes and quotes included, where httpd escapes nothing.
pub(crate) fn control(out: &mut Vec<u8>, item: &[u8]) {
    for &byte in item {
        if byte.is_ascii_control() { escaped(out, byte) } else { out.push(byte) }
    }
}

fn escaped(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b' ' | b'!'..=b'[' | b']'..=b'~' => return out.push(byte),
        b'\\' => b'\\',
        0x08 => b'b',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x0b => b'v',
        _ => {
            out.extend_from_slice(b"\\x");
            return out.extend_from_slice(&hex::lower(byte));
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}
