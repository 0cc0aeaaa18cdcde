//! Values with format codes: `%t`, `%{NAME}e`.

use crate::expr::Word;
use crate::interpret::Problem;
use crate::percent::unescaped;
use crate::words::Arg;

/// A part of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text, escapes resolved.
    Text(Box<[u8]>),
    /// `%{NAME}e`: a variable of the request's environment.
    Env(Box<str>),
    /// `%{NAME}s`: a variable of mod_ssl, as expressions have it.
    Ssl(Word),
    /// `%D`: microseconds since the request came.
    Duration,
    /// `%t`: when the request came, microseconds since 1970.
    Received,
}

/// A value as an argument gives it.
pub(super) fn parse(arg: &Arg) -> Result<Vec<Piece>, Problem> {
    pieces(arg.as_bytes()).map_err(|(at, unknown)| refused(arg, at, &unknown))
}

/// httpd's `parse_format_string`; an error with its place.
fn pieces(text: &[u8]) -> Result<Vec<Piece>, (usize, Unknown)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let (piece, length) = match &text[at..] {
            [b'%'] => (Piece::Text((*b"%").into()), 1),
            [b'%', b'%', ..] => (Piece::Text((*b"%").into()), 2),
            [b'%', code @ ..] => {
                let (piece, length) = coded(code).map_err(|unknown| (at, unknown))?;
                (piece, length + 1)
            }
            rest => {
                let length = rest.iter().position(|byte| *byte == b'%').unwrap_or(rest.len());
                (Piece::Text(unescaped(&rest[..length]).into()), length)
            }
        };
        found.push(piece);
        at += length;
    }
    Ok(found)
}

enum Unknown {
    Code(char),
    Load(char),
}

fn refused(arg: &Arg, at: usize, unknown: &Unknown) -> Problem {
    match unknown {
        Unknown::Code(code) => Problem::within(arg, at, format!("unrecognized header format %{code}"))
            .help("write %% for a percent sign"),
        Unknown::Load(code) => {
            Problem::within(arg, at, format!("%{code} tells the load of httpd's pool of workers"))
                .code("refused")
                .help("wsgate has no such pool: leave it out")
        }
    }
}

/// A code behind the percent sign, and how many bytes it has.
fn coded(text: &[u8]) -> Result<(Piece, usize), Unknown> {
    let (argument, length) = match text {
        [b'{', rest @ ..] => {
            let end = rest.iter().position(|byte| *byte == b'}').unwrap_or(rest.len());
            (&rest[..end], (end + 2).min(text.len()))
        }
        _ => (&b""[..], 0),
    };
    let piece = match text.get(length) {
        Some(b'D') => Piece::Duration,
        Some(b't') => Piece::Received,
        Some(b'e') => Piece::Env(String::from_utf8_lossy(argument).into()),
        Some(b's') => Piece::Ssl(Word::ssl(argument)),
        Some(code @ (b'l' | b'i' | b'b')) => return Err(Unknown::Load(char::from(*code))),
        Some(code) => return Err(Unknown::Code(char::from(*code))),
        None => return Err(Unknown::Code(' ')),
    };
    Ok((piece, length + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let text = |text: &str| Piece::Text(text.as_bytes().into());
        let cases = [
            ("", Some(vec![])),
            ("plain", Some(vec![text("plain")])),
            ("100%", Some(vec![text("100"), text("%")])),
            ("%%D", Some(vec![text("%"), text("D")])),
            ("t=%t;%D", Some(vec![text("t="), Piece::Received, text(";"), Piece::Duration])),
            ("%{A}e%{SSL_X}s", Some(vec![Piece::Env("A".into()), Piece::Ssl(Word::ssl(b"SSL_X"))])),
            (r"a\tb\x\\", Some(vec![text("a\tb\\x\\")])),
            ("%{A}", None),
            ("%{A", None),
            ("%x", None),
            ("%l", None),
        ];
        for (value, expected) in cases {
            assert_eq!(pieces(value.as_bytes()).ok(), expected, "{value}");
        }
    }
}
