//! The request target taken apart, as httpd's `ap_parse_uri` (server/protocol.c) and APR's `apr_uri_parse` do it.
//!
//! It only finds where the parts lie: nothing is decoded, no dot segments are resolved, the host is not checked (that
//! is [`crate::host`]).

use crate::http::Conformance;

/// The parts of a request target, all slices of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Target<'a> {
    /// The scheme of an absolute form, letter case kept.
    pub scheme: Option<&'a [u8]>,
    /// What stands before the last `@` of the authority.
    pub userinfo: Option<&'a [u8]>,
    /// The host without the brackets of an IPv6 literal.
    pub host: Option<&'a [u8]>,
    /// The digits behind the host's colon.
    pub port: Option<&'a [u8]>,
    /// The path: begins with `/`, or is `*` for `OPTIONS *`. A target without one has `/` (`*` for OPTIONS).
    pub path: &'a [u8],
    /// What follows the first `?`.
    pub query: Option<&'a [u8]>,
    /// What follows the first `#`; only with `Conformance::Unsafe`.
    pub fragment: Option<&'a [u8]>,
}

/// The target cannot be understood: 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadTarget;

impl<'a> Target<'a> {
    /// Takes `target` apart, for `method` (CONNECT has an authority form, OPTIONS may ask for `*`).
    ///
    /// # Errors
    /// Where httpd answers 400 on account of the target (`ap_parse_request_line`).
    pub fn parse(method: &[u8], target: &'a [u8], conformance: Conformance) -> Result<Self, BadTarget> {
        // A path may begin with several slashes; the URI grammar would take the second for an authority's.
        let extra = target.iter().take_while(|&&byte| byte == b'/').count().saturating_sub(1);
        let target = &target[extra..];
        let mut parts = Self::default();
        if method == b"CONNECT" {
            parts.authority_form(target)?;
        } else {
            parts.uri(target)?;
        }
        if parts.path.is_empty() {
            parts.path = if method == b"OPTIONS" { b"*" } else { b"/" };
        } else if parts.path[0] != b'/' && (method, parts.path) != (b"OPTIONS", b"*") {
            return Err(BadTarget);
        }
        let ours =
            |scheme: &[u8]| [&b"http"[..], b"https"].iter().any(|own| scheme.eq_ignore_ascii_case(own));
        if parts.scheme.is_some_and(|scheme| !ours(scheme)) {
            return Err(BadTarget);
        }
        if conformance.is_strict() && (parts.fragment.is_some() || parts.userinfo.is_some()) {
            return Err(BadTarget);
        }
        Ok(parts)
    }

    /// `apr_uri_parse`, less what cannot come up: two leading slashes.
    fn uri(&mut self, uri: &'a [u8]) -> Result<(), BadTarget> {
        if uri.first() == Some(&b'/') {
            self.path_and_query(uri);
            return Ok(());
        }
        let rest = match scheme_len(uri) {
            Some(len) => {
                self.scheme = Some(&uri[..len]);
                &uri[len + 1..]
            }
            None => uri,
        };
        if let Some(authority) = rest.strip_prefix(b"//") {
            let end = authority.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(authority.len());
            self.authority(&authority[..end])?;
            self.path_and_query(&authority[end..]);
            return Ok(());
        }
        // RFC 3986 section 3.3: the first segment of a relative path holds no colon.
        let first_segment = rest.split(|&byte| byte == b'/').next().unwrap_or_default();
        if self.scheme.is_none() && first_segment.contains(&b':') {
            return Err(BadTarget);
        }
        self.path_and_query(rest);
        Ok(())
    }

    fn authority(&mut self, authority: &'a [u8]) -> Result<(), BadTarget> {
        let host_and_port = match authority.iter().rposition(|&byte| byte == b'@') {
            Some(at) => {
                self.userinfo = Some(&authority[..at]);
                &authority[at + 1..]
            }
            None => authority,
        };
        let (host, port) = split_port(host_and_port)?;
        self.host = Some(host);
        self.port = port.filter(|port| !port.is_empty());
        self.check_port()
    }

    /// `apr_uri_parse_hostinfo`: a port is a must.
    fn authority_form(&mut self, target: &'a [u8]) -> Result<(), BadTarget> {
        let (host, port) = split_port(target)?;
        self.host = Some(host);
        self.port = Some(port.filter(|port| !port.is_empty()).ok_or(BadTarget)?);
        self.check_port()
    }

    fn check_port(&self) -> Result<(), BadTarget> {
        let digits = self.port.is_none_or(|port| port.iter().all(u8::is_ascii_digit));
        digits.then_some(()).ok_or(BadTarget)
    }

