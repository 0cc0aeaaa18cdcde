//! mod_headers: header fields of requests and answers.

use std::sync::Arc;

use crate::expr::{Condition, Expr, Word};
use crate::interpret::{Cx, Outcome, Problem};
use crate::merge_fields;
use crate::pattern::compiled;
use crate::regex::{Options, Regex};
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::span::Span;
use crate::words::{Arg, RawArgs, strip_caseless};

mod format;

pub use format::Piece;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_headers",
    identifier: "headers_module",
    file: "mod_headers.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::supported("Header", Contexts::FILE_INFO, Shape::Raw(header), "Changes the header of answers"),
        Row::supported(
            "RequestHeader",
            Contexts::FILE_INFO,
            Shape::Raw(request_header),
            "Changes the header of requests before a backend gets them",
        ),
    ],
};

/// What is set for requests: lines in order, the outer scope's first.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// RequestHeader.
    pub request: Vec<Rule>,
    /// Header, also `Header onsuccess`.
    pub onsuccess: Vec<Rule>,
    /// `Header always`.
    pub always: Vec<Rule>,
}

merge_fields!(DirConf { request, onsuccess, always });

/// A line.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The field; empty for `echo`.
    pub name: Box<str>,
    /// What is done with it.
    pub action: Action,
    /// For which requests.
    pub when: When,
    /// The line.
    pub span: Span,
}

/// What is done with a field.
#[derive(Clone, Debug)]
pub enum Action {
    /// It has this value and no other.
    Set(Value),
    /// It has this value if it is not there.
    SetIfEmpty(Value),
    /// The value is added to the one it has.
    Append(Value),
    /// The same, unless the value is one of its list already.
    Merge(Value),
    /// One more field of that name.
    Add(Value),
    /// It goes.
    Unset,
    /// Fields of the request whose names match go into the answer.
    Echo(Regex),
    /// What matches in its value is replaced.
    Edit {
        /// What is looked for.
        pattern: Regex,
        /// Every match (`edit*`) and not the first only.
        all: bool,
        /// What stands there then, `$1` and all.
        with: Value,
    },
    /// Its value becomes the note of this name.
    Note(Value),
}

/// A value that is made for each request.
#[derive(Clone, Debug)]
pub enum Value {
    /// Text with format codes.
    Format(Vec<Piece>),
    /// `expr=...`
    Expr(Arc<Expr<Word>>),
}

