//! A logical line to its name and raw arguments, as ap_build_config_sub takes it apart.

use memchr::memrchr;

use crate::words::{Arg, RawArgs};

/// What a line does to the nesting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `Name args`.
    Directive,
    /// `<Name args>`.
    Open,
    /// `</Name>`.
    Close,
}

/// A line that says something.
#[derive(Clone, Debug)]
pub struct Statement {
    /// What it does to the nesting.
    pub kind: Kind,
    /// The name without angle brackets, as it is written.
    pub name: Arg,
    /// What stands behind the name; of an opening line, what stands before its last `>`.
    pub args: RawArgs,
    /// What stands behind the last `>` of an opening line; httpd drops it.
    pub behind: RawArgs,
    /// Whether the `>` of an opening or closing line is there.
    pub bracket: bool,
}

/// Takes a line apart; `None` if nothing is left of it.
///
/// httpd's quirks: a quoted name is a name, `Name>` is `Name`, `<Name` without any argument needs no `>`.
pub fn statement(line: &RawArgs) -> Option<Statement> {
    let mut words = line.words();
    let mut name = words.next().filter(|name| !name.is_empty())?;
    let args = words.rest();
    let end = args.as_bytes().len();
    let nothing = args.slice(end..end);
    if let Some(closed) = name.bytes.strip_prefix(b"</") {
        let bracket = closed.ends_with(b">");
        name.bytes = closed.strip_suffix(b">").unwrap_or(closed).to_vec();
        return Some(Statement { kind: Kind::Close, name, args, behind: nothing, bracket });
    }
    if name.bytes.ends_with(b">") {
        name.bytes.pop();
    }
    let Some(opened) = name.bytes.strip_prefix(b"<") else {
        return Some(Statement { kind: Kind::Directive, name, args, behind: nothing, bracket: true });
    };
    name.bytes = opened.to_vec();
    let last = memrchr(b'>', args.as_bytes());
    let bracket = last.is_some() || args.is_empty();
    let (args, behind) = match last {
        Some(last) => (args.slice(0..last).trimmed(), args.slice(last + 1..end).trimmed()),
        None => (args, nothing),
    };
    Some(Statement { kind: Kind::Open, name, args, behind, bracket })
}
