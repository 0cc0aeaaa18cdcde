//! Sections: what their arguments mean, and which scope their bodies are read in.

use std::net::Ipv6Addr;
use std::sync::Arc;

use crate::config::{Scope, Setting};
use crate::diag::Diagnostic;
use crate::expr::{Condition, Expr};
use crate::interpret::{Cx, Enter, Outcome, Problem};
use crate::methods::MethodSet;
use crate::pattern::Pattern;
use crate::words::{Arg, RawArgs};

type Entered = Result<Enter, Problem>;

pub(super) fn virtual_host(_: &mut Cx<'_>, raw: &RawArgs) -> Entered {
    let words = raw.words().collect::<Vec<_>>();
    if words.is_empty() {
        return Err(Problem::new("<VirtualHost> requires an address").help("write <VirtualHost *:80>"));
    }
    let mut addresses = Vec::with_capacity(words.len());
    for word in &words {
        check_address(word)?;
        addresses.push(Setting { value: word.text()?.to_owned(), span: word.span });
    }
    Ok(Enter::VirtualHost(addresses))
}

/// What `get_addresses` and `apr_parse_addr_port` refuse; a name that does not resolve is another matter.
fn check_address(word: &Arg) -> Outcome {
    let text = word.text()?;
    let missing =
        || Problem::at(word, "the address is missing").help("write * for all of them: <VirtualHost *:80>");
    let invalid = |what: &str| Problem::at(word, format!("{text} is no address with a port: {what}"));
    let text = text.strip_suffix(":*").unwrap_or(text);
    let before = text.trim_end_matches(|byte: char| byte.is_ascii_digit());
    let (host, port) = match before.strip_suffix(':') {
        Some(host) if before.len() < text.len() => (host, Some(&text[before.len()..])),
        _ if before.is_empty() => return Err(missing()),
        _ => (text, None),
    };
    if port.is_some_and(|port| port.parse::<u16>().map_or(true, |port| port == 0)) {
        return Err(invalid("ports are 1 to 65535"));
    }
    if host.is_empty() {
        return Err(missing());
    }
    let Some(literal) = host.strip_prefix('[') else { return Ok(()) };
    let literal = literal.strip_suffix(']').ok_or_else(|| invalid("a bracket is open"))?;
    literal.parse::<Ipv6Addr>().map(|_| ()).map_err(|_| invalid("brackets hold an IPv6 address"))
}

pub(super) fn location(_: &mut Cx<'_>, raw: &RawArgs) -> Entered {
    pattern("<Location>", raw, Kind::Plain).map(|pattern| Enter::Section(Scope::Location(pattern)))
}

pub(super) fn location_match(_: &mut Cx<'_>, raw: &RawArgs) -> Entered {
    pattern("<LocationMatch>", raw, Kind::Regex).map(|pattern| Enter::Section(Scope::Location(pattern)))
}

pub(super) fn directory(_: &mut Cx<'_>, raw: &RawArgs) -> Entered {
    let mut pattern = pattern("<Directory>", raw, Kind::Plain)?;
    if !pattern.is_regex() {
        pattern.text = folder(&pattern.text).ok_or_else(|| Problem::new("this path leads above the root"))?;
    }
    Ok(Enter::Section(Scope::Directory(pattern)))
}

/// A folder's path without `.`, `..` and doubled slashes, with a slash at its end (`apr_filepath_merge`).
fn folder(path: &str) -> Option<Box<str>> {
    let mut folder = String::from(if path.starts_with('/') { "/" } else { "" });
    let root = folder.len();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                let parent = folder[root..].strip_suffix('/')?.rfind('/').map_or(0, |slash| slash + 1);
                folder.truncate(root + parent);
            }
            name => {
                folder.push_str(name);
                folder.push('/');
            }
        }
    }
    Some(folder.into())
}

pub(super) fn directory_match(_: &mut Cx<'_>, raw: &RawArgs) -> Entered {
    pattern("<DirectoryMatch>", raw, Kind::Regex).map(|pattern| Enter::Section(Scope::Directory(pattern)))
}

pub(super) fn files(cx: &mut Cx<'_>, raw: &RawArgs) -> Entered {
    warn_if_never_entered(cx, "<Files>");
    pattern("<Files>", raw, Kind::Plain).map(|pattern| Enter::Section(Scope::Files(pattern)))
}

pub(super) fn files_match(cx: &mut Cx<'_>, raw: &RawArgs) -> Entered {
    warn_if_never_entered(cx, "<FilesMatch>");
    pattern("<FilesMatch>", raw, Kind::Regex).map(|pattern| Enter::Section(Scope::Files(pattern)))
}

