//! RewriteCond.

use std::sync::Arc;

use crate::expr::{self, FileTest, Relation, Subrequest};
use crate::interpret::{Cx, Outcome, Problem};
use crate::regex::{Options, Regex};
use crate::span::Span;
use crate::values::atoi;
use crate::words::{Arg, RawArgs};

use super::line::{self, Line};
use super::template::Template;
use super::{lints, touch};

/// A condition of a rule.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Its line.
    pub span: Span,
    /// What is tested.
    pub test: Test,
    /// `!`: it has to fail.
    pub negated: bool,
    /// `OR`: it is enough that this one holds or the next.
    pub or: bool,
    /// `NV`: that it reads a header does not show in Vary.
    pub no_vary: bool,
}

/// What a condition tests.
#[derive(Clone, Debug)]
pub enum Test {
    /// `expr`.
    Expr(Arc<expr::Expr<expr::Condition>>),
    /// A regular expression.
    Regex(Template, Regex),
    /// `-f` and its kin.
    File(Template, FileTest),
    /// `-U`, `-F`.
    Subrequest(Template, Subrequest),
    /// `=`, `<` and the like: the shorter text is the lesser, texts of one length compare by bytes; not so if letter
    /// case does not count.
    Text {
        /// What is compared.
        subject: Template,
        /// What has to hold.
        relation: Relation,
        /// With what.
        operand: Box<[u8]>,
        /// `NC`.
        caseless: bool,
    },
    /// `-eq`, `-lt` and the like: the numbers that the texts begin with.
    Number {
        /// What is compared.
        subject: Template,
        /// What has to hold.
        relation: Relation,
        /// With what.
        operand: i64,
    },
}

impl Test {
    /// What is tested, where it is a text with variables.
    pub fn subject(&self) -> Option<&Template> {
        match self {
            Self::Expr(_) => None,
            Self::Regex(subject, _)
            | Self::File(subject, _)
            | Self::Subrequest(subject, _)
            | Self::Text { subject, .. }
            | Self::Number { subject, .. } => Some(subject),
        }
    }
}

/// httpd's `cmd_rewritecond`.
pub(super) fn condition(cx: &mut Cx<'_>, raw: &RawArgs) -> Outcome {
    touch(cx);
    let line = Line::split("RewriteCond", raw)?;
    line.warn_of_ignored(cx);
    let (mut caseless, mut or, mut no_vary) = (false, false, false);
    for flag in line.flags.iter().map(line::flags).collect::<Result<Vec<_>, _>>()?.iter().flatten() {
        match flag.key.as_str() {
            "nc" | "nocase" => caseless = true,
            "or" | "ornext" => or = true,
            "nv" | "novary" => no_vary = true,
            other => {
                return Err(Problem::at(&flag.whole, format!("RewriteCond has no flag {other:?}")));
            }
        }
    }
    let negated = line.second.bytes.starts_with(b"!");
    let pattern = line::piece(&line.second, usize::from(negated)..line.second.bytes.len());
    let (test, inverted) = test(cx, &line.first, &pattern, caseless)?;
    if caseless && !matches!(test, Test::Regex(..) | Test::Text { .. }) {
        let message = "NC has no effect here: only patterns and texts have letters";
        cx.warn("rewrite-nocase-ignored", &line.second, message);
    }
    let condition = Condition { span: cx.span, test, negated: negated != inverted, or, no_vary };
    lints::condition(cx, &line, &condition);
    let pending =
        if cx.place.path().is_some() { &mut cx.dir.rewrite.pending } else { &mut cx.server.rewrite.pending };
    pending.push(condition);
    Ok(())
}

/// The test, and whether it says the contrary of what is meant (`-ne`).
fn test(cx: &Cx<'_>, subject: &Arg, pattern: &Arg, caseless: bool) -> Result<(Test, bool), Problem> {
    let text = pattern.as_bytes();
    if subject.is("expr") {
        return Ok((Test::Expr(cx.condition(pattern, 0)?), false));
    }
    let subject = Template::read(subject)?;
    let number = |subject, relation| Test::Number { subject, relation, operand: atoi(&text[3..]) };
    let compare = |subject, relation, operand: &[u8]| Test::Text {
        subject,
        relation,
        operand: operand.into(),
        caseless,
    };
    let test = match text {
        b"-f" => Test::File(subject, FileTest::Regular),
        b"-s" => Test::File(subject, FileTest::NotEmpty),
        b"-d" => Test::File(subject, FileTest::Folder),
        b"-x" => Test::File(subject, FileTest::Executable),
        b"-h" | b"-l" | b"-L" => Test::File(subject, FileTest::Link),
        b"-U" => Test::Subrequest(subject, Subrequest::Url),
        b"-F" => Test::Subrequest(subject, Subrequest::File),
        [b'-', b'l', b't', _, ..] => number(subject, Relation::Less),
        [b'-', b'l', b'e', _, ..] => number(subject, Relation::LessOrEqual),
        [b'-', b'g', b't', _, ..] => number(subject, Relation::Greater),
        [b'-', b'g', b'e', _, ..] => number(subject, Relation::GreaterOrEqual),
        [b'-', b'e', b'q', _, ..] => number(subject, Relation::Equal),
        [b'-', b'n', b'e', _, ..] => return Ok((number(subject, Relation::Equal), true)),
        [b'>', b'=', operand @ ..] => compare(subject, Relation::GreaterOrEqual, operand),
        [b'>', operand @ ..] if !operand.is_empty() => compare(subject, Relation::Greater, operand),
        [b'<', b'=', operand @ ..] => compare(subject, Relation::LessOrEqual, operand),
        [b'<', operand @ ..] if !operand.is_empty() => compare(subject, Relation::Less, operand),
        b"=\"\"" => compare(subject, Relation::Equal, b""),
        [b'=', operand @ ..] if !operand.is_empty() => compare(subject, Relation::Equal, operand),
        _ => Test::Regex(subject, regex(pattern, caseless)?),
    };
    Ok((test, false))
}

/// A pattern, compiled.
pub(super) fn regex(pattern: &Arg, caseless: bool) -> Result<Regex, Problem> {
    let options = if caseless { Options::CASELESS } else { Options::DEFAULT };
    Regex::with_options(pattern.as_bytes(), options).map_err(|error| {
        Problem::within(pattern, error.offset, format!("the pattern does not compile: {}", error.message))
            .code("bad-regex")
    })
}
