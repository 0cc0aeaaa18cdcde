//! Whom a request asks for: the host of the request target or of the Host field, checked as httpd's `fix_hostname`
//! does it (server/vhost.c). Which virtual host serves that name is decided elsewhere.

use std::net::Ipv6Addr;

use bytes::Bytes;

use crate::http::{Conformance, Head, Headers, Version};
use crate::target::Target;

/// The host that a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Lower case, without brackets, port and one trailing dot: what is compared with ServerName and ServerAlias.
    pub name: Bytes,
    /// The port that stood behind it, if one did.
    pub port: Option<u16>,
    /// Set if the name comes from an absolute-form target: the value that the Host field must then have.
    replaces: Option<Bytes>,
}

/// The host is malformed: 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadHost;

impl Host {
    /// The host that `head` names: the one in an absolute form of the connection's own scheme (`https` if `secure`),
    /// else that of the Host field. `None` if it names none, or a blank one.
    ///
    /// # Errors
    /// A malformed name or port. Two Host fields are one: merged, their comma is malformed.
    pub fn of(
        head: &Head,
        target: &Target<'_>,
        secure: bool,
        conformance: Conformance,
    ) -> Result<Option<Self>, BadHost> {
        let own_scheme: &[u8] = if secure { b"https" } else { b"http" };
        let from_target = match target.host {
            Some(host) if target.scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(own_scheme)) => {
                Some(host)
            }
            Some(host) if head.method == b"CONNECT"[..] => Some(host),
            _ => None,
        };
        match (from_target, head.headers.get("Host")) {
            (Some(host), _) => Self::from_target(host, target.port, conformance),
            (None, Some(value)) => Self::from_field(value, conformance),
            (None, None) => Ok(None),
        }
    }

    /// Whether `head` lacks the host that HTTP/1.1 demands: the name itself and, in 1.1, the Host field
    /// (`ap_check_request_header` in server/protocol.c). 400, once the virtual host has been selected.
    #[must_use]
    pub fn is_missing(host: Option<&Self>, head: &Head) -> bool {
        (host.is_none() && head.version >= Version::HTTP_11)
            || (head.version == Version::HTTP_11 && !head.headers.contains("Host"))
    }

    /// Makes the Host field agree with an absolute-form target (RFC 9112 section 3.2.2). Only for
    /// `Conformance::Strict`: httpd leaves it alone otherwise.
    pub fn settle(&self, headers: &mut Headers) {
        if let (Some(value), true) = (&self.replaces, headers.contains("Host")) {
            headers.set("Host", value.clone());
        }
    }

    fn from_target(
        host: &[u8],
        port: Option<&[u8]>,
        conformance: Conformance,
    ) -> Result<Option<Self>, BadHost> {
        let v6 = host.contains(&b':');
        // `http:///` names a host, if a blank one: the Host field is not asked.
        let name = if host.is_empty() {
            Bytes::new()
        } else if v6 {
            v6_name(host)?
        } else {
            plain_name(&Bytes::copy_from_slice(host), conformance)?
        };
        let mut value = if v6 { [b"[", &name[..], b"]"].concat() } else { name.to_vec() };
        if let Some(port) = port {
            value.push(b':');
            value.extend_from_slice(port);
        }
        Ok(Some(Self { name, port: port.map(wrapped_port), replaces: Some(value.into()) }))
    }

    fn from_field(value: &Bytes, conformance: Conformance) -> Result<Option<Self>, BadHost> {
        if value.is_empty() {
            return Ok(None);
        }
        if value.iter().all(u8::is_ascii_digit) {
            // RFC 3986 section 7.4: a number alone is no host.
            let name = (!conformance.is_strict()).then(|| value.clone()).ok_or(BadHost)?;
            return Ok(Some(Self { name, port: None, replaces: None }));
        }
        let (host, port) = split_port(value)?;
        let name = match host.strip_prefix(b"[") {
            Some(literal) => {
                let literal = literal.strip_suffix(b"]").ok_or(BadHost)?;
                let text = str::from_utf8(literal).map_err(|_| BadHost)?;
                text.parse::<Ipv6Addr>().map_err(|_| BadHost)?;
                v6_name(literal)?
            }
            None => plain_name(&value.slice_ref(host), conformance)?,
        };
        Ok(Some(Self { name, port, replaces: None }))
    }
}