/// For which requests a line is.
#[derive(Clone, Debug)]
pub enum When {
    /// All.
    Always,
    /// All, but before anything else looks at the request.
    Early,
    /// `env=NAME`, `env=!NAME`.
    Env {
        /// The variable.
        name: Box<str>,
        /// Whether it has to be set, or must not be.
        set: bool,
    },
    /// `expr=...`
    Expr(Arc<Expr<Condition>>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    Request,
    OnSuccess,
    Always,
}

fn header(cx: &mut Cx<'_>, raw: &RawArgs) -> Outcome {
    let mut words: Vec<Arg> = raw.words().collect();
    let table = match words.first() {
        Some(word) if word.is("always") => Some(Table::Always),
        Some(word) if word.is("onsuccess") => Some(Table::OnSuccess),
        _ => None,
    };
    if table.is_some() {
        words.remove(0);
    }
    rule(cx, table.unwrap_or(Table::OnSuccess), &words)
}

fn request_header(cx: &mut Cx<'_>, raw: &RawArgs) -> Outcome {
    rule(cx, Table::Request, &raw.words().collect::<Vec<_>>())
}

/// httpd's `header_cmd` and `header_inout_cmd`.
fn rule(cx: &mut Cx<'_>, table: Table, words: &[Arg]) -> Outcome {
    let [action, field, rest @ ..] = words else {
        return Err(Problem::new("an action, a header field and mostly a value are required"));
    };
    if let Some(extra) = rest.get(3) {
        return Err(Problem::at(extra, "too many arguments").code("wrong-arguments"));
    }
    let kind = action.text()?.to_ascii_lowercase();
    let (action, condition) = match (kind.as_str(), rest) {
        ("unset", rest) => (Action::Unset, only_condition(rest)?),
        ("echo" | "note", _) if table == Table::Request => {
            return Err(Problem::at(action, format!("RequestHeader does not support {kind}")));
        }
        ("echo", rest) => (Action::Echo(compiled(field, Options::DEFAULT)?), only_condition(rest)?),
        ("edit" | "edit*", [search, with, condition @ ..]) => {
            let action = Action::Edit {
                pattern: compiled(search, Options::DEFAULT)?,
                all: kind == "edit*",
                with: value(cx, with)?,
            };
            (action, condition.first())
        }
        ("edit" | "edit*", _) => {
            return Err(Problem::at(action, "edit requires a match and a substitution"));
        }
        (_, []) => return Err(Problem::at(action, format!("{kind} requires a value"))),
        (_, [_, _, extra, ..]) => {
            return Err(Problem::at(extra, "too many arguments").code("wrong-arguments"));
        }
        (_, [text, condition @ ..]) => {
            let made = |value| {
                Some(match kind.as_str() {
                    "set" => Action::Set(value),
                    "setifempty" => Action::SetIfEmpty(value),
                    "append" => Action::Append(value),
                    "merge" => Action::Merge(value),
                    "add" => Action::Add(value),
                    "note" => Action::Note(value),
                    _ => return None,
                })
            };
            let made = made(value(cx, text)?).ok_or_else(|| unknown_action(action))?;
            (made, condition.first())
        }
    };
    let when = condition.map_or(Ok(When::Always), |condition| when(cx, condition))?;
    let echo = matches!(action, Action::Echo(_));
    let name = if echo { "".into() } else { name(cx, table, field)? };
    let rule = Rule { name, action, when, span: cx.span };
    let headers = &mut cx.dir.headers;
    match table {
        Table::Request => headers.request.push(rule),
        Table::OnSuccess => headers.onsuccess.push(rule),
        Table::Always => headers.always.push(rule),
    }
    Ok(())
}

fn unknown_action(action: &Arg) -> Problem {
    Problem::at(action, "this is no action").help(
        "it is one of add, append, echo, edit, edit*, merge, note, set, setifempty and unset, behind always if there is one",
    )
}

fn only_condition(rest: &[Arg]) -> Result<Option<&Arg>, Problem> {
    match rest {
        [] => Ok(None),
        [condition] => Ok(Some(condition)),
        [_, extra, ..] => Err(Problem::at(extra, "too many arguments").code("wrong-arguments")),
    }
}

/// The field's name: what stands before a colon. As httpd does, an answer that would have a field whose name is none is
/// made a 500; a backend never gets one.
fn name(cx: &mut Cx<'_>, table: Table, arg: &Arg) -> Result<Box<str>, Problem> {
    let text = arg.text()?;
    let name = text.split_once(':').map_or(text, |(name, _)| name);
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        const CODE: &str = "bad-field-name";
        let message = "this cannot be the name of a header field";
        if table == Table::Request {
            return Err(Problem::at(arg, message).code(CODE));
        }
        cx.warn(CODE, arg, format!("{message}: answers that would have it become 500"));
    }
    Ok(name.into())
}

fn value(cx: &mut Cx<'_>, arg: &Arg) -> Result<Value, Problem> {
    if arg.as_bytes().starts_with(b"expr=") {
        return Ok(Value::Expr(cx.string(arg, 5)?));
    }
    Ok(Value::Format(format::parse(arg)?))
}

fn when(cx: &mut Cx<'_>, arg: &Arg) -> Result<When, Problem> {
    let text = arg.as_bytes();
    if arg.is("early") {
        if cx.place.section.is_some() {
            cx.warn(
                "early-in-section",
                arg,
                "early lines are looked at before any section is: this does nothing",
            );
        }
        return Ok(When::Early);
    }
    if strip_caseless(text, b"expr=").is_some() {
        return Ok(When::Expr(cx.condition(arg, 5)?));
    }
    if strip_caseless(text, b"env=").is_some() {
        let name = &arg.text()?[4..];
        let (name, set) = name.strip_prefix('!').map_or((name, true), |name| (name, false));
        if name.is_empty() {
            return Err(Problem::at(arg, "the name of the variable is missing").help("write env=NAME"));
        }
        return Ok(When::Env { name: name.into(), set });
    }
    let shown = String::from_utf8_lossy(text);
    Err(Problem::at(arg, format!("unknown parameter {shown}"))
        .help("a condition is early, env=... or expr=..."))
}
