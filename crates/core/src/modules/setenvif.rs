//! mod_setenvif: environment variables by what the request looks like.

use std::borrow::Cow;
use std::sync::LazyLock;

use bytes::Bytes;
use wsgate_directives::modules::setenvif::{Attribute, Pattern, Rule, Variable, When};
use wsgate_directives::regex::{Captures, Regex, substitute};

use crate::expr::State;
use crate::request::{Phase, Request};
use crate::snapshot::Snapshot;

/// Matches the empty text, for its groups.
static NOTHING: LazyLock<Regex> = LazyLock::new(|| Regex::new(b"").expect("a valid pattern"));

/// Lines outside of sections, before the path is looked at (post_read_request).
pub(crate) fn early(snapshot: &Snapshot, request: &mut Request) -> Phase<()> {
    let server = request.server.clone();
    run(snapshot, request, &server.conf.setenvif.rules)
}

/// Lines of the sections that the request is in (header_parser).
pub(crate) fn late(snapshot: &Snapshot, request: &mut Request) -> Phase<()> {
    let dir = request.dir.clone();
    run(snapshot, request, &dir.setenvif.rules)
}

/// httpd's `match_headers`. Lines in a row about one attribute share one look at it.
fn run(snapshot: &Snapshot, request: &mut Request, rules: &[Rule]) -> Phase<()> {
    let mut last: Option<(&Attribute, Bytes)> = None;
    for rule in rules {
        let captures = match &rule.when {
            When::Attribute(attribute, pattern) => {
                let value = match &last {
                    Some((known, value)) if *known == attribute => value.clone(),
                    _ => look(request, attribute)?,
                };
                last = Some((attribute, value.clone()));
                matches(pattern, &value)?
            }
            When::Expr(condition) => {
                let mut state = State::default();
                match request.evaluate_in(snapshot, condition, &mut state) {
                    // Without a pattern there are groups all the same: empty ones.
                    Ok(holds) => holds.then(|| {
                        let empty = || NOTHING.captures(b"").ok().flatten().filter(|_| !state.unmatched);
                        state.captures.or_else(empty)
                    }),
                    Err(error) => {
                        log::error!("{}: not evaluated: {error}", snapshot.place(rule.span));
                        None
                    }
                }
            }
        };
        if let Some(captures) = captures {
            for variable in &rule.variables {
                assign(request, variable, captures.as_ref())?;
            }
        }
    }
    Ok(())
}

/// What an attribute looks like; one that is not there is empty.
fn look(request: &Request, attribute: &Attribute) -> Phase<Bytes> {
    let connection = &request.connection;
    Ok(match attribute {
        Attribute::RemoteAddr | Attribute::RemoteHost => request.client().to_string().into(),
        Attribute::ServerAddr => connection.local.ip().to_canonical().to_string().into(),
        Attribute::RequestMethod => request.head.method.clone(),
        Attribute::RequestProtocol => request.head.version.to_string().into(),
        Attribute::RequestUri => request.path.clone(),
        Attribute::Named(name) => {
            let name = name.as_bytes();
            request.head.headers.get(name).or_else(|| request.env.get(name)).cloned().unwrap_or_default()
        }
        Attribute::Matching(pattern) => {
            let mut value = Bytes::new();
            for field in &request.head.headers {
                if pattern.is_match(&field.name)? {
                    value = field.value.clone();
                }
            }
            value
        }
    })
}

/// Whether a value matches, and the groups where a regular expression says so. One that gives up is an error: access
/// rules look at these variables.
fn matches(pattern: &Pattern, value: &[u8]) -> Phase<Option<Option<Captures<'static>>>> {
    Ok(match pattern {
        Pattern::Text { text, caseless } => {
            let value = if *caseless { Cow::Owned(value.to_ascii_lowercase()) } else { Cow::Borrowed(value) };
            memchr::memmem::find(&value, text).map(|_| None)
        }
        Pattern::Regex(regex) => {
            let captures = regex.captures(value)?;
            captures.map(|captures| Some(captures.into_owned()))
        }
    })
}

/// Without groups the value is taken as it is written.
fn assign(request: &mut Request, variable: &Variable, captures: Option<&Captures<'_>>) -> Phase<()> {
    let name = variable.name.as_bytes();
    let Some(value) = &variable.value else {
        request.env.remove(name);
        return Ok(());
    };
    let value = match captures {
        Some(captures) => substitute(value, captures)?,
        None => value.to_vec(),
    };
    request.env.set(name.to_vec(), value);
    Ok(())
}