/// `apr_parse_addr_port`: the digits at the end are a port if a colon stands before them.
pub(crate) fn split_port(value: &[u8]) -> Result<(&[u8], Option<u16>), BadHost> {
    let digits = value.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (before, port) = value.split_at(value.len() - digits);
    match before.strip_suffix(b":") {
        Some(host) if !port.is_empty() => {
            let port = str::from_utf8(port).ok().and_then(|port| port.parse().ok()).filter(|&port| port > 0);
            if host.is_empty() { Err(BadHost) } else { Ok((host, Some(port.ok_or(BadHost)?))) }
        }
        _ => Ok((value, None)),
    }
}

/// A URI's port is not range-checked: httpd keeps its lower sixteen bits.
fn wrapped_port(digits: &[u8]) -> u16 {
    digits.iter().fold(0u16, |port, digit| port.wrapping_mul(10).wrapping_add(u16::from(digit - b'0')))
}

/// `fix_hostname_v6_literal`.
fn v6_name(literal: &[u8]) -> Result<Bytes, BadHost> {
    let mut double_colon = false;
    for (index, &byte) in literal.iter().enumerate() {
        let next = literal.get(index + 1).copied();
        let good = match byte {
            b':' if next == Some(b':') => !std::mem::replace(&mut double_colon, true),
            b':' => next != Some(b'.'),
            b'.' => !matches!(next, Some(b':' | b'.')),
            _ => byte.is_ascii_hexdigit(),
        };
        if !good {
            return Err(BadHost);
        }
    }
    Ok(lower(&Bytes::copy_from_slice(literal)))
}

/// `fix_hostname_non_v6`: no path separators, no empty label; one trailing dot is dropped.
fn plain_name(host: &Bytes, conformance: Conformance) -> Result<Bytes, BadHost> {
    if host.iter().any(|byte| b"/\\".contains(byte)) || host.windows(2).any(|pair| pair == b"..") {
        return Err(BadHost);
    }
    let name = host.strip_suffix(b".").map_or_else(|| host.clone(), |name| host.slice_ref(name));
    if conformance.is_strict() && !is_strict_name(&name) {
        return Err(BadHost);
    }
    Ok(lower(&name))
}

/// `strict_hostname_check`: letters, digits, `-`, `_` and dots; all digits only as a dotted quad without leading
/// zeros (RFC 3986 section 7.4); otherwise the last label begins with a letter (RFC 1123 section 2.1).
fn is_strict_name(name: &[u8]) -> bool {
    if !name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte)) {
        return false;
    }
    let mut labels = name.split(|&byte| byte == b'.');
    if name.iter().all(|&byte| byte == b'.' || byte.is_ascii_digit()) {
        let canonical = |label: &[u8]| label.len() < 2 || label[0] != b'0';
        return name.first() != Some(&b'.') && labels.clone().count() == 4 && labels.all(canonical);
    }
    let last = labels.next_back().unwrap_or_default();
    !name.contains(&b'.') || last.first().is_none_or(u8::is_ascii_alphabetic)
}

