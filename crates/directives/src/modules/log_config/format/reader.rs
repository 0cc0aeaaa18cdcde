//! Reads a log format (httpd's `parse_log_string`).

use std::fmt;

use super::codes::{long_code, short_code};
use super::{Field, Item, Statuses, Which};
use crate::percent::{Cursor, unescaped};

/// Which modules' codes are there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codes {
    /// mod_logio's.
    pub(crate) logio: bool,
    /// mod_ssl's.
    pub(crate) ssl: bool,
}

/// Why a format cannot be read, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadFormat {
    /// The byte at fault.
    pub(crate) offset: usize,
    /// The letter that is no code, or none where the format ends too early.
    code: Option<u8>,
}

impl BadFormat {
    /// The module that would bring the code.
    pub(crate) fn module(self) -> Option<&'static str> {
        match self.code? {
            b'I' | b'O' | b'S' => Some("mod_logio"),
            b'x' | b'c' => Some("mod_ssl"),
            _ => None,
        }
    }
}

impl fmt::Display for BadFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "%{} is no code of a log format", code.escape_ascii()),
            None => f.write_str("the format ends within a code"),
        }
    }
}

/// The items of a format.
pub(super) fn items(text: &[u8], codes: Codes) -> Result<Vec<Item>, BadFormat> {
    let mut reader = Reader { cursor: Cursor::new(text), codes };
    let mut items = Vec::new();
    loop {
        match reader.cursor.rest() {
            [] => return Ok(items),
            [b'%', b'%', ..] => {
                reader.cursor.at += 2;
                push_text(&mut items, b"%");
            }
            [b'%', ..] => items.push(Item::Field(reader.field()?)),
            _ => push_text(&mut items, &reader.literal()),
        }
    }
}

fn push_text(items: &mut Vec<Item>, text: &[u8]) {
    match items.last_mut() {
        Some(Item::Text(last)) => last.extend_from_slice(text),
        _ => items.push(Item::Text(text.to_vec())),
    }
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    codes: Codes,
}

/// What stands between `%` and the code.
#[derive(Default)]
struct Modifiers<'a> {
    negated: bool,
    statuses: Vec<u16>,
    which: Option<Which>,
    argument: &'a [u8],
}

impl Reader<'_> {
    /// Text up to the next `%`.
    fn literal(&mut self) -> Vec<u8> {
        let rest = self.cursor.rest();
        let length = rest.iter().position(|byte| *byte == b'%').unwrap_or(rest.len());
        self.cursor.at += length;
        unescaped(&rest[..length])
    }

    /// httpd's `parse_log_item`.
    fn field(&mut self) -> Result<Field, BadFormat> {
        self.cursor.at += 1;
        let mut modifiers = Modifiers::default();
        while let Some(byte) = self.cursor.peek() {
            match byte {
                b'!' => modifiers.negated = !modifiers.negated,
                b'<' => modifiers.which = Some(Which::Original),
                b'>' => modifiers.which = Some(Which::Final),
                b',' => {}
                b'{' => {
                    modifiers.argument = self.cursor.argument();
                    continue;
                }
                b'0'..=b'9' => {
                    modifiers.statuses.push(self.cursor.number());
                    continue;
                }
                _ => return self.code(modifiers),
            }
            self.cursor.at += 1;
        }
        Err(BadFormat { offset: self.cursor.at, code: None })
    }

    fn code(&mut self, modifiers: Modifiers<'_>) -> Result<Field, BadFormat> {
        let rest = self.cursor.rest();
        let long = rest.get(..3).and_then(|code| long_code(code, self.codes, modifiers.argument));
        let (len, what) = match long {
            Some(what) => (3, Some(what)),
            None => (1, short_code(rest[0], self.codes, modifiers.argument)),
        };
        let Some(what) = what else {
            return Err(BadFormat { offset: self.cursor.at, code: Some(rest[0]) });
        };
        self.cursor.at += len;
        let which = modifiers.which.unwrap_or(
            if matches!(&rest[0], b'L' | b'r' | b'D' | b'T' | b'U' | b's' | b'R') {
                Which::Original
            } else {
                Which::Final
            },
        );
        let some = !modifiers.statuses.is_empty();
        let statuses = some.then_some(Statuses { negated: modifiers.negated, list: modifiers.statuses });
        Ok(Field { what, which, statuses })
    }
}