/// Files are looked at before `<If>` is (`ap_file_walk`, `ap_if_walk`), and not at all where a backend answers.
fn warn_if_never_entered(cx: &mut Cx<'_>, section: &str) {
    let (around, help) = match cx.place.section {
        Some(Scope::If(_) | Scope::ElseIf(_) | Scope::Else) => ("<If>", "put the <If> into it"),
        Some(Scope::Proxy(_)) => ("<Proxy>", "use <Location> or <If> for what backends answer"),
        _ => return,
    };
    let message =
        format!("no request is ever in a {section} inside {around}, in httpd neither: its lines do nothing");
    cx.report(Diagnostic::warning("section-too-late", cx.span, message).help(help));
}

/// Whether a section's argument is read plainly or as a regular expression.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Literal or wildcard; `~` before it makes it a regular expression.
    Plain,
    /// A regular expression.
    Regex,
}

/// The one argument of a section, `~` understood (`<Location ~ regex>`).
pub(crate) fn pattern(section: &str, raw: &RawArgs, kind: Kind) -> Result<Pattern, Problem> {
    let words = raw.words().collect::<Vec<_>>();
    let (kind, rest) = match (kind, words.split_first()) {
        (Kind::Plain, Some((first, rest))) if first.as_bytes() == b"~" => (Kind::Regex, rest),
        _ => (kind, words.as_slice()),
    };
    let Some((first, rest)) = rest.split_first().filter(|(first, _)| !first.as_bytes().is_empty()) else {
        return Err(Problem::new(format!("{section} requires an argument")));
    };
    if let Some(second) = rest.first() {
        return Err(Problem::at(second, format!("multiple {section} arguments are not supported")));
    }
    match kind {
        Kind::Plain => Pattern::plain(first),
        Kind::Regex => Pattern::regex(first),
    }
}

pub(super) fn condition(cx: &mut Cx<'_>, raw: &RawArgs) -> Entered {
    expression(cx, "<If>", raw).map(|expr| Enter::Section(Scope::If(expr)))
}

pub(super) fn else_if(cx: &mut Cx<'_>, raw: &RawArgs) -> Entered {
    follows_if(cx, "<ElseIf>")?;
    expression(cx, "<ElseIf>", raw).map(|expr| Enter::Section(Scope::ElseIf(expr)))
}

pub(super) fn otherwise(cx: &mut Cx<'_>, raw: &RawArgs) -> Entered {
    follows_if(cx, "<Else>")?;
    if let Some(word) = raw.words().collect::<Vec<_>>().first() {
        return Err(Problem::at(word, "<Else> takes no argument"));
    }
    Ok(Enter::Section(Scope::Else))
}

fn follows_if(cx: &Cx<'_>, section: &str) -> Outcome {
    let previous = cx.dir.core.ifs.last().map(|arm| &arm.scope);
    match previous {
        Some(Scope::If(_) | Scope::ElseIf(_)) => Ok(()),
        _ => Err(Problem::new(format!("{section} must follow an <If> or <ElseIf>"))),
    }
}

fn expression(cx: &Cx<'_>, section: &str, raw: &RawArgs) -> Result<Arc<Expr<Condition>>, Problem> {
    let words = raw.words().collect::<Vec<_>>();
    match words.as_slice() {
        [only] => cx.condition(only, 0),
        [] => Err(Problem::new(format!("{section} requires an expression"))),
        [_, second, ..] => Err(Problem::at(second, "the expression ends before this")
            .help("put the whole expression into quotes")),
    }
}

pub(super) fn limit(cx: &mut Cx<'_>, raw: &RawArgs) -> Entered {
    let listed = methods("<Limit>", raw)?;
    if listed.contains(b"TRACE") {
        return Err(Problem::new("TRACE cannot be controlled by <Limit>").help("use TraceEnable"));
    }
    narrowed(cx, "<Limit>", &listed)
}

pub(super) fn limit_except(cx: &mut Cx<'_>, raw: &RawArgs) -> Entered {
    let listed = methods("<LimitExcept>", raw)?;
    narrowed(cx, "<LimitExcept>", &listed.complement())
}

fn methods(section: &str, raw: &RawArgs) -> Result<MethodSet, Problem> {
    let words = raw.words().collect::<Vec<_>>();
    if words.is_empty() {
        return Err(Problem::new(format!("{section} requires a list of methods")));
    }
    let names: Vec<&str> = words.iter().map(Arg::text).collect::<Result<_, _>>()?;
    Ok(MethodSet::only(names))
}

/// What is left of the methods around; a section that leaves none of them, or all, is a mistake (`ap_limit_section`).
fn narrowed(cx: &Cx<'_>, section: &str, wanted: &MethodSet) -> Entered {
    let around = cx.methods();
    let left = around.intersection(wanted);
    if left == MethodSet::NONE {
        return Err(Problem::new(format!("{section} excludes all methods")));
    }
    if left == around {
        return Err(Problem::new(format!("{section} specifies methods that are excluded already")));
    }
    Ok(Enter::Limit(left))
}