fn lower(name: &Bytes) -> Bytes {
    if name.iter().any(u8::is_ascii_uppercase) { name.to_ascii_lowercase().into() } else { name.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requested(head: &Head, secure: bool, conformance: Conformance) -> Result<Option<Host>, BadHost> {
        let target =
            Target::parse(&head.method, &head.target, conformance).expect("the test's target is good");
        Host::of(head, &target, secure, conformance)
    }

    fn head(target: &'static str, host: Option<&'static str>) -> Head {
        let mut head =
            Head { method: "GET".into(), target: target.into(), version: Version::HTTP_11, ..Head::unread() };
        if let Some(host) = host {
            head.headers.add("Host", host);
        }
        head
    }

    #[track_caller]
    fn check(value: &'static str, conformance: Conformance, want: Option<(&str, Option<u16>)>) {
        let got = requested(&head("/", Some(value)), false, conformance).ok().flatten();
        let got = got
            .as_ref()
            .map(|host| (str::from_utf8(&host.name).expect("the test's names are text"), host.port));
        assert_eq!(got, want, "{value}");
    }

    #[test]
    fn strict_names() {
        for (value, name, port) in [
            ("a.test", "a.test", None),
            ("A.Test:8080", "a.test", Some(8080)),
            ("a.test.", "a.test", None),
            ("a.test.:80", "a.test", Some(80)),
            ("127.0.0.1", "127.0.0.1", None),
            ("1.2.3.4.", "1.2.3.4", None),
            ("my_host-1.x", "my_host-1.x", None),
            ("host1", "host1", None),
            ("1host", "1host", None),
            (".a", ".a", None),
            ("[::1]", "::1", None),
            ("[::FFFF:1.2.3.4]:8443", "::ffff:1.2.3.4", Some(8443)),
        ] {
            check(value, Conformance::Strict, Some((name, port)));
        }
    }

    #[test]
    fn malformed_names() {
        for value in [
            "a..b",
            "a.test..",
            "a.test:",
            "a,b",
            "a, b",
            "user@",
            "user@a",
            "a.test:99999",
            "a.test:0",
            "a:b:1",
            ":80",
            "12345",
            "1.2.3",
            "1.2.3.04",
            "01.2.3.4",
            ".1.2.3",
            "a.1",
            "a/b",
            "a\\b",
            "a b",
            "[::1",
            "[::1]x",
            "[]",
            "[::1%25eth0]",
            "[1]",
            ".",
            "a.-b",
            "h\u{e9}",
        ] {
            check(value, Conformance::Strict, None);
            assert_eq!(
                requested(&head("/", Some(value)), false, Conformance::Strict),
                Err(BadHost),
                "{value}"
            );
        }
    }

    #[test]
    fn unsafe_names() {
        for (value, name, port) in [
            ("12345", "12345", None),
            ("a,b", "a,b", None),
            ("a.test:", "a.test:", None),
            ("u@h:1", "u@h", Some(1)),
            ("1.2.3", "1.2.3", None),
        ] {
            check(value, Conformance::Unsafe, Some((name, port)));
        }
        for value in ["a..b", "a/b", "a:99999"] {
            check(value, Conformance::Unsafe, None);
        }
    }

    #[track_caller]
    fn check_settled(secure: bool, target: &'static str, name: &str, field: &str) {
        let mut head = head(target, Some("b.test"));
        let host = requested(&head, secure, Conformance::Strict).ok().flatten().expect("there is a host");
        host.settle(&mut head.headers);
        assert_eq!(
            (&host.name[..], head.headers.get("Host").map(|value| &value[..])),
            (name.as_bytes(), Some(field.as_bytes()))
        );
    }

    #[test]
    fn the_absolute_form_beats_the_field() {
        check_settled(false, "http://A.test:81/x", "a.test", "a.test:81");
        check_settled(false, "http://[::1]/x", "::1", "[::1]");
        check_settled(true, "https://a.test/x", "a.test", "a.test");
        // Another scheme than the connection's: the name in the URL is ignored.
        check_settled(false, "https://a.test/x", "b.test", "b.test");
        check_settled(true, "http://a.test/x", "b.test", "b.test");
    }

    #[test]
    fn when_a_host_is_missing() {
        for (target, host, version, missing) in [
            ("/", None, Version::HTTP_11, true),
            ("/", Some(""), Version::HTTP_11, true),
            ("/", Some("a"), Version::HTTP_11, false),
            ("http://a/", None, Version::HTTP_11, true),
            ("http://a/", None, Version { major: 1, minor: 2 }, false),
            ("http:///", Some("a"), Version::HTTP_11, false),
            ("/", None, Version::HTTP_10, false),
        ] {
            let head = Head { version, ..head(target, host) };
            let asked = requested(&head, false, Conformance::Strict).expect("no test case is malformed");
            assert_eq!(Host::is_missing(asked.as_ref(), &head), missing, "{target} {host:?} {version}");
        }
    }
}
