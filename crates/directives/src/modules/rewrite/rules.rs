//! RewriteRule.

use std::sync::Arc;

use crate::interpret::{Cx, Outcome};
use crate::regex::Regex;
use crate::span::Span;
use crate::words::RawArgs;

use super::conditions::{Condition, regex};
use super::flags::Flags;
use super::line::{self, Line};
use super::template::Template;
use super::{lints, touch};

/// A rule with its conditions.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its line.
    pub span: Span,
    /// What a path has to match.
    pub pattern: Regex,
    /// `!`: what it must not match.
    pub negated: bool,
    /// The RewriteCond lines before it.
    pub conditions: Vec<Condition>,
    /// What becomes of the path; none leaves it (`-`, and rules that answer).
    pub substitution: Option<Template>,
    /// The substitution as written.
    pub output: Box<[u8]>,
    /// What else the rule does.
    pub flags: Flags,
}

/// httpd's `cmd_rewriterule`.
pub(super) fn rule(cx: &mut Cx<'_>, raw: &RawArgs) -> Outcome {
    touch(cx);
    let line = Line::split("RewriteRule", raw)?;
    line.warn_of_ignored(cx);
    let list = line.flags.as_ref().map(line::flags).transpose()?.unwrap_or_default();
    let mut flags = Flags::read(cx, &list)?;
    let negated = line.first.bytes.starts_with(b"!");
    let pattern = line::piece(&line.first, usize::from(negated)..line.first.bytes.len());
    let pattern = regex(&pattern, flags.caseless)?;
    let mut output = line.second.clone();
    if output.bytes.ends_with(b"?") {
        // A `?` at the end means that no group brings a query in.
        if flags.query.append {
            flags.query.last = true;
        } else {
            flags.query.none = true;
            output.bytes.pop();
        }
    } else if flags.query.discard && !output.bytes.contains(&b'?') {
        flags.query.none = true;
    }
    let keeps = flags.answers || line.second.as_bytes() == b"-";
    let substitution = if keeps { None } else { Some(Template::read(&output)?) };
    let pending =
        if cx.place.path().is_some() { &mut cx.dir.rewrite.pending } else { &mut cx.server.rewrite.pending };
    let conditions = std::mem::take(pending);
    let output = output.bytes.into();
    let rule = Rule { span: cx.span, pattern, negated, conditions, substitution, output, flags };
    lints::rule(cx, &line, &rule);
    let rules =
        if cx.place.path().is_some() { &mut cx.dir.rewrite.rules } else { &mut cx.server.rewrite.rules };
    rules.push(Arc::new(rule));
    Ok(())
}
