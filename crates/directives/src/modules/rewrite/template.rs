//! Texts with `$1`, `%1`, `%{NAME}` and `${map:key|default}` in them (`do_expand`). What a request brings is never
//! looked at for such marks, so a text is taken apart once, when it is read.

use crate::expr::{self, Word};
use crate::interpret::Problem;
use crate::words::{Arg, strip_caseless};

/// The longest text that is taken apart; httpd's longest request line is shorter.
const LENGTH_MAX: usize = 8192;

/// Braces inside each other.
const DEPTH_MAX: usize = 64;

/// Looks ahead of a look ahead; LimitInternalRecursion ends them at request time.
const AHEAD_MAX: usize = 10;

/// A text to be filled for a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template(pub Vec<Part>);

/// A part of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text as it stands.
    Text(Vec<u8>),
    /// A byte behind a backslash; a `?` among them does not count as the place of the query.
    Escaped(u8),
    /// `$0` to `$9`: a group of the rule's pattern.
    Rule(usize),
    /// `%0` to `%9`: a group of the last condition's pattern.
    Condition(usize),
    /// `%{NAME}`.
    Variable(Name),
    /// `${map:key|default}`.
    Map {
        /// The map's name.
        map: Box<[u8]>,
        /// The key.
        key: Template,
        /// What stands for it where the map has no such key.
        default: Option<Template>,
    },
}

/// What stands between `%{` and `}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// A variable that expressions have, too.
    Variable(expr::Variable),
    /// `SERVER_ADDR`, which they have not.
    ServerAddr,
    /// `HTTP:name` and `HTTP_HOST` and its like: a field of the request.
    Header(Box<str>),
    /// `ENV:name`.
    Env(Box<[u8]>),
    /// `SSL:name`, as expressions have it.
    Ssl(Word),
    /// `LA-U:name`, `LA-F:name`: what the variable will be.
    LookAhead(LookAhead, Box<Name>),
    /// No variable: empty.
    Unknown(Box<str>),
}

/// How far a look ahead goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookAhead {
    /// All phases of a request for the URL.
    Url,
    /// Those of a request for the file.
    File,
}

impl Template {
    /// Takes the text of an argument apart.
    pub(super) fn read(arg: &Arg) -> Result<Self, Problem> {
        let mut depth: usize = 0;
        let mut deepest = 0;
        for byte in arg.as_bytes() {
            match byte {
                b'{' => depth += 1,
                b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            deepest = deepest.max(depth);
        }
        if arg.bytes.len() > LENGTH_MAX || deepest > DEPTH_MAX {
            return Err(Problem::at(arg, format!("longer than {LENGTH_MAX} bytes, or nested too deeply")));
        }
        Ok(Self::parse(arg.as_bytes()))
    }

    /// Takes a text apart.
    pub(super) fn parse(text: &[u8]) -> Self {
        let mut parts = Vec::new();
        let mut plain = Vec::new();
        let mut left = text;
        while let Some(byte) = left.first() {
            let (part, length) = match left {
                [b'\\', escaped, ..] => (Some(Part::Escaped(*escaped)), 2),
                [b'$', digit @ b'0'..=b'9', ..] => (Some(Part::Rule(usize::from(digit - b'0'))), 2),
                [b'%', digit @ b'0'..=b'9', ..] => (Some(Part::Condition(usize::from(digit - b'0'))), 2),
                [mark @ (b'$' | b'%'), b'{', inside @ ..] => braced(*mark, inside),
                _ => (None, 1),
            };
            match part {
                Some(part) => {
                    if !plain.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut plain)));
                    }
                    parts.push(part);
                }
                None if length == 2 => plain.extend_from_slice(&left[..2]),
                None => plain.push(*byte),
            }
            left = &left[length..];
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Self(parts)
    }

    /// All parts, those of keys and defaults included.
    pub fn walk(&self, visit: &mut dyn FnMut(&Part)) {
        for part in &self.0 {
            visit(part);
            if let Part::Map { key, default, .. } = part {
                key.walk(visit);
                if let Some(default) = default {
                    default.walk(visit);
                }
            }
        }
    }
}

/// What `%{` or `${` begins, and how long it is; no part, and the two bytes, if it is nothing.
fn braced(mark: u8, inside: &[u8]) -> (Option<Part>, usize) {
    let Some(length) = find(inside, b'}', true) else { return (None, 2) };
    let (content, whole) = (&inside[..length], length + 3);
    if mark == b'%' {
        return (Some(Part::Variable(Name::parse(content))), whole);
    }
    let Some(colon) = find(inside, b':', false) else { return (None, 2) };
    let behind = &content[colon + 1..];
    let bar = find(&inside[colon + 1..], b'|', false);
    let key = Template::parse(&behind[..bar.unwrap_or(behind.len())]);
    let default = bar.map(|bar| Template::parse(&behind[bar + 1..])).filter(|default| !default.0.is_empty());
    (Some(Part::Map { map: content[..colon].into(), key, default }), whole)
}

/// Where a byte stands outside of inner braces; nowhere behind the brace that closes the outer one, unless that is
/// what is looked for.
fn find(text: &[u8], wanted: u8, closing: bool) -> Option<usize> {
    let mut depth = 1;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            byte if *byte == wanted && depth == 1 => return Some(at),
            b'}' if !closing && depth == 1 => return None,
            b'}' => depth -= 1,
            b'{' => depth += 1,
            _ => {}
        }
    }
    None
}

impl Name {
    /// A variable by its name (`lookup_variable`); letter case does not count.
    pub fn parse(name: &[u8]) -> Self {
        Self::parse_ahead(name, 0)
    }

    fn parse_ahead(name: &[u8], ahead: usize) -> Self {
        let prefixed = |prefix: &[u8]| strip_caseless(name, prefix).filter(|rest| !rest.is_empty());
        let text = || String::from_utf8_lossy(name).into_owned().into_boxed_str();
        if ahead > AHEAD_MAX {
            return Self::Unknown(text());
        }
        if let Some(rest) = prefixed(b"ENV:") {
            return Self::Env(rest.into());
        }
        if let Some(rest) = prefixed(b"SSL:") {
            return Self::Ssl(Word::ssl(rest));
        }
        if let Some(rest) = prefixed(b"HTTP:") {
            return Self::Header(String::from_utf8_lossy(rest).into());
        }
        if let Some(rest) = prefixed(b"LA-U:") {
            return Self::LookAhead(LookAhead::Url, Box::new(Self::parse_ahead(rest, ahead + 1)));
        }
        if let Some(rest) = prefixed(b"LA-F:") {
            return Self::LookAhead(LookAhead::File, Box::new(Self::parse_ahead(rest, ahead + 1)));
        }
        if name.eq_ignore_ascii_case(b"SERVER_ADDR") {
            return Self::ServerAddr;
        }
        match Word::variable(name) {
            Some(Word::Variable(variable)) if !only_in_expressions(variable) => Self::Variable(variable),
            Some(Word::Call(expr::Function::Request, field)) => match *field {
                Word::Text(field) => Self::Header(String::from_utf8_lossy(&field).into()),
                _ => Self::Unknown(text()),
            },
            _ => Self::Unknown(text()),
        }
    }
}

/// Variables that mod_rewrite does not have.
fn only_in_expressions(variable: expr::Variable) -> bool {
    use expr::Variable as V;
    matches!(
        variable,
        V::ConnLogId
            | V::ContentType
            | V::DocumentUri
            | V::Handler
            | V::Http2
            | V::LastModified
            | V::RequestLogId
            | V::RequestStatus
    )
}
