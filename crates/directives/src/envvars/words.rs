//! The words of a shell line, as far as [`super`] needs them.

use std::collections::BTreeMap;

use crate::fnmatch::{Flags, fnmatch};

/// How deep `${A:-${B:-...}}` may go.
const MAX_DEPTH: usize = 16;

/// The longest value and the longest pattern that an operator looks at: every cut of the one is tried.
const MAX_TEXT: usize = 1024;
const MAX_PATTERN: usize = 64;

/// One word: pieces that are joined after expansion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// Text outside of quotes.
    Bare(String),
    /// Text that was in quotes or behind a backslash.
    Quoted(String),
    /// `$NAME`, `${NAME}` and `${NAME op word}`.
    Variable(String, Option<(Operator, Word)>),
    /// What only a shell can do.
    Foreign,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    /// `:-`
    UnlessFilled,
    /// `-`
    UnlessSet,
    /// `#` and `##`
    WithoutStart { longest: bool },
    /// `%` and `%%`
    WithoutEnd { longest: bool },
}

impl Word {
    /// The word if it is plain text without quotes: a keyword, a name.
    pub(super) fn as_plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Piece::Bare(text)] => Some(text),
            _ => None,
        }
    }

    /// `NAME=value`.
    pub(super) fn assignment(&self) -> Option<(&str, Self)> {
        let [Piece::Bare(first), behind @ ..] = self.0.as_slice() else { return None };
        let (name, start) = first.split_once('=')?;
        let is_name =
            name.chars().all(is_name_char) && !name.starts_with(|first: char| first.is_ascii_digit());
        let start = std::iter::once(Piece::Bare(start.to_owned()));
        (is_name && !name.is_empty()).then(|| (name, Self(start.chain(behind.iter().cloned()).collect())))
    }

    /// The word's value; `None` if it is beyond this file's shell, or longer than `limit`.
    pub(super) fn expand(&self, values: &BTreeMap<String, String>, limit: usize) -> Option<String> {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Bare(text) | Piece::Quoted(text) => out.push_str(text),
                Piece::Variable(name, operation) => {
                    let value = values.get(name).map(String::as_str);
                    match operation {
                        None => out.push_str(value.unwrap_or_default()),
                        Some((operator, word)) => {
                            out.push_str(operator.apply(value, &word.expand(values, limit)?)?);
                        }
                    }
                }
                Piece::Foreign => return None,
            }
            if out.len() > limit {
                return None;
            }
        }
        Some(out)
    }
}

impl Operator {
    /// What the operator leaves; `None` where finding out would take long.
    fn apply<'a>(self, value: Option<&'a str>, word: &'a str) -> Option<&'a str> {
        let text = value.unwrap_or_default();
        if text.len() > MAX_TEXT || word.len() > MAX_PATTERN {
            return None;
        }
        let matches = |part: &str| fnmatch(word.as_bytes(), part.as_bytes(), Flags::default());
        let mut cuts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        Some(match self {
            Self::UnlessFilled if text.is_empty() => word,
            Self::UnlessSet if value.is_none() => word,
            Self::UnlessFilled | Self::UnlessSet => text,
            Self::WithoutStart { longest: false } => {
                cuts.find(|at| matches(&text[..*at])).map_or(text, |at| &text[at..])
            }
            Self::WithoutStart { longest: true } => {
                cuts.rfind(|at| matches(&text[..*at])).map_or(text, |at| &text[at..])
            }
            Self::WithoutEnd { longest: false } => {
                cuts.rfind(|at| matches(&text[*at..])).map_or(text, |at| &text[..at])
            }
            Self::WithoutEnd { longest: true } => {
                cuts.find(|at| matches(&text[*at..])).map_or(text, |at| &text[..at])
            }
        })
    }
}

/// The commands of a line, each as its words; a line with an open quote or bracket has none.
pub(super) fn words(line: &str) -> Vec<Vec<Word>> {
    let mut scanner = Scanner { line, at: 0, depth: 0 };
    let mut commands = vec![Vec::new()];
    loop {
        scanner.skip(|next| next.is_ascii_whitespace());
        match scanner.peek() {
            None | Some('#') => return commands,
            Some(';' | '&' | '|') => {
                scanner.at += 1;
                commands.push(Vec::new());
            }
            Some(_) => {
                let Some(pieces) = scanner.pieces(Until::WordEnd) else { return Vec::new() };
                if let Some(command) = commands.last_mut() {
                    command.push(Word(pieces));
                }
            }
        }
    }
}

