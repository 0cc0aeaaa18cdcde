//! What is known to go wrong with single lines of rules, seen in the field.

use crate::config::Scope;
use crate::diag::Diagnostic;
use crate::expr::{Relation, Variable};
use crate::interpret::Cx;
use crate::words::Arg;

use super::conditions::{Condition, Test};
use super::line::Line;
use super::rules::Rule;
use super::template::{Name, Part, Template};

pub(super) fn condition(cx: &mut Cx<'_>, line: &Line, condition: &Condition) {
    if let Some(subject) = condition.test.subject() {
        names(cx, &line.first, subject);
    }
    if connection_is_anchored(condition) {
        let message = "this fails for clients that send \"keep-alive, Upgrade\", as Firefox does";
        let diagnostic = Diagnostic::warning("rewrite-connection-anchored", line.second.span, message);
        cx.report(diagnostic.help("write: RewriteCond %{HTTP:Connection} upgrade [NC]"));
    }
}

/// Whether a condition holds for `Connection: Upgrade` and not for `Connection: keep-alive, Upgrade`.
fn connection_is_anchored(condition: &Condition) -> bool {
    let is_connection = |template: &Template| header(template).is_some_and(|name| name == "connection");
    let holds = |value: &str| match &condition.test {
        Test::Regex(subject, regex) if is_connection(subject) => {
            regex.is_match(value.as_bytes()).unwrap_or_default()
        }
        Test::Text { subject, relation: Relation::Equal, operand, .. } if is_connection(subject) => {
            operand.eq_ignore_ascii_case(value.as_bytes())
        }
        _ => false,
    };
    !condition.negated
        && ["Upgrade", "upgrade"].iter().any(|value| holds(value))
        && !["keep-alive, Upgrade", "keep-alive, upgrade"].iter().any(|value| holds(value))
}

/// The header that a test string consists of, in small letters.
fn header(template: &Template) -> Option<String> {
    match template.0.as_slice() {
        [Part::Variable(Name::Header(name))] => Some(name.to_ascii_lowercase()),
        _ => None,
    }
}

pub(super) fn rule(cx: &mut Cx<'_>, line: &Line, rule: &Rule) {
    if let Some(substitution) = &rule.substitution {
        names(cx, &line.second, substitution);
        unsafe_captures(cx, &line.second, rule, substitution);
        replaceable(cx, rule, substitution);
    }
    never_matches(cx, line, rule);
}

/// Names that are no variables, and variables without their `%`.
fn names(cx: &mut Cx<'_>, arg: &Arg, template: &Template) {
    let mut unknown = Vec::new();
    template.walk(&mut |part| {
        let Part::Variable(name) = part else { return };
        let mut name = name;
        while let Name::LookAhead(_, inner) = name {
            name = inner;
        }
        if let Name::Unknown(name) = name {
            unknown.push(name.clone());
        }
    });
    for name in unknown {
        let shown: String = name.chars().take(40).collect();
        let message = format!("there is no variable %{{{shown}}}: this is always empty");
        let mut diagnostic = Diagnostic::warning("rewrite-unknown-variable", arg.span, message);
        if name.contains('-') {
            diagnostic = diagnostic.help(format!("for a request header write %{{HTTP:{name}}}"));
        }
        cx.report(diagnostic);
    }
    let mut bare = None;
    template.walk(&mut |part| {
        if let Part::Text(text) = part {
            bare = bare.take().or_else(|| bare_name(text));
        }
    });
    if let Some(name) = bare {
        let message = format!("{{{name}}} is plain text here");
        let diagnostic = Diagnostic::warning("rewrite-missing-percent", arg.span, message);
        cx.report(diagnostic.help(format!("write %{{{name}}}")));
    }
}

/// A variable's name in braces that nothing stands before.
fn bare_name(text: &[u8]) -> Option<String> {
    let open = text.iter().position(|byte| *byte == b'{')?;
    let inside = &text[open + 1..];
    let close = inside.iter().position(|byte| *byte == b'}')?;
    let known = !matches!(Name::parse(&inside[..close]), Name::Unknown(_));
    let marked = matches!(open.checked_sub(1).map(|before| text[before]), Some(b'%' | b'$'));
    if known && !marked {
        return Some(String::from_utf8_lossy(&inside[..close]).into_owned());
    }
    bare_name(&inside[close..])
}

