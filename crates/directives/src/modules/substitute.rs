//! mod_substitute: replaces text in answers.

use std::sync::Arc;

use crate::config::{Merge, Set};
use crate::interpret::{Cx, Outcome, Problem};
use crate::regex::{CompileError, Options, Regex};
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::values::atoi;
use crate::words::Arg;

/// SubstituteMaxLineLength where no line sets it.
const LINE: usize = 1 << 20;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_substitute",
    identifier: "substitute_module",
    file: "mod_substitute.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::supported(
            "Substitute",
            Contexts::FILE_INFO,
            Shape::Take1(substitute),
            "Text of answers and what stands there then, for the filter SUBSTITUTE",
        ),
        Row::supported(
            "SubstituteInheritBefore",
            Contexts::FILE_INFO,
            Shape::Flag(inherit_before),
            "Whether the lines of outer scopes come before those of inner ones",
        ),
        Row::supported(
            "SubstituteMaxLineLength",
            Contexts::FILE_INFO,
            Shape::Take1(max_line_length),
            "The longest line of an answer, which holds also for what becomes of it",
        ),
    ],
};

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// Substitute, in the order in which it is done.
    pub rules: Vec<Arc<Rule>>,
    /// SubstituteInheritBefore.
    pub inherit_before: Set<bool>,
    /// SubstituteMaxLineLength, bytes.
    pub max_line: Set<usize>,
}

impl Merge for DirConf {
    fn merge(base: &Self, add: &Self) -> Self {
        let inherit_before = Merge::merge(&base.inherit_before, &add.inherit_before);
        let before = inherit_before.is_some_and(|on| *on);
        let (first, second) = if before { (base, add) } else { (add, base) };
        Self {
            rules: Merge::merge(&first.rules, &second.rules),
            inherit_before,
            max_line: Merge::merge(&base.max_line, &add.max_line),
        }
    }
}

impl DirConf {
    /// The longest line.
    pub fn max_line(&self) -> usize {
        self.max_line.map_or(LINE, |set| *set)
    }
}

/// A Substitute line.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What is looked for.
    pub from: From,
    /// What stands there then; behind a regular expression with `$1` and the like.
    pub to: Box<[u8]>,
    /// Whether the next rule sees the line as one text (`f`), and not piece by piece (`q`).
    pub flatten: bool,
}

/// What a rule looks for.
#[derive(Clone, Debug)]
pub enum From {
    /// A text, letter for letter (`n`).
    Text(Box<[u8]>),
    /// The same without regard to letter case, in small letters (`ni`).
    Caseless(Box<[u8]>),
    /// A regular expression.
    Regex(Regex),
}

/// httpd's `set_pattern`: there is no way to write the delimiter itself.
fn substitute(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let incomplete = || Problem::at(arg, "this is not of the form s/from/to/ with flags behind it");
    let (b's' | b'S', rest) = arg.as_bytes().split_first().ok_or_else(incomplete)? else {
        return Err(incomplete());
    };
    let (delimiter, rest) = rest.split_first().ok_or_else(incomplete)?;
    let mut parts = rest.splitn(3, |byte| byte == delimiter);
    let from = parts.next().filter(|from| !from.is_empty()).ok_or_else(incomplete)?;
    let to = parts.next().ok_or_else(incomplete)?;
    let (mut caseless, mut text, mut flatten) = (false, false, true);
    for flag in parts.next().unwrap_or_default() {
        match flag.to_ascii_lowercase() {
            b'i' => caseless = true,
            b'n' => text = true,
            b'f' => flatten = true,
            b'q' => flatten = false,
            _ => return Err(Problem::at(arg, "the flags of a substitution are i, n, f and q")),
        }
    }
    let from = match (text, caseless) {
        (true, false) => From::Text(from.into()),
        (true, true) => From::Caseless(from.to_ascii_lowercase().into()),
        (false, _) => {
            let options = Options { caseless, dot_all: false, ..Options::DEFAULT };
            let failed = |error: CompileError| {
                Problem::within(arg, 2 + error.offset, error.to_string()).code("bad-regex")
            };
            From::Regex(Regex::with_options(from, options).map_err(failed)?)
        }
    };
    cx.dir.substitute.rules.push(Arc::new(Rule { from, to: to.into(), flatten }));
    Ok(())
}

fn inherit_before(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.dir.substitute.inherit_before = Some(cx.set(on));
    Ok(())
}

/// Bytes, or with `b`, `k`, `m` or `g` behind them.
fn max_line_length(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let text = arg.as_bytes();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let factor = match text[digits..].to_ascii_lowercase().as_slice() {
        _ if digits == 0 => None,
        b"" | b"b" => Some(1),
        b"k" => Some(1 << 10),
        b"m" => Some(1 << 20),
        b"g" => Some(1 << 30),
        _ => None,
    };
    let factor = factor.ok_or_else(|| Problem::at(arg, "a length is expected: bytes, or with k, m or g"))?;
    let length = usize::try_from(atoi(&text[..digits])).unwrap_or(usize::MAX).saturating_mul(factor);
    cx.dir.substitute.max_line = Some(cx.set(length));
    Ok(())
}
