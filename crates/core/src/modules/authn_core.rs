//! mod_authn_core: the kind and name of an authentication.

use std::sync::Arc;

use bytes::Bytes;
use wsgate_directives::config::Set;
use wsgate_directives::expr::{Expr, Word};

use crate::facts::Facts;
use crate::request::Request;
use crate::snapshot::Snapshot;

/// AuthType; none where there is none, or it cannot be evaluated (`authn_ap_auth_type`).
pub(crate) fn auth_type(snapshot: &Snapshot, request: &Request) -> Option<Bytes> {
    let kind = text(snapshot, request, &request.dir.authn_core.auth_type)?;
    (!kind.eq_ignore_ascii_case(b"None")).then_some(kind)
}

/// AuthName, fit to stand in quotes (`authn_ap_auth_name`).
pub(crate) fn auth_name(snapshot: &Snapshot, request: &Request) -> Option<Bytes> {
    let name = text(snapshot, request, &request.dir.authn_core.auth_name)?;
    Some(escape_quotes(&name).into())
}

fn text(snapshot: &Snapshot, request: &Request, set: &Set<Arc<Expr<Word>>>) -> Option<Bytes> {
    let set = set.as_ref()?;
    let text = Facts { snapshot, request }.text(set);
    text.inspect_err(|error| {
        log::error!(target: "authn_core", "{}: not evaluated: {error}", snapshot.place(set.span));
    })
    .ok()
    .map(Bytes::from)
}

/// Quotes get a backslash unless they have one (`ap_escape_quotes`).
fn escape_quotes(text: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                escaped.push(b'\\');
                escaped.extend(bytes.next());
            }
            b'"' => escaped.extend_from_slice(b"\\\""),
            byte => escaped.push(byte),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape_quotes;

    #[test]
    fn quotes_are_escaped_once() {
        assert_eq!(escape_quotes(br#"a "b" \"c\" \\"d"#), br#"a \"b\" \"c\" \\\"d"#);
        assert_eq!(escape_quotes(br"a\"), br"a\");
    }
}
