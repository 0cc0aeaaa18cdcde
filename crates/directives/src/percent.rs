//! What formats with `%` codes have in common, whatever the codes mean: digits, arguments in braces, escapes.

/// A format as it is read.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    /// All of it.
    pub(crate) text: &'a [u8],
    /// How far it is read, in bytes.
    pub(crate) at: usize,
}

impl<'a> Cursor<'a> {
    /// A format that is to be read.
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// What is not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.text[self.at..]
    }

    /// The next byte.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Reads the text in the braces that open here; several closing ones count as one (`ap_getword`).
    pub(crate) fn argument(&mut self) -> &'a [u8] {
        let inside = &self.text[self.at + 1..];
        let len = inside.iter().position(|byte| *byte == b'}').unwrap_or(inside.len());
        let closing = inside[len..].iter().take_while(|byte| **byte == b'}').count();
        self.at += 1 + len + closing;
        &inside[..len]
    }

    /// Reads the digits that stand here; what is too large is the largest number there is.
    pub(crate) fn number(&mut self) -> u16 {
        let mut number = 0_u16;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            number = number.saturating_mul(10).saturating_add(u16::from(digit - b'0'));
            self.at += 1;
        }
        number
    }
}

/// Resolves `\\`, `\r`, `\n` and `\t`; any other backslash is one.
pub(crate) fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        let (byte, tail) = match rest {
            [] => return out,
            [b'\\', b'\\', tail @ ..] => (b'\\', tail),
            [b'\\', b'r', tail @ ..] => (b'\r', tail),
            [b'\\', b'n', tail @ ..] => (b'\n', tail),
            [b'\\', b't', tail @ ..] => (b'\t', tail),
            [byte, tail @ ..] => (*byte, tail),
        };
        out.push(byte);
        rest = tail;
    }
}
