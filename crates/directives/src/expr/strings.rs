//! Text with variables, back references and escapes in it: quoted strings, function arguments after a colon, and
//! whole string expressions. The scanner's states `str`, `var` and `vararg`.

use super::grammar::{PART_MAX, Parsed, Parser, fail, unknown};
use super::{Problem, Word, token, vocabulary};

/// What ends a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Delimiter {
    /// The same quote that began it.
    Quote(u8),
    /// The `}` of `%{function:text}`.
    Brace,
    /// The end of the expression.
    End,
}

/// Text read so far: finished parts, and the fixed text behind them.
#[derive(Default)]
struct Parts {
    done: Vec<Word>,
    text: Vec<u8>,
}

impl Parts {
    fn push(&mut self, word: Word) {
        self.flush();
        self.done.push(word);
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.done.push(Word::Text(std::mem::take(&mut self.text)));
        }
    }

    fn finish(mut self) -> Word {
        self.flush();
        match self.done.len() {
            0 => Word::Text(Vec::new()),
            1 => self.done.remove(0),
            _ => Word::Concat(self.done),
        }
    }
}

impl Parser {
    /// The text up to its end, which is taken too.
    pub(super) fn text<'s>(&mut self, input: &'s [u8], delimiter: Delimiter) -> Parsed<'s, Word> {
        let mut parts = Parts::default();
        let mut rest = input;
        loop {
            if parts.text.len() >= PART_MAX {
                return fail(input, Problem::TooLong("string"));
            }
            rest = match (rest, delimiter) {
                ([], Delimiter::End) => return Ok((rest, parts.finish())),
                ([b'\n', ..] | [], _) => return fail(input, Problem::Unterminated("string or variable")),
                ([byte, tail @ ..], Delimiter::Quote(quote)) if *byte == quote => {
                    return Ok((tail, parts.finish()));
                }
                ([b'}', tail @ ..], Delimiter::Brace) => {
                    let empty = parts.done.is_empty() && parts.text.is_empty();
                    return if empty { fail(rest, no_argument()) } else { Ok((tail, parts.finish())) };
                }
                // httpd's scanner has no rule for this and ends the process.
                ([quote @ (b'"' | b'\''), ..], Delimiter::Brace) => {
                    let found = char::from(*quote).to_string();
                    return fail(
                        rest,
                        Problem::Unexpected { found, expected: "`}`; a quote is written `\\'`" },
                    );
                }
                ([b'\\', ..], _) => {
                    let (tail, byte) = escape(rest)?;
                    parts.text.push(byte);
                    tail
                }
                ([b'$', digit @ b'0'..=b'9', tail @ ..], _) => {
                    parts.push(Word::Backref(usize::from(digit - b'0')));
                    tail
                }
                ([b'%', b'{', tail @ ..], _) => {
                    let (tail, word) = self.variable(tail)?;
                    parts.push(word);
                    tail
                }
                ([byte, tail @ ..], _) => {
                    parts.text.push(*byte);
                    tail
                }
            };
        }
    }

    /// `NAME}` or `function:text}`, behind the `%{`.
    pub(super) fn variable<'s>(&mut self, input: &'s [u8]) -> Parsed<'s, Word> {
        let Ok((rest, name)) = token::name(input) else {
            return not_a_name(input, "a name");
        };
        match rest {
            [b'}', rest @ ..] => match vocabulary::variable(name) {
                Some((word, need)) => {
                    if let Some((name, facility)) = need {
                        self.need(input, name, Some(facility));
                    }
                    Ok((rest, word))
                }
                None => fail(input, unknown("variable", name)),
            },
            [b':', argument @ ..] => {
                let text = |parser: &mut Self| parser.text(argument, Delimiter::Brace);
                let (rest, argument) = self.nested(input, text)?;
                self.call(input, name, argument).map(|call| (rest, call))
            }
            _ => not_a_name(rest, "`}` or `:`"),
        }
    }
}

fn no_argument() -> Problem {
    Problem::Unexpected { found: "}".to_owned(), expected: "an argument" }
}

fn not_a_name<'s, T>(at: &'s [u8], expected: &'static str) -> Parsed<'s, T> {
    match at {
        [] | [b'\n', ..] => fail(at, Problem::Unterminated("string or variable")),
        [byte, ..] => {
            let found = String::from_utf8_lossy(&[*byte]).into_owned();
            fail(at, Problem::Unexpected { found, expected })
        }
    }
}

/// `\101`, `\n` and so on; any other byte behind a backslash stands for itself.
fn escape(input: &[u8]) -> Parsed<'_, u8> {
    let tail = &input[1..];
    let digits = tail.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits > 0 {
        let octal = std::str::from_utf8(&tail[..digits]).ok().filter(|_| digits <= 3);
        // A zero byte would end httpd's string right there.
        let byte = octal.and_then(|octal| u8::from_str_radix(octal, 8).ok()).filter(|byte| *byte != 0);
        return match byte {
            Some(byte) => Ok((&tail[digits..], byte)),
            None => fail(input, Problem::BadEscape),
        };
    }
    let Some((byte, rest)) = tail.split_first() else {
        return fail(input, Problem::Unterminated("string or variable"));
    };
    let byte = match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'f' => 12,
        other => *other,
    };
    Ok((rest, byte))
}
