//! Backend URLs as ProxyPass, BalancerMember and `<Proxy>` write them.

use std::borrow::Cow;
use std::fmt;

/// A backend's URL, normalised as httpd normalises a worker's name (`ap_proxy_define_worker_ex`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerUrl {
    /// In lower case: `ws`, `http`.
    pub scheme: Box<str>,
    /// Host name or address in lower case, IPv6 addresses without brackets.
    pub host: Box<str>,
    /// Whether the host is an IPv6 address, written in brackets.
    pub bracketed: bool,
    /// The port, unless it is the scheme's.
    pub port: Option<u16>,
    /// What follows the authority, from its first `/`; also `$1` where a regular expression names the port.
    pub path: Box<str>,
    /// The unix socket of a `unix:/path|scheme://host` URL.
    pub socket: Option<Box<str>>,
    /// Whether `$1` decides the host or the port, so that connections cannot be kept.
    pub volatile: bool,
}

/// The port that a scheme implies (`ap_proxy_port_of_scheme`); 0 for unknown schemes.
pub fn default_port(scheme: &str) -> u16 {
    match scheme {
        "http" | "ws" | "h2c" => 80,
        "https" | "wss" | "h2" => 443,
        "ftp" => 21,
        "ajp" => 8009,
        "fcgi" => 8000,
        "scgi" => 4000,
        _ => 0,
    }
}

/// Takes the socket off `unix:/path|scheme://host/` (`ap_proxy_de_socketfy`); none if what follows has no scheme.
pub fn without_socket(url: &str) -> Option<Cow<'_, str>> {
    let Some((_, rest)) = strip_unix(url) else { return Some(Cow::Borrowed(url)) };
    let (_, behind) = rest.split_once(':')?;
    Some(match behind {
        "" => Cow::Owned(format!("{rest}//localhost")),
        "//" => Cow::Owned(format!("{rest}localhost")),
        _ => Cow::Borrowed(rest),
    })
}

/// `unix:/path|rest` as (`/path`, `rest`).
fn strip_unix(url: &str) -> Option<(&str, &str)> {
    let prefix = url.get(..5).filter(|prefix| prefix.eq_ignore_ascii_case("unix:"))?;
    url[prefix.len()..].split_once('|')
}

/// `$` and a digit.
fn starts_reference(text: &str) -> bool {
    matches!(text.as_bytes(), [b'$', b'0'..=b'9', ..])
}

impl WorkerUrl {
    /// Reads a URL. `matching`: `$1` may stand for parts of it.
    ///
    /// # Errors
    /// What httpd says of URLs that it does not take.
    pub fn parse(url: &str, matching: bool) -> Result<Self, String> {
        let (socket, rest) = match strip_unix(url) {
            Some((socket, rest)) => (Some(socket_path(socket)), rest),
            None => (None, url),
        };
        let absolute = || format!("the URL must be absolute: {url}");
        let (scheme, behind) = rest.split_once(':').ok_or_else(absolute)?;
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        if scheme.is_empty() || !scheme.bytes().all(valid) || !scheme.as_bytes()[0].is_ascii_alphabetic() {
            return Err(absolute());
        }
        let scheme = scheme.to_ascii_lowercase();
        let authority = behind.strip_prefix("//").unwrap_or("");
        let end = authority.find(['/', '?', '#']).unwrap_or(authority.len());
        let (authority, path) = authority.split_at(end);
        let (authority, moved) = if matching { split_port_reference(authority) } else { (authority, "") };
        let host_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, bracketed, port) =
            split_host(host_port).ok_or_else(|| format!("unable to parse URL: {url}"))?;
        let host = match host {
            "" if socket.is_some() => "localhost".to_owned(),
            "" => return Err(absolute()),
            host => host.to_ascii_lowercase(),
        };
        let volatile = matching && (!moved.is_empty() || host.contains('$'));
        Ok(Self {
            port: port.filter(|port| *port != default_port(&scheme)),
            scheme: scheme.into(),
            host: host.into(),
            bracketed,
            path: format!("{moved}{path}").into(),
            socket: socket.map(Into::into),
            volatile,
        })
    }

    /// The port to connect to; 0 where neither URL nor scheme name one.
    pub fn effective_port(&self) -> u16 {
        self.port.unwrap_or_else(|| default_port(&self.scheme))
    }
}

