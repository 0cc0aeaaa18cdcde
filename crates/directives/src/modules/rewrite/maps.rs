//! RewriteMap.

use std::sync::Arc;

use crate::interpret::{Cx, Outcome, Problem};
use crate::span::Span;
use crate::words::Arg;

use super::touch;

/// A table of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    /// Its line.
    pub span: Span,
    /// Where the texts come from.
    pub kind: MapKind,
}

/// Where a [`Map`] has its texts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MapKind {
    /// `txt:`, or no prefix: a file with a key and its value on each line; its absolute path.
    Text(Box<str>),
    /// `rnd:`: such a file, of whose values one of those between `|` is taken by chance.
    Random(Box<str>),
    /// `int:`.
    Internal(Internal),
}

/// What an `int:` map does with its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "httpd's own names")]
pub enum Internal {
    ToUpper,
    ToLower,
    Escape,
    Unescape,
}

/// httpd's `cmd_rewritemap`. That the file is there is looked at when everything is read.
pub(super) fn map(cx: &mut Cx<'_>, name: &Arg, source: &Arg, user: Option<&Arg>) -> Outcome {
    touch(cx);
    let text = source.text()?;
    let (kind, rest) = text.split_once(':').unwrap_or(("", text));
    let refuse = |what: &str| {
        Problem::at(source, format!("wsgate has no {what} maps"))
            .code("refused")
            .help("write the table into a text file, or rebuild one from the database: txt:/path")
    };
    let kind = match kind.to_ascii_lowercase().as_str() {
        "txt" => MapKind::Text(cx.path(rest).into()),
        "rnd" => MapKind::Random(cx.path(rest).into()),
        "int" => MapKind::Internal(internal(source, rest)?),
        "prg" => return Err(refuse("prg")),
        "dbd" | "fastdbd" => return Err(refuse("dbd")),
        dbm if dbm == "dbm" || dbm.starts_with("dbm=") => return Err(refuse("dbm")),
        _ => MapKind::Text(cx.path(text).into()),
    };
    if let Some(user) = user {
        cx.warn("ignored-argument", user, "only programs are run as a user");
    }
    let map = Map { span: source.span, kind };
    cx.server.rewrite.maps.insert(name.as_bytes().into(), Arc::new(map));
    Ok(())
}

/// Letter case counts in these names.
fn internal(source: &Arg, name: &str) -> Result<Internal, Problem> {
    Ok(match name {
        "toupper" => Internal::ToUpper,
        "tolower" => Internal::ToLower,
        "escape" => Internal::Escape,
        "unescape" => Internal::Unescape,
        _ => {
            return Err(Problem::at(source, format!("there is no internal map {name}"))
                .help("the internal maps are toupper, tolower, escape and unescape"));
        }
    })
}