/// httpd answers 403 where a `?` or a space comes into a backend's URL from what the client sent encoded.
fn unsafe_captures(cx: &mut Cx<'_>, arg: &Arg, rule: &Rule, substitution: &Template) {
    if !rule.flags.proxy || rule.flags.escape.is_some() || rule.flags.unsafe_allow_3f {
        return;
    }
    let mut in_query = false;
    let (mut path_group, mut query_group, mut line_group) = (false, false, false);
    let reads_line = rule.conditions.iter().any(|condition| {
        let subject = condition.test.subject();
        subject.is_some_and(|subject| {
            matches!(subject.0.as_slice(), [Part::Variable(Name::Variable(Variable::TheRequest))])
        })
    });
    for part in &substitution.0 {
        match part {
            Part::Text(text) => in_query |= text.contains(&b'?'),
            Part::Condition(_) if reads_line && !in_query => line_group = true,
            Part::Rule(_) | Part::Condition(_) if in_query => query_group = true,
            Part::Rule(_) => path_group = true,
            _ => {}
        }
    }
    let (message, help) = if line_group {
        (
            "a request with a query gets 403 here",
            "take the path from the rule's pattern, or add UnsafeAllow3F",
        )
    } else if query_group {
        ("a request with an encoded space or & in this part gets 403 or another query", "add the flags B,BNP")
    } else if path_group {
        let note = "a request with %3F in this part of its path gets 403";
        let diagnostic = Diagnostic::note("rewrite-unsafe-capture", arg.span, note);
        return cx.report(diagnostic.help("add UnsafeAllow3F if such paths are meant to reach the backend"));
    } else {
        return;
    };
    cx.report(Diagnostic::warning("rewrite-unsafe-capture", arg.span, message).help(help));
}

/// Recipes that say no more than ProxyPass with `upgrade=websocket` does.
fn replaceable(cx: &mut Cx<'_>, rule: &Rule, substitution: &Template) {
    let Some(Part::Text(start)) = substitution.0.first() else { return };
    let scheme = ["ws://", "wss://"].iter().find(|scheme| start.starts_with(scheme.as_bytes()));
    let upgrade = |condition: &Condition| {
        let name = condition.test.subject().and_then(header);
        name.is_some_and(|name| name == "upgrade" || name == "connection")
    };
    let everything =
        matches!(rule.pattern.source(), b"/(.*)" | b"^/(.*)" | b"^/(.*)$" | b"^/?(.*)" | b".*" | b"(.*)");
    let only_upgrade = !rule.conditions.is_empty() && rule.conditions.iter().all(upgrade);
    if let (Some(scheme), true, true) = (scheme, only_upgrade, everything && rule.flags.proxy) {
        let http = scheme.replace("ws", "http");
        let rest = String::from_utf8_lossy(&start[scheme.len()..]);
        let authority = rest.split('/').next().unwrap_or_default();
        let note = "ProxyPass does the same without rules";
        let diagnostic = Diagnostic::note("rewrite-replaceable", rule.span, note);
        cx.report(diagnostic.help(format!("ProxyPass / {http}{authority}/ upgrade=websocket")));
    }
}

/// Patterns that begin with a slash never match in a folder, those that begin without one never in a server.
fn never_matches(cx: &mut Cx<'_>, line: &Line, rule: &Rule) {
    if rule.negated {
        return;
    }
    let source = rule.pattern.source();
    let slash = source.starts_with(b"^/");
    let optional = source.get(2).is_some_and(|byte| b"?*{|".contains(byte)) || source.contains(&b'|');
    let name = matches!(source, [b'^', byte, ..] if byte.is_ascii_alphanumeric()) && !source.contains(&b'|');
    let message = match cx.place.section {
        Some(Scope::Directory(_)) if slash && !optional => {
            "in a <Directory> the path begins behind the folder's slash: this never matches"
        }
        None if cx.place.htaccess.is_none() && name => {
            "outside of sections a path begins with a slash: this never matches"
        }
        _ => return,
    };
    cx.warn("rewrite-never-matches", &line.first, message);
}
