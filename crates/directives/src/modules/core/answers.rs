//! What answers that the server makes itself look like, and how it names itself in URLs.

use std::sync::Arc;

use crate::config::Latest;
use crate::expr::{Expr, Word};
use crate::filters::{self, Named};
use crate::interpret::{Cx, Outcome, Problem};
use crate::values::{atoi, on_off};
use crate::words::Arg;

/// UseCanonicalName.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CanonicalName {
    /// The Host that the client sent.
    Off,
    /// ServerName.
    On,
}

/// AllowEncodedSlashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodedSlashes {
    /// A path with %2F is 404.
    Off,
    /// %2F is decoded.
    On,
    /// %2F stays as it is.
    NoDecode,
}

/// ErrorDocument; each is a string expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorDocument {
    /// The server's own page.
    Default,
    /// A text.
    Text(Arc<Expr<Word>>),
    /// A path on this server, answered by an internal redirect.
    Local(Arc<Expr<Word>>),
    /// A URL that the client is redirected to.
    Redirect(Arc<Expr<Word>>),
}

/// ServerSignature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// No line.
    Off,
    /// Server and port.
    On,
    /// With a link to ServerAdmin.
    Email,
}

/// ServerTokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tokens {
    /// Product only.
    Prod,
    /// With the major version.
    Major,
    /// With the minor version.
    Minor,
    /// With the whole version.
    Min,
    /// With the system.
    Os,
    /// Everything.
    Full,
}

/// AddDefaultCharset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Charset {
    /// None is added.
    Off,
    /// This one is added.
    Name(Box<str>),
}

pub(super) fn use_canonical_name(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let value = match arg.text()?.to_ascii_lowercase().as_str() {
        "on" => CanonicalName::On,
        "off" => CanonicalName::Off,
        "dns" => {
            return Err(Problem::at(
                arg,
                "UseCanonicalName DNS is not supported: a request never waits for a look-up",
            )
            .code("refused")
            .help("use On with a ServerName, or Off"));
        }
        _ => return Err(Problem::at(arg, "UseCanonicalName must be on, off or dns")),
    };
    cx.dir.core.use_canonical_name = Some(cx.set(value));
    Ok(())
}

pub(super) fn use_canonical_physical_port(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.dir.core.use_canonical_physical_port = Some(cx.set(on));
    Ok(())
}

pub(super) fn allow_encoded_slashes(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let value = match arg.text()?.to_ascii_lowercase().as_str() {
        "on" => EncodedSlashes::On,
        "off" => EncodedSlashes::Off,
        "nodecode" => EncodedSlashes::NoDecode,
        _ => return Err(Problem::at(arg, "AllowEncodedSlashes must be On, Off or NoDecode")),
    };
    cx.dir.core.allow_encoded_slashes = Latest(Some(cx.set(value)));
    Ok(())
}

/// Whether httpd has a reason phrase for a status (`ap_index_of_response`).
pub fn is_known_status(status: u16) -> bool {
    matches!(
        status,
        100..=103
            | 200..=208
            | 226
            | 300..=305
            | 307..=308
            | 400..=417
            | 421..=424
            | 426
            | 428..=429
            | 431
            | 451
            | 500..=508
            | 510..=511
    )
}

/// httpd's `set_error_document`: what holds a space is a text, a leading slash a path, a scheme a URL, anything else a
/// text.
pub(super) fn error_document(cx: &mut Cx<'_>, status: &Arg, document: &Arg) -> Outcome {
    let code = u16::try_from(atoi(status.as_bytes())).ok().filter(|code| is_known_status(*code));
    let Some(code) = code else {
        let shown = status.text()?;
        return Err(Problem::at(status, format!("{shown} is no status that httpd knows")));
    };
    let bytes = document.as_bytes();
    let text = bytes.contains(&b' ');
    let value = if bytes.eq_ignore_ascii_case(b"default") {
        ErrorDocument::Default
    } else if bytes.starts_with(b"/") && !text {
        ErrorDocument::Local(cx.string(document, 0)?)
    } else if is_url(bytes) && !text {
        if code == 401 {
            cx.warn("error-document-401", document, "httpd ignores an ErrorDocument for 401 that is a URL");
            return Ok(());
        }
        ErrorDocument::Redirect(cx.string(document, 0)?)
    } else {
        ErrorDocument::Text(cx.string(document, 0)?)
    };
    let document = cx.set((code, value));
    cx.dir.core.error_documents.push(document);
    Ok(())
}

/// `ap_is_url`: a scheme of letters, digits, `+`, `-` and `.`, then `://`.
pub fn is_url(text: &[u8]) -> bool {
    let scheme = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count();
    scheme > 0 && text[scheme..].starts_with(b"://")
}

pub(super) fn server_signature(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let value = match arg.text()?.to_ascii_lowercase().as_str() {
        "on" => Signature::On,
        "off" => Signature::Off,
        "email" => Signature::Email,
        _ => return Err(Problem::at(arg, "ServerSignature must be Off, On or EMail")),
    };
    cx.dir.core.server_signature = Some(cx.set(value));
    Ok(())
}

pub(super) fn server_tokens(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let value = match arg.text()?.to_ascii_lowercase().as_str() {
        "os" => Tokens::Os,
        "min" | "minimal" => Tokens::Min,
        "major" => Tokens::Major,
        "minor" => Tokens::Minor,
        "prod" | "productonly" => Tokens::Prod,
        "full" => Tokens::Full,
        _ => return Err(Problem::at(arg, "ServerTokens must be Full, Min, Minor, Major, OS or Prod")),
    };
    cx.server.core.server_tokens = Some(cx.set(value));
    Ok(())
}

pub(super) fn add_default_charset(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let charset = match on_off(arg.as_bytes()) {
        Some(false) => Charset::Off,
        Some(true) => Charset::Name("iso-8859-1".into()),
        None => Charset::Name(arg.text()?.into()),
    };
    cx.dir.core.add_default_charset = Some(cx.set(charset));
    Ok(())
}

/// httpd takes any name, and says in the log for each request that there is no such filter.
pub(super) fn set_output_filter(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let mut chain = Vec::new();
    for name in arg.text()?.split(';').filter(|name| !name.is_empty()) {
        match filters::output(cx, arg, name)? {
            Named::Filter(filter) => chain.push(filter),
            Named::Nothing => {}
            Named::Unknown => filters::warn_unknown(cx, arg, name),
        }
    }
    cx.dir.core.output_filters = Some(cx.set(chain));
    Ok(())
}

pub(super) fn hostname_lookups(_: &mut Cx<'_>, arg: &Arg) -> Outcome {
    match arg.text()?.to_ascii_lowercase().as_str() {
        "off" => Ok(()),
        "on" | "double" => Err(Problem::at(arg, "wsgate never looks up the names of clients")
            .code("refused")
            .help("use HostnameLookups Off, httpd's default, and resolve names when reading the log")),
        _ => Err(Problem::at(arg, "HostnameLookups must be on, off or double")),
    }
}
