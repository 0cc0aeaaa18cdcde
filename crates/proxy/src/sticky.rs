//! Sticky sessions: what of a request names a member of a balancer. Pure functions of the request's bytes
//! (`find_session_route` in mod_proxy_balancer.c).

/// `stickysession=` and what goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sticky {
    /// The cookie's name.
    pub cookie: Box<str>,
    /// The name in paths and queries.
    pub path: Box<str>,
    /// What stands before the route (`stickysessionsep=`); none: all of the value is the route.
    pub separator: Option<u8>,
    /// Whether a value in a path ends at a semicolon (`scolonpathdelim=`).
    pub semicolon: bool,
}

/// A session that a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session<'a> {
    /// The name it was found by: `BALANCER_SESSION_STICKY`.
    pub name: &'a str,
    /// The route: `BALANCER_SESSION_ROUTE`. Perhaps empty.
    pub route: &'a [u8],
}

impl Sticky {
    /// The session of a request, from its path and query or else from its Cookie field. The first value of that name
    /// counts; one without the separator has no route.
    #[must_use]
    pub fn session<'a>(&'a self, target: &'a [u8], cookies: Option<&'a [u8]>) -> Option<Session<'a>> {
        let ends: &[u8] = if self.semicolon { b";?&" } else { b"?&" };
        let (name, value) = match in_target(target, self.path.as_bytes(), ends) {
            Some(value) => (&*self.path, value),
            None => (&*self.cookie, in_cookies(cookies?, self.cookie.as_bytes())?),
        };
        let route = match self.separator {
            None => value,
            Some(separator) => &value[memchr::memchr(separator, value)? + 1..],
        };
        Some(Session { name, route })
    }
}

/// What follows `name=` anywhere in a target, up to a delimiter (`get_path_param`); leading delimiters are skipped.
fn in_target<'a>(target: &'a [u8], name: &[u8], ends: &[u8]) -> Option<&'a [u8]> {
    let value = behind(target, name)
        .filter_map(|(_, rest)| rest.strip_prefix(b"="))
        .find(|value| !value.is_empty())?;
    let value = &value[value.iter().position(|byte| !ends.contains(byte))?..];
    let end = value.iter().position(|byte| ends.contains(byte)).unwrap_or(value.len());
    Some(&value[..end])
}

/// The value of the first cookie called `name` (`get_cookie_param`).
fn in_cookies<'a>(cookies: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let value = behind(cookies, name)
        .filter(|(before, _)| before.last().is_none_or(|byte| matches!(byte, b';' | b',') || is_space(*byte)))
        .filter_map(|(_, rest)| {
            let blanks = rest.iter().take_while(|byte| is_space(**byte)).count();
            rest[blanks..].strip_prefix(b"=")
        })
        .find(|value| !value.is_empty())?;
    let end = value.iter().position(|byte| matches!(byte, b';' | b',')).unwrap_or(value.len());
    Some(&value[..end])
}

/// What stands before and behind each occurrence of `name`.
fn behind<'a>(text: &'a [u8], name: &[u8]) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
    let length = name.len();
    let places: Vec<usize> =
        if length == 0 { Vec::new() } else { memchr::memmem::find_iter(text, name).collect() };
    places.into_iter().map(move |at| (&text[..at], &text[at + length..]))
}

/// C's `isspace`.
fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Case {
        sticky: Sticky,
        target: &'static str,
        cookies: &'static str,
    }

    fn of(sticky: &str) -> Case {
        let (cookie, path) = sticky.split_once('|').unwrap_or((sticky, sticky));
        let sticky =
            Sticky { cookie: cookie.into(), path: path.into(), separator: Some(b'.'), semicolon: false };
        Case { sticky, target: "/x", cookies: "" }
    }

    #[track_caller]
    fn check(case: &Case, expected: Option<(&str, &str)>) {
        let cookies = Some(case.cookies.as_bytes()).filter(|cookies| !cookies.is_empty());
        let session = case.sticky.session(case.target.as_bytes(), cookies);
        let session = session.map(|found| (found.name, std::str::from_utf8(found.route).unwrap()));
        assert_eq!(session, expected, "{} {}", case.target, case.cookies);
    }

    #[test]
    fn cookies() {
        let cases = [
            ("SID=abc.r2", Some("r2")),
            ("a=b; SID=zz.r1", Some("r1")),
            ("a=b,SID=zz.r1,c=d", Some("r1")),
            ("SID = z.r1", Some(" z.r1").map(|_| "r1")),
            ("SID=r2", None),
            ("XSID=a.r2", None),
            ("sid=a.r2", None),
            ("SIDX=a.r2", None),
            ("SID=a.b.r2", Some("b.r2")),
            ("SID=.r2", Some("r2")),
            ("SID=a.", Some("")),
            ("SID=a.r2; SID=a.r1", Some("r2")),
            ("SID=; SID=a.r1", None),
            ("SID", None),
            ("SID=", None),
        ];
        for (cookies, route) in cases {
            check(&Case { cookies, ..of("SID") }, route.map(|route| ("SID", route)));
        }
    }

    #[test]
    fn targets() {
        let cases = [
            ("/x;sid=abc.r2;z=1", "r2", "r2;z=1"),
            ("/x;a=b;sid=abc.r2", "r2", "r2"),
            ("/x;sid=abc.r2/more", "r2/more", "r2/more"),
            ("/x?sid=a.r1&b=c", "r1", "r1"),
            ("/x?b=c&sid=a.r1", "r1", "r1"),
            ("/x?nosid=a.r1", "r1", "r1"),
        ];
        for (target, split, whole) in cases {
            let mut case = Case { target, ..of("SID|sid") };
            check(&case, Some(("sid", whole)));
            case.sticky.semicolon = true;
            check(&case, Some(("sid", split)));
        }
        check(&Case { target: "/x?sid=&b=c.r1", ..of("SID|sid") }, Some(("sid", "r1")));
        check(&Case { target: "/x?sid=&", ..of("SID|sid") }, None);
        check(&Case { target: "/x?sid", ..of("SID|sid") }, None);
    }

    #[test]
    fn the_target_counts_before_the_cookie() {
        check(&Case { target: "/x;sid=a.r1", cookies: "SID=a.r2", ..of("SID|sid") }, Some(("sid", "r1")));
        // A value without a route hides the cookie.
        check(&Case { target: "/x;sid=a", cookies: "SID=a.r2", ..of("SID|sid") }, None);
    }

    #[test]
    fn separators() {
        let mut case = Case { cookies: "SID=a.b-r2", ..of("SID") };
        case.sticky.separator = Some(b'-');
        check(&case, Some(("SID", "r2")));
        case.cookies = "SID=a.r2";
        check(&case, None);
        case.sticky.separator = None;
        check(&case, Some(("SID", "a.r2")));
    }
}
