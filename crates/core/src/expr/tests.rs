use std::collections::BTreeMap;

use proptest::strategy::Strategy;
use wsgate_directives::expr::{Trust, condition, string};

use super::*;

/// A GET for /apache/expr/index.html?q=1 at a quarter to three on a Wednesday.
struct Request {
    client: IpAddr,
    known: BTreeMap<String, &'static str>,
}

impl Default for Request {
    fn default() -> Self {
        let known = [
            ("RequestMethod", "GET"),
            ("RequestScheme", "http"),
            ("RequestUri", "/apache/expr/index.html"),
            ("QueryString", "q=1"),
            ("RemoteAddr", "127.0.0.1"),
            ("Https", "off"),
            ("SSL_PROTOCOL", "TLSv1.3"),
            ("request host", "www.example.com"),
            ("request user-agent", "SomeAgent"),
            ("request referer", "SomeReferer"),
            ("request someheader", "SomeValue"),
            ("request cookie", "a=b; c=d"),
            ("request pct", "a%2fb"),
            ("response x-made", "made"),
            ("note n", "from note"),
            ("env n", "from env"),
            ("env e", "from env"),
            ("os e", "from os"),
            ("os o", "from os"),
            ("file /foo", "foo\n"),
            ("size /foo", "4"),
        ];
        let known = known.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { client: [127, 0, 0, 1].into(), known }
    }
}