/// Where a run of pieces ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    WordEnd,
    Quote,
    Brace,
}

struct Scanner<'a> {
    line: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<char> {
        self.line[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Passes over what is meant and gives it.
    fn skip(&mut self, meant: impl Fn(char) -> bool) -> &'a str {
        let left = &self.line[self.at..];
        let end = left.find(|next| !meant(next)).unwrap_or(left.len());
        self.at += end;
        &left[..end]
    }

    /// Passes over the rest of something that ends in `end` and gives what is before that.
    fn skip_to(&mut self, end: char) -> Option<&'a str> {
        let left = &self.line[self.at..];
        let found = left.find(end)?;
        self.at += found + end.len_utf8();
        Some(&left[..found])
    }

    fn pieces(&mut self, until: Until) -> Option<Vec<Piece>> {
        let mut pieces = Vec::new();
        loop {
            let next = self.peek();
            match (until, next) {
                (Until::WordEnd, None | Some(' ' | '\t' | '\r' | ';' | '&' | '|')) => return Some(pieces),
                (Until::Quote, Some('"')) | (Until::Brace, Some('}')) => {
                    self.at += 1;
                    return Some(pieces);
                }
                _ => {}
            }
            match (until, self.next()?) {
                (_, '$') => pieces.push(self.variable()?),
                (_, '`') => {
                    self.skip_to('`')?;
                    pieces.push(Piece::Foreign);
                }
                (Until::Quote, '\\') => match self.peek() {
                    Some(next @ ('$' | '`' | '"' | '\\')) => {
                        self.at += 1;
                        pieces.push(Piece::Quoted(next.to_string()));
                    }
                    _ => pieces.push(Piece::Quoted("\\".to_owned())),
                },
                (Until::Quote, next) => add(&mut pieces, next),
                (_, '\\') => pieces.push(Piece::Quoted(self.next().map(String::from).unwrap_or_default())),
                (_, '\'') => pieces.push(Piece::Quoted(self.skip_to('\'')?.to_owned())),
                (_, '"') => {
                    pieces.push(Piece::Quoted(String::new()));
                    pieces.extend(self.pieces(Until::Quote)?);
                }
                (_, '<' | '>' | '(' | ')') => pieces.push(Piece::Foreign),
                (_, next) => add(&mut pieces, next),
            }
        }
    }

    /// What follows a dollar.
    fn variable(&mut self) -> Option<Piece> {
        match self.peek() {
            Some('(') => {
                self.skip_to(')')?;
                Some(Piece::Foreign)
            }
            Some('{') => {
                self.at += 1;
                self.braces()
            }
            _ => {
                let name = self.skip(is_name_char);
                let plain = name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit());
                Some(if plain {
                    Piece::Bare(format!("${name}"))
                } else {
                    Piece::Variable(name.to_owned(), None)
                })
            }
        }
    }

    fn braces(&mut self) -> Option<Piece> {
        let name = self.skip(is_name_char).to_owned();
        let operators = [
            (":-", Operator::UnlessFilled),
            ("-", Operator::UnlessSet),
            ("##", Operator::WithoutStart { longest: true }),
            ("#", Operator::WithoutStart { longest: false }),
            ("%%", Operator::WithoutEnd { longest: true }),
            ("%", Operator::WithoutEnd { longest: false }),
        ];
        let left = &self.line[self.at..];
        let operator = operators.into_iter().find(|(sign, _)| left.starts_with(sign));
        let Some((sign, operator)) = operator.filter(|_| !name.is_empty()) else {
            let plain = self.skip_to('}')?.is_empty() && !name.is_empty();
            return Some(if plain { Piece::Variable(name, None) } else { Piece::Foreign });
        };
        self.at += sign.len();
        self.depth += 1;
        let word = Word(if self.depth > MAX_DEPTH { return None } else { self.pieces(Until::Brace)? });
        self.depth -= 1;
        Some(Piece::Variable(name, Some((operator, word))))
    }
}

fn add(pieces: &mut Vec<Piece>, next: char) {
    match pieces.last_mut() {
        Some(Piece::Bare(text)) => text.push(next),
        _ => pieces.push(Piece::Bare(next.to_string())),
    }
}

fn is_name_char(next: char) -> bool {
    next.is_ascii_alphanumeric() || next == '_'
}