/// The name by which httpd finds the worker again, without the socket.
impl fmt::Display for WorkerUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = if self.bracketed { ("[", "]") } else { ("", "") };
        write!(out, "{}://{open}{}{close}", self.scheme, self.host)?;
        if let Some(port) = self.port {
            write!(out, ":{port}")?;
        }
        write!(out, "{}", self.path)
    }
}

/// `/p` of `unix:/p`, `unix:///p` and `unix://host/p`.
fn socket_path(text: &str) -> String {
    match text.strip_prefix("//") {
        Some(rest) => rest.find('/').map_or_else(String::new, |slash| rest[slash..].to_owned()),
        None => text.to_owned(),
    }
}

/// Moves `$1` that stands for (a part of) the port out of the way, as it would not parse.
fn split_port_reference(authority: &str) -> (&str, &str) {
    let Some(colon) = authority.find(':') else { return (authority, "") };
    let at = (colon + 1..authority.len())
        .find(|index| authority.is_char_boundary(*index) && starts_reference(&authority[*index..]));
    at.map_or((authority, ""), |at| authority.split_at(at))
}

/// Host, whether it was in brackets, and port; none if the port is no number.
fn split_host(text: &str) -> Option<(&str, bool, Option<u16>)> {
    let (host, bracketed, rest) = match text.strip_prefix('[') {
        Some(inside) => {
            let (host, rest) = inside.split_once(']')?;
            (host, true, rest)
        }
        None => {
            let colon = text.find(':').unwrap_or(text.len());
            (&text[..colon], false, &text[colon..])
        }
    };
    let port = match rest.strip_prefix(':') {
        None if rest.is_empty() => None,
        None => return None,
        Some("") => None,
        // As apr_uri_parse does: any number, cut to 16 bits.
        Some(digits) => {
            let number: u32 = digits.parse().ok().filter(|_| !digits.starts_with(['+', '-']))?;
            Some(u16::try_from(number & 0xffff).unwrap_or(0))
        }
    };
    Some((host, bracketed, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, matching: bool, expected: Result<&str, &str>) {
        let parsed = WorkerUrl::parse(url, matching).map(|url| {
            url.socket.as_ref().map_or_else(|| url.to_string(), |socket| format!("{socket} {url}"))
        });
        assert_eq!(parsed.as_deref().map_err(String::as_str), expected, "{url}");
    }

    #[test]
    fn urls_are_normalised() {
        check("WS://Host:80/Path", false, Ok("ws://host/Path"));
        check("http://h", false, Ok("http://h"));
        check("http://[::1]:8080/x", false, Ok("http://[::1]:8080/x"));
        check("unix:/run/a.sock|http://localhost/b", false, Ok("/run/a.sock http://localhost/b"));
        check("unix:///run/a.sock|ws://h/", false, Ok("/run/a.sock ws://h/"));
        check("unix:/run/a.sock|http:", false, Ok("/run/a.sock http://localhost"));
        check("http://h:99999/", false, Ok("http://h:34463/"));
        check("http://h:80$1/x", true, Ok("http://h$1/x"));
    }

    #[test]
    fn urls_that_are_not_taken() {
        check("127.0.0.1:1/", false, Err("the URL must be absolute: 127.0.0.1:1/"));
        check("/path", false, Err("the URL must be absolute: /path"));
        check("http:///x", false, Err("the URL must be absolute: http:///x"));
        check("http://h:abc/", false, Err("unable to parse URL: http://h:abc/"));
    }
}