    fn path_and_query(&mut self, rest: &'a [u8]) {
        let end = rest.iter().position(|byte| b"?#".contains(byte)).unwrap_or(rest.len());
        self.path = &rest[..end];
        let (query, fragment) = match rest[end..].iter().position(|&byte| byte == b'#') {
            Some(hash) => (&rest[end..end + hash], Some(&rest[end + hash + 1..])),
            None => (&rest[end..], None),
        };
        self.query = query.strip_prefix(b"?");
        self.fragment = fragment;
    }
}

fn scheme_len(uri: &[u8]) -> Option<usize> {
    let len = uri.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count();
    (uri.first()?.is_ascii_alphabetic() && uri.get(len) == Some(&b':')).then_some(len)
}

/// `host:port`, `[v6]:port`, or either without a port.
fn split_port(text: &[u8]) -> Result<(&[u8], Option<&[u8]>), BadTarget> {
    let colon = if text.first() == Some(&b'[') {
        let bracket = text.iter().position(|&byte| byte == b']').ok_or(BadTarget)?;
        (text.get(bracket + 1) == Some(&b':')).then_some(bracket + 1)
    } else {
        text.iter().position(|&byte| byte == b':')
    };
    let (host, port) = match colon {
        Some(colon) => (&text[..colon], Some(&text[colon + 1..])),
        None => (text, None),
    };
    let bare = host.strip_prefix(b"[").map(|inner| inner.strip_suffix(b"]").ok_or(BadTarget));
    Ok((bare.transpose()?.unwrap_or(host), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scheme|userinfo|host|port|path|query|fragment`, absent parts as `-`.
    fn show(parts: &Target<'_>) -> String {
        [parts.scheme, parts.userinfo, parts.host, parts.port, Some(parts.path), parts.query, parts.fragment]
            .map(|part| part.map_or("-".into(), |text| String::from_utf8_lossy(text).into_owned()))
            .join("|")
    }

    #[test]
    fn targets() {
        for (method, target, parts) in [
            ("GET", "/", "-|-|-|-|/|-|-"),
            ("GET", "/a?b?c", "-|-|-|-|/a|b?c|-"),
            ("GET", "//host/x", "-|-|-|-|/host/x|-|-"),
            ("GET", "///", "-|-|-|-|/|-|-"),
            ("GET", "http://h", "http|-|h|-|/|-|-"),
            ("GET", "http://h?q", "http|-|h|-|/|q|-"),
            ("GET", "HTTP://h:80/x", "HTTP|-|h|80|/x|-|-"),
            ("GET", "http://h:/x", "http|-|h|-|/x|-|-"),
            ("GET", "http://[::1]:80/x", "http|-|::1|80|/x|-|-"),
            ("GET", "http://[::1]/x", "http|-|::1|-|/x|-|-"),
            ("GET", "HTTPS://h/x", "HTTPS|-|h|-|/x|-|-"),
            ("GET", "https:/x", "https|-|-|-|/x|-|-"),
            ("GET", "http:///x", "http|-||-|/x|-|-"),
            ("OPTIONS", "*", "-|-|-|-|*|-|-"),
            ("OPTIONS", "http://h", "http|-|h|-|*|-|-"),
            ("CONNECT", "h:443", "-|-|h|443|/|-|-"),
        ] {
            let parsed = Target::parse(method.as_bytes(), target.as_bytes(), Conformance::Strict);
            assert_eq!(parsed.map(|parsed| show(&parsed)).as_deref(), Ok(parts), "{method} {target}");
        }
    }

    #[test]
    fn bad_targets() {
        for (method, target) in [
            ("GET", "x"),
            ("GET", "*"),
            ("GET", "foo:bar"),
            ("GET", "ws://h/x"),
            ("GET", "ftp:/x"),
            ("GET", "1:2/x"),
            ("GET", "a:b/x"),
            ("GET", "/x#f"),
            ("GET", "http://u@h/"),
            ("GET", "http://u:p@h/"),
            ("GET", "http://h:8x/"),
            ("GET", "http://[::1/"),
            ("GET", "http://[::1]x/"),
            ("OPTIONS", "*x"),
            ("CONNECT", "h"),
            ("CONNECT", "h:"),
            ("CONNECT", "/x"),
        ] {
            let parsed = Target::parse(method.as_bytes(), target.as_bytes(), Conformance::Strict);
            assert_eq!(parsed, Err(BadTarget), "{method} {target}");
        }
    }

    #[test]
    fn unsafe_lets_fragments_and_users_pass() {
        for (target, parts) in [("/x?q#f?g", "-|-|-|-|/x|q|f?g"), ("http://u:p@h/", "http|u:p|h|-|/|-|-")] {
            let parsed = Target::parse(b"GET", target.as_bytes(), Conformance::Unsafe);
            assert_eq!(parsed.map(|parsed| show(&parsed)).as_deref(), Ok(parts), "{target}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_input_panics(method in "(GET|CONNECT|OPTIONS)", target in r"[/:@\[\]?#*a1.]{0,12}") {
            let _ = Target::parse(method.as_bytes(), target.as_bytes(), Conformance::Strict);
        }
    }
}