impl Context for Request {
    fn lookup(&mut self, what: Lookup<'_>) -> Result<Option<Cow<'_, [u8]>>, Error> {
        let named = |kind: &str, name: &[u8]| {
            format!("{kind} {}", String::from_utf8_lossy(name).to_ascii_lowercase())
        };
        let key = match what {
            Lookup::Variable(variable) => format!("{variable:?}"),
            Lookup::Ssl(name) => name.to_owned(),
            Lookup::Request(name) => named("request", name),
            Lookup::Response(name) => named("response", name),
            Lookup::RequestEnv(name) => named("env", name),
            Lookup::Note(name) => named("note", name),
            Lookup::OsEnv(name) => named("os", name),
            Lookup::FileSize(path) => named("size", path),
            Lookup::File(path) => {
                let known = self.known.get(&named("file", path));
                let text = known.ok_or_else(|| Error::File("cannot open file".to_owned()))?;
                return Ok(Some(text.as_bytes().into()));
            }
        };
        Ok(self.known.get(&key).map(|value| value.as_bytes().into()))
    }

    fn client(&mut self) -> IpAddr {
        self.client
    }

    fn now(&mut self) -> LocalTime {
        LocalTime { year: 2026, month: 11, day: 4, hour: 14, minute: 45, second: 9, weekday: 3 }
    }

    fn probe(&mut self, probe: Probe<'_>) -> Result<bool, Error> {
        match probe {
            Probe::File(FileTest::Folder, path) => Ok(path == b"/"),
            Probe::File(FileTest::Exists, path) => Ok(path == b"/" || path == b"/foo"),
            Probe::File(_, path) => Ok(path == b"/foo"),
            Probe::Subrequest(_, target) => Ok(target == b"/open"),
        }
    }

    fn peer_extensions(&mut self, extension: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
        Ok(if extension == b"1.2.3" { vec![b"a".to_vec(), b"b".to_vec()] } else { Vec::new() })
    }
}

/// Answers nothing that may be refused.
struct Blind;

impl Context for Blind {
    fn lookup(&mut self, _: Lookup<'_>) -> Result<Option<Cow<'_, [u8]>>, Error> {
        Err(Error::Unanswered("anything"))
    }

    fn client(&mut self) -> IpAddr {
        [10, 0, 0, 1].into()
    }

    fn now(&mut self) -> LocalTime {
        Request::default().now()
    }
}

fn outcome(source: &str) -> Result<bool, Error> {
    let expr = condition(source.as_bytes(), Trust::Server).expect(source);
    eval(&expr.root, &mut Request::default(), &mut State::default())
}

#[track_caller]
fn all(expected: bool, sources: &[&str]) {
    for source in sources {
        assert_eq!(outcome(source), Ok(expected), "{source}");
    }
}

#[track_caller]
fn text(source: &str, expected: &str) {
    let expr = string(source.as_bytes(), Trust::Server).expect(source);
    let text = eval_string(&expr.root, &mut Request::default(), &mut State::default()).expect(source);
    assert_eq!(String::from_utf8_lossy(&text), expected, "{source}");
}

/// What httpd 2.4.71 finds true for such a request; likewise below.
#[test]
fn true_in_httpd() {
    all(true, include_str!("tests/true.txt").lines().collect::<Vec<_>>().as_slice());
}

#[test]
fn false_in_httpd() {
    all(false, include_str!("tests/false.txt").lines().collect::<Vec<_>>().as_slice());
}

/// Every way to join up to three constants, with and without negations.
#[test]
fn boolean_logic() {
    let bases = [("true", true), ("false", false), ("!true", false), ("!false", true)];
    for (a, va) in bases {
        for (b, vb) in bases {
            for (c, vc) in bases {
                for (source, expected) in [
                    (format!("{a} && {b} && {c}"), va && vb && vc),
                    (format!("{a} && {b} || {c}"), va && vb || vc),
                    (format!("{a} || {b} && {c}"), va || vb && vc),
                    (format!("{a} || {b} || {c}"), va || vb || vc),
                    (format!("({a} || {b}) && {c}"), (va || vb) && vc),
                    (format!("{a} && ({b} || {c})"), va && (vb || vc)),
                ] {
                    all(expected, &[&source]);
                    all(!expected, &[&format!("!({source})")]);
                }
            }
        }
    }
}

#[test]
fn strings() {
    for (source, expected) in [
        ("", ""),
        ("%{REQUEST_METHOD} %{REQUEST_URI}?%{QUERY_STRING}", "GET /apache/expr/index.html?q=1"),
        ("it's 100% \"$1\" }", "it's 100% \"\" }"),
        ("%{TIME}|%{TIME_YEAR}-%{TIME_MON}-%{TIME_DAY}", "20261104144509|2026-11-04"),
        ("%{TIME_HOUR}:%{TIME_MIN}:%{TIME_SEC} %{TIME_WDAY}", "14:45:09 3"),
        ("%{API_VERSION}", "20120211"),
        ("%{env:n}|%{env:e}|%{env:o}|%{env:x}", "from note|from env|from os|"),
        ("%{note:n}|%{reqenv:n}|%{osenv:n}|%{resp:X-Made}", "from note|from env||made"),
        ("%{SSL_PROTOCOL}|%{ssl_protocol}|%{SSL_NOTHING}", "TLSv1.3|TLSv1.3|"),
        (
            "%{SSL:SSL_PROTOCOL}|%{SSL:https}|%{SSL:HTTP_HOST}|%{SSL:HTTP:Referer}|%{SSL:ENV:e}|%{SSL:NOTHING}",
            "TLSv1.3|off|www.example.com|SomeReferer|from env|",
        ),
        (
            "%{escape:x #\\%&+/:;<=>?@[\\\\]^`{|~é\\}}",
            "x%20%23%25&+/:;%3c=%3e%3f@%5b%5c%5d%5e%60%7b%7c~%c3%a9%7d",
        ),
        (
            "%{ldap: #a*b(c)\\\\,+;<>\\\"\\t=&é}",
            " #a\\2ab\\28c\\29\\5c\\2c\\2b\\3b\\3c\\3e\\22\\09=&\\c3\\a9",
        ),
        ("%{unescape:a%2fb%2F%41+c}", "a%2fb%2FA+c"),
        ("<%{unescape:a%00b}%{unescape:a%zzb}%{unescape:a%4}%{unescape:a%}>", "<>"),
        ("%{unescape:%{req:Pct}}", "a%2fb"),
        ("%{base64:a}|%{base64:ab}|%{base64:abc}", "YQ==|YWI=|YWJj"),
        (
            "%{unbase64:Zm9v}|%{unbase64:Zm9vMg==}|%{unbase64:Zm9vMg}|%{unbase64:Zm9vMg=}",
            "foo|foo2|foo2|foo2",
        ),
        ("%{unbase64:Z}|%{unbase64:Zm9vM}|%{unbase64:Zm9-vMg}|%{unbase64:YQBi}", "|foo|fo|a"),
        ("%{unbase64: Zm9v}|%{unbase64:Zm==9v}|%{unbase64:Zh}", "|f|f"),
        ("%{tolower:AÉb}|%{toupper:aéb}", "aÉb|AéB"),
        ("%{md5:foo}", "acbd18db4cc2f85cedef654fccc4a4d8"),
        ("%{sha1:foo}", "0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33"),
        ("%{filesize:/foo}|%{filesize:/none}|%{file:/foo}", "4|0|foo\n"),
    ] {
        text(source, expected);
    }
}

#[test]
fn what_cannot_be_known_is_an_error() {
    let hopeless = format!("'{}!' =~ /^(a+)+$/", "a".repeat(64));
    assert!(matches!(outcome(&hopeless), Err(Error::Match(_))));
    assert!(matches!(outcome(&format!("! {hopeless}")), Err(Error::Match(_))));
    assert!(matches!(outcome(&hopeless.replace("=~", "!~")), Err(Error::Match(_))));
    assert_eq!(outcome("true || file('/none') == 'x'"), Ok(true));
    assert_eq!(outcome("false || file('/none') != 'x'"), Err(Error::File("cannot open file".to_owned())));
    for source in
        ["-f '/x'", "!-f '/x'", "-U '/x'", "'a' in PeerExtList('x')", "%{REMOTE_USER} == ''", "-z req('x')"]
    {
        let expr = condition(source.as_bytes(), Trust::Server).unwrap();
        let outcome = eval(&expr.root, &mut Blind, &mut State::default());
        assert!(matches!(outcome, Err(Error::Unanswered(_))), "{source}: {outcome:?}");
    }
}

/// httpd gives up at the same depth.
#[test]
fn depth_is_httpds() {
    let calls = |depth| format!("{}'a'{} == 'A'", "toupper(".repeat(depth), ")".repeat(depth));
    assert_eq!(outcome(&calls(18)), Ok(true));
    assert_eq!(outcome(&calls(19)), Err(Error::TooDeep));
    let left = |depth| format!("{}true{}", "(".repeat(depth), " && true)".repeat(depth));
    assert_eq!(outcome(&left(19)), Ok(true));
    assert_eq!(outcome(&left(20)), Err(Error::TooDeep));
    assert_eq!(outcome(&format!("{}true{}", "(".repeat(90), ")".repeat(90))), Ok(true));
    assert_eq!(outcome(&vec!["true"; 1000].join(" && ")), Ok(true));
    assert_eq!(outcome(&vec!["false"; 1000].join(" || ! true || ")), Ok(false));
}

#[test]
fn headers_that_were_read_are_kept_for_vary() {
    for (source, expected) in [
        ("%{HTTP_REFERER} == 'x'", "Referer"),
        ("%{REQ:Referer} == 'x' || req('X-Y') == 'a' && req_novary('Z') == 'b'", "Referer X-Y"),
        ("%{HTTP:hOsT} == 'x' || %{HTTP_HOST} == 'y'", ""),
        (
            "%{HTTP_FORWARDED}.%{HTTP_ACCEPT}.%{HTTP_PROXY_CONNECTION} == ''",
            "Forwarded Accept Proxy-Connection",
        ),
        ("false && req('A') == ''", ""),
        ("%{SSL:HTTP_REFERER} == ''", ""),
    ] {
        let expr = condition(source.as_bytes(), Trust::Server).unwrap();
        let mut state = State::default();
        eval(&expr.root, &mut Request::default(), &mut state).unwrap();
        assert_eq!(String::from_utf8(state.vary.join(&b' ')).unwrap(), expected, "{source}");
    }
}

#[test]
fn groups_stay_for_the_next_expression() {
    let mut state = State::default();
    let run = |source: &str, state: &mut State| {
        let expr = condition(source.as_bytes(), Trust::Server).unwrap();
        eval(&expr.root, &mut Request::default(), state).unwrap()
    };
    assert!(run("%{REQUEST_URI} =~ m#^/(\\w+)/(\\w+)#", &mut state));
    let expr = string(b"<$0 $2 $1 $3>", Trust::Server).unwrap();
    let text = eval_string(&expr.root, &mut Request::default(), &mut state).unwrap();
    assert_eq!(text, b"</apache/expr expr apache >");
    assert!(run("$1 == 'apache' && 'x' =~ /x/ && $1 == 'apache'", &mut state));
    assert!(!run("'x' =~ /(y)/", &mut state));
    assert_eq!(state.captures, None);
}

#[test]
fn clients() {
    for (client, source, expected) in [
        ("127.0.0.1", "-R '127.0.0.1' || -R '::1'", true),
        ("::ffff:127.0.0.1", "-R '127'", true),
        ("::1", "-R '127'", false),
        ("fe80::1", "-R 'fe80::/10'", true),
        ("10.0.0.1", "-R '240.0.0.0/8'", false),
    ] {
        let mut request = Request { client: client.parse().unwrap(), ..Request::default() };
        let expr = condition(source.as_bytes(), Trust::Server).unwrap();
        assert_eq!(eval(&expr.root, &mut request, &mut State::default()), Ok(expected), "{client} {source}");
    }
}

proptest::proptest! {
    /// Whatever parses, evaluates to something or an error.
    #[test]
    fn no_evaluation_panics(
        parts in proptest::collection::vec(proptest::sample::select(vec![
            "true", "!", "&&", "||", "(", ")", "'a\u{e9}'", "%{TIME}", "%{req:a}", "req('Referer')", "$1", "'%{unescape:%41$0}'",
            "=~ /(a)|./i", "!~ /e/", "-in {'a','b'}", "in PeerExtList('1.2.3')", "==", "-lt", "-f", "-U", "-n", "-T",
            "-R '10'", "-ipmatch '10'", "-fnmatch", "unbase64('Zm9')", "-99999999999999999999", "file('/x')", ".",
        ]), 0..12).prop_map(|parts| parts.join(" ")),
    ) {
        if let Ok(expr) = condition(parts.as_bytes(), Trust::Server) {
            drop(eval(&expr.root, &mut Request::default(), &mut State::default()));
            drop(eval(&expr.root, &mut Blind, &mut State::default()));
        }
        if let Ok(expr) = string(parts.as_bytes(), Trust::Server) {
            drop(eval_string(&expr.root, &mut Request::default(), &mut State::default()));
        }
    }
}
