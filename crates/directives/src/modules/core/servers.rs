//! What a server is called, and where its files are.

use crate::fnmatch::is_pattern;
use crate::interpret::{Cx, Outcome, Problem};
use crate::values::atoi;
use crate::words::Arg;

/// ServerName: the name that the server gives itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerName {
    /// The scheme that clients use, where a front hides it.
    pub scheme: Option<String>,
    /// The host as written.
    pub host: String,
    /// The port that clients use.
    pub port: Option<u16>,
}

/// One name of a ServerAlias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostPattern {
    /// A name, compared without regard to case.
    Name(Box<str>),
    /// A name with `*` or `?` (`ap_strcasecmp_match`).
    Wildcard(Box<str>),
}

/// httpd's `server_hostname_port`.
pub(super) fn server_name(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let text = arg.text()?;
    if is_pattern(text.as_bytes()) {
        return Err(Problem::at(arg, format!("ServerName is one name, {text} holds a wildcard"))
            .help("name the virtual host plainly and put the pattern into ServerAlias"));
    }
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
        None => (None, text),
    };
    let (host, port) = match rest.split_once(':') {
        Some((host, port)) => (host, Some(port_number(arg, port)?)),
        None => (rest, None),
    };
    cx.server.core.server_name = Some(cx.set(ServerName { scheme, host: host.to_owned(), port }));
    Ok(())
}

fn port_number(arg: &Arg, text: &str) -> Result<u16, Problem> {
    let port = u16::try_from(atoi(text.as_bytes())).unwrap_or(0);
    if port == 0 {
        return Err(Problem::at(arg, format!("the port number {text:?} is outside of 1 to 65535")));
    }
    Ok(port)
}

pub(super) fn server_alias(cx: &mut Cx<'_>, names: &[Arg]) -> Outcome {
    for name in names {
        let text = name.text()?;
        let pattern = if is_pattern(text.as_bytes()) {
            HostPattern::Wildcard(text.into())
        } else {
            HostPattern::Name(text.into())
        };
        let alias = cx.set(pattern);
        cx.server.core.server_aliases.push(alias);
    }
    Ok(())
}

pub(super) fn server_path(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    cx.server.core.server_path = Some(cx.set(arg.text()?.to_owned()));
    Ok(())
}

pub(super) fn server_admin(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    cx.server.core.server_admin = Some(cx.set(arg.text()?.to_owned()));
    Ok(())
}

pub(super) fn document_root(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let path = cx.path(arg.text()?);
    cx.server.core.document_root = Some(cx.set(path));
    Ok(())
}

/// The mechanisms of `ap_parse_mutex`; what is behind a colon is the place of a lock file.
pub(super) fn mutex(words: &[Arg]) -> Outcome {
    const MECHANISMS: [&str; 9] =
        ["none", "default", "flock", "fcntl", "file", "pthread", "sysvsem", "posixsem", "sem"];
    let Some(first) = words.first() else { return Ok(()) };
    let mechanism = first.text()?.split(':').next().unwrap_or_default().to_ascii_lowercase();
    if MECHANISMS.contains(&&*mechanism) {
        return Ok(());
    }
    Err(Problem::at(first, format!("{mechanism} is no mechanism of Mutex")))
}
