//! The head of a request as it goes out: its first line and its fields, byte for byte as httpd writes them. The framing
//! of the body and what becomes of the connection are added by whoever knows them.

use crate::error::Kind;

/// The first line of a request.
#[derive(Clone, Copy, Debug)]
pub struct RequestLine<'a> {
    /// The method.
    pub method: &'a [u8],
    /// The request target, in any bytes that a request line can hold.
    pub target: &'a [u8],
    /// As HTTP/1.0 (`force-proxy-request-1.0`).
    pub http10: bool,
}

impl RequestLine<'_> {
    /// The line and these fields; the empty line behind them is still to come.
    ///
    /// # Errors
    /// [`Kind::Unsendable`]: bytes that would end a line early, wherever they come from.
    pub fn head<'f>(&self, fields: impl Iterator<Item = (&'f [u8], &'f [u8])>) -> Result<Vec<u8>, Kind> {
        let word = |bytes: &[u8]| !bytes.is_empty() && bytes.iter().all(|byte| *byte > b' ' && *byte != 0x7f);
        if !word(self.method) || !word(self.target) {
            return Err(Kind::Unsendable);
        }
        let mut head = Vec::with_capacity(512);
        let version: &[u8] = if self.http10 { b" HTTP/1.0\r\n" } else { b" HTTP/1.1\r\n" };
        for part in [self.method, b" ", self.target, version] {
            head.extend_from_slice(part);
        }
        let breaks = |bytes: &[u8]| bytes.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0));
        for (name, value) in fields {
            if breaks(name) || breaks(value) {
                return Err(Kind::Unsendable);
            }
            for part in [name, b": ", value, b"\r\n"] {
                head.extend_from_slice(part);
            }
        }
        Ok(head)
    }
}
