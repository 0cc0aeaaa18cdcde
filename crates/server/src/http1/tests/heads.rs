//! Request heads: bytes in, a head or a status out, however the bytes are cut.

use std::fmt::Write;

use bytes::Bytes;
use proptest::prelude::*;
use wsgate_core::http::{Conformance, Head};

use super::super::head::{Flaw, HeadRules, Methods, Reader, combine};

/// What reading `bytes` in the pieces that end at `cuts` comes to: the head's length or its flaw, and the head.
fn read(bytes: &[u8], cuts: &[usize], rules: &HeadRules) -> Option<(Result<usize, Flaw>, Head)> {
    let mut reader = Reader::default();
    for &cut in cuts.iter().chain(&[bytes.len()]) {
        let shown = Bytes::copy_from_slice(&bytes[..cut]);
        match reader.read(&shown, rules) {
            Ok(None) => {}
            Ok(Some(length)) => {
                let mut head = reader.finish(&shown.slice(..length));
                return Some((combine(&mut head.headers, rules).map(|()| length), head));
            }
            Err(flaw) => return Some((Err(flaw), reader.finish(&shown))),
        }
    }
    None
}

/// `LINE (METHOD TARGET VERSION) NAME=VALUE; +REST`, or the status and the line.
fn show(bytes: &[u8], cuts: &[usize], rules: &HeadRules) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let Some((length, head)) = read(bytes, cuts, rules) else { return "more".into() };
    let line = text(&head.line);
    let length = match length {
        Ok(length) => length,
        Err(flaw) => return format!("{} {line}", flaw.status),
    };
    let mut shown = format!("{line} ({} {} {})", text(&head.method), text(&head.target), head.version);
    for field in &head.headers {
        let _ = write!(shown, " {}={};", text(&field.name), text(&field.value));
    }
    if length < bytes.len() {
        let _ = write!(shown, " +{}", text(&bytes[length..]));
    }
    shown
}

#[track_caller]
fn check_with(rules: &HeadRules, bytes: &[u8], want: &str) {
    assert_eq!(show(bytes, &[], rules), want, "{}", bytes.escape_ascii());
    for cut in 0..bytes.len() {
        assert_eq!(show(bytes, &[cut], rules), want, "{} cut at {cut}", bytes.escape_ascii());
    }
}

#[track_caller]
fn check(bytes: impl AsRef<[u8]>, want: &str) {
    check_with(&HeadRules::default(), bytes.as_ref(), want);
}

#[track_caller]
fn check_unsafe(bytes: impl AsRef<[u8]>, want: &str) {
    let rules = HeadRules { conformance: Conformance::Unsafe, ..HeadRules::default() };
    check_with(&rules, bytes.as_ref(), want);
}

/// A field line in an otherwise good request.
fn with_field(line: &str) -> String {
    format!("GET / HTTP/1.1\r\n{line}\r\n\r\n")
}

#[test]
fn request_lines() {
    for (bytes, want) in [
        ("GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1 (GET / HTTP/1.1)"),
        ("get /a?b HTTP/1.0\r\n\r\n", "get /a?b HTTP/1.0 (get /a?b HTTP/1.0)"),
        ("GET / HTTP/1.2\r\n\r\n", "GET / HTTP/1.2 (GET / HTTP/1.2)"),
        ("GET / HTTP/2.0\r\n\r\n", "GET / HTTP/2.0 (GET / HTTP/2.0)"),
        ("\r\n\r\nGET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1 (GET / HTTP/1.1)"),
        ("GET / HTTP/1.1\r\n\r\nGET /", "GET / HTTP/1.1 (GET / HTTP/1.1) +GET /"),
        ("OPTIONS * HTTP/1.1\r\n\r\n", "OPTIONS * HTTP/1.1 (OPTIONS * HTTP/1.1)"),
        ("GET /file\r\n", "GET /file (GET /file HTTP/0.9)"),
        ("GET /file \r\nrest", "GET /file (GET /file HTTP/0.9) +rest"),
        ("GET / HTTP/1.1", "more"),
        ("GET / HTTP/1.1\r\n", "more"),
        ("GET / HTTP/1.1\r\nA: b\r\n", "more"),
        ("\r\n", "more"),
        ("GET / HTTP/1.1\n\n", "400 GET / HTTP/1.1\n"),
        ("\n", "400 \n"),
        ("GET / HTTP/1\r\n", "400 GET / HTTP/1"),
        ("GET / HTTP/0.9\r\n", "400 GET / HTTP/0.9"),
        ("GET / http/1.1\r\n", "400 GET / http/1.1"),
        ("GET / HTTP/1.1 \r\n", "400 GET / HTTP/1.1"),
        ("GET / HTTP/1.1 x\r\n", "400 GET / HTTP/1.1"),
        ("GET  / HTTP/1.1\r\n", "400 GET / HTTP/1.1"),
        ("GET /  HTTP/1.1\r\n", "400 GET / HTTP/1.1"),
        ("GET\t/ HTTP/1.1\r\n", "400 GET / HTTP/1.1"),
        (" GET / HTTP/1.1\r\n", "400 GET / HTTP/1.1"),
        ("G@T / HTTP/1.1\r\n", "400 G@T / HTTP/1.1"),
        ("GET\r\n", "400 GET"),
        ("GET \r\n", "400 GET"),
        ("POST /file\r\n", "400 POST /file"),
        ("HEAD /file\r\n", "400 HEAD /file"),
        ("GET file HTTP/1.1\r\n", "400 GET file HTTP/1.1"),
        ("GET /a#b HTTP/1.1\r\n", "400 GET /a#b HTTP/1.1"),
        ("GET /\x01 HTTP/1.1\r\n", "400 GET /\x01 HTTP/1.1"),
        ("GET /\0 HTTP/1.1\r\n", "400 GET /\0 HTTP/1.1"),
        ("GET http://u@h/ HTTP/1.1\r\n", "400 GET http://u@h/ HTTP/1.1"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 PRI * HTTP/2.0"),
        ("\x16\x03\x01\x02\r\n", "400 \x16\x03\x01\x02"),
    ] {
        check(bytes, want);
    }
    check(b"GET /\xff HTTP/1.1\r\n\r\n", "GET /\u{fffd} HTTP/1.1 (GET /\u{fffd} HTTP/1.1)");
}

#[test]
fn ten_blank_lines_are_skipped() {
    check("\r\n".repeat(10) + "GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0 (GET / HTTP/1.0)");
    check("\r\n".repeat(11) + "GET / HTTP/1.0\r\n\r\n", "400 ");
}

#[test]
fn fields() {
    for (line, want) in [
        ("Host: a", " Host=a;"),
        ("X-Y:z", " X-Y=z;"),
        ("A:", " A=;"),
        ("A:  \t", " A=;"),
        ("A: \t b c \t", " A=b c;"),
        ("A: 1\r\nB: 2\r\na: 3", " A=1, 3; B=2;"),
        ("A: b\r\n c", " A=b c;"),
        ("A: b\r\n\t \tc \r\n d", " A=b c d;"),
        ("A:\r\n b", " A=b;"),
        ("A: b\r\n c\r\nD: e\r\n f", " A=b c; D=e f;"),
        ("A: \u{e9}", " A=\u{e9};"),
    ] {
        check(with_field(line), &format!("GET / HTTP/1.1 (GET / HTTP/1.1){want}"));
    }
}

#[test]
fn bad_fields() {
    for line in [
        "Bad Name: x",
        "NoColon",
        "X-Space : x",
        ": empty",
        "X-Nul: a\0b",
        "X-Ctl: a\x01b",
        "X(paren): y",
        "X-Cr: a\rb",
        " Leading: x",
        "A: b\r\n \r\nC: d",
        "A: b\nC: d",
        "A: b\x7f",
        "A: b\r\n \x0bc",
        "\u{e9}: x",
        "A: b\n",
    ] {
        check(with_field(line), "400 GET / HTTP/1.1");
    }
}

#[test]
fn unsafe_reads_more() {
    for (bytes, want) in [
        ("GET / HTTP/1.1\nA: b\n\n", "GET / HTTP/1.1 (GET / HTTP/1.1) A=b;"),
        ("GET  /   HTTP/1.1  \r\n\r\n", "GET / HTTP/1.1 (GET / HTTP/1.1)"),
        ("G@T / HTTP/1.1\r\n\r\n", "G@T / HTTP/1.1 (G@T / HTTP/1.1)"),
        ("GET / http/1.1\r\n\r\n", "GET / http/1.1 (GET / HTTP/1.1)"),
        ("GET / HTTP/1.1\r\nX(paren): y\r\n\r\n", "GET / HTTP/1.1 (GET / HTTP/1.1) X(paren)=y;"),
        ("GET / HTTP/1.1\r\nA: \x01\r\n\r\n", "GET / HTTP/1.1 (GET / HTTP/1.1) A=\x01;"),
        ("POST /file\r\n", "POST /file (POST /file HTTP/0.9)"),
        ("GET /a#b HTTP/1.1\r\n\r\n", "GET /a#b HTTP/1.1 (GET /a#b HTTP/1.1)"),
        ("GET /\tHTTP/1.1\r\n", "400 GET / HTTP/1.1"),
        ("GET / HTTP/1.1 x\r\n", "400 GET / HTTP/1.1"),
        (" GET / HTTP/1.1\r\n", "400 GET / HTTP/1.1"),
        ("GET / HTTP/1.1\r\nBad Name: x\r\n\r\n", "400 GET / HTTP/1.1"),
        ("GET / HTTP/1.1\r\nNoColon\r\n\r\n", "400 GET / HTTP/1.1"),
        ("GET / HTTP/1.1\r\nX : x\r\n\r\n", "400 GET / HTTP/1.1"),
        ("GET / HTTP/1.1\r\nX: \0\r\n\r\n", "400 GET / HTTP/1.1"),
        ("GET / HTTP/1.1\r\nX: a\rb\r\n\r\n", "400 GET / HTTP/1.1"),
        ("GET / HTTP/1.1\r\n: x\r\n\r\n", "400 GET / HTTP/1.1"),
    ] {
        check_unsafe(bytes, want);
    }
}

#[test]
fn limits_are_those_of_httpd() {
    let rules = HeadRules { line: 20, field_size: 20, fields: 3, ..HeadRules::default() };
    let line = |len: usize| format!("GET /{} HTTP/1.1\r\n", "x".repeat(len - 14));
    let good = |len: usize| {
        let path = "x".repeat(len - 14);
        format!("GET /{path} HTTP/1.1 (GET /{path} HTTP/1.1)")
    };
    check_with(&rules, (line(21) + "\r\n").as_bytes(), &good(21));
    check_with(&rules, line(22).as_bytes(), &format!("414 {}", &line(22)[..21]));
    check_with(&rules, "GET /xxxxxxxxxxxxxxxxxxxx".as_bytes(), "414 GET /xxxxxxxxxxxxxxxx");

    let field = |len: usize| with_field(&format!("A: {}", "v".repeat(len - 3)));
    let value = |len: usize| format!("GET / HTTP/1.1 (GET / HTTP/1.1) A={};", "v".repeat(len - 3));
    check_with(&rules, field(21).as_bytes(), &value(21));
    check_with(&rules, field(22).as_bytes(), "400 GET / HTTP/1.1");
    let open = "GET / HTTP/1.1\r\nA: vvvvvvvvvvvvvvvvvvvvvv";
    check_with(&rules, open.as_bytes(), "400 GET / HTTP/1.1");
    // Folded and merged fields count as a whole.
    check_with(
        &rules,
        with_field("A: 456789\r\n 2345678").as_bytes(),
        "GET / HTTP/1.1 (GET / HTTP/1.1) A=456789 2345678;",
    );
    check_with(
        &rules,
        with_field("A: 456789\r\n 23456789").as_bytes(),
        "GET / HTTP/1.1 (GET / HTTP/1.1) A=456789 23456789;",
    );
    check_with(&rules, with_field("A: 456789\r\n 234567890").as_bytes(), "400 GET / HTTP/1.1");
    check_with(
        &rules,
        with_field("A: 123456789\r\nA: 123456789").as_bytes(),
        "GET / HTTP/1.1 (GET / HTTP/1.1) A=123456789, 123456789;",
    );
    check_with(&rules, with_field("A: 123456789\r\nA: 1234567890").as_bytes(), "400 GET / HTTP/1.1");

    check_with(
        &rules,
        with_field("A: 1\r\nB: 2\r\nC: 3").as_bytes(),
        "GET / HTTP/1.1 (GET / HTTP/1.1) A=1; B=2; C=3;",
    );
    check_with(&rules, with_field("A: 1\r\nB: 2\r\nC: 3\r\nD: 4").as_bytes(), "400 GET / HTTP/1.1");
    let endless = HeadRules { fields: 0, ..rules };
    check_with(
        &endless,
        with_field(&"A:\r\n".repeat(7)[..26]).as_bytes(),
        "GET / HTTP/1.1 (GET / HTTP/1.1) A=, , , , , , ;",
    );
}

#[test]
fn methods_and_versions_can_be_restricted() {
    let registered = HeadRules { methods: Methods::Registered(vec!["NEW".into()]), ..HeadRules::default() };
    for (method, want) in [("PATCH", None), ("NEW", None), ("FOO", Some("501")), ("get", Some("501"))] {
        let line = format!("{method} / HTTP/1.1");
        let want = want.map_or(format!("{line} ({line})"), |status| format!("{status} {line}"));
        check_with(&registered, format!("{line}\r\n\r\n").as_bytes(), &want);
    }
    let modern = HeadRules { http09: false, ..HeadRules::default() };
    check_with(&modern, b"GET /file.txt\r\n", "400 GET /file.txt");
    check_with(&modern, b"GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0 (GET / HTTP/1.0)");
}

proptest! {
    #[test]
    fn any_cuts_give_the_same(
        bytes in "(\r\n){0,2}(GET|G T|POST) {1,2}/[a#]? ?(HTTP/1.[01])?\r?\n(([AB:\x01]: {0,2}[a\r]{0,9}|[ \t]x)\r?\n){0,5}\r\nrest",
        cuts in prop::collection::vec(0usize..80, 0..4),
        lax in any::<bool>(),
    ) {
        let conformance = if lax { Conformance::Unsafe } else { Conformance::Strict };
        let rules = HeadRules { conformance, line: 16, field_size: 12, fields: 3, ..HeadRules::default() };
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.sort_unstable();
        prop_assert_eq!(show(bytes.as_bytes(), &cuts, &rules), show(bytes.as_bytes(), &[], &rules));
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), lax in any::<bool>()) {
        let conformance = if lax { Conformance::Unsafe } else { Conformance::Strict };
        let rules = HeadRules { conformance, ..HeadRules::default() };
        let _ = show(&bytes, &[], &rules);
        let mut fields = b"GET / HTTP/1.1\r\n".to_vec();
        fields.extend(bytes);
        let _ = show(&fields, &[], &rules);
    }
}
