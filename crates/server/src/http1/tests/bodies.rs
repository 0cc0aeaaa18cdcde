//! The framing of bodies: what the fields say, and chunks.

use proptest::prelude::*;
use wsgate_core::http::{Conformance, Head, Version};

use super::super::framing::{Chunks, Framing, Next, Persistence, settle};
use super::super::head::{Flaw, HeadRules};

#[track_caller]
fn check(
    version: Version,
    fields: &[(&'static str, &'static str)],
    want: Result<(Framing, Persistence), u16>,
) {
    let mut head = Head { version, ..Head::unread() };
    for &(name, value) in fields {
        head.headers.add(name, value);
    }
    assert_eq!(settle(&mut head).map_err(|flaw| flaw.status), want, "{fields:?}");
}

#[test]
fn lengths() {
    for (value, framing) in [("0", Framing::Empty), ("3", Framing::Length(3)), ("003", Framing::Length(3))] {
        check(Version::HTTP_11, &[("Content-Length", value)], Ok((framing, Persistence::Keep)));
    }
    let largest = Framing::Length(i64::MAX as u64);
    check(Version::HTTP_11, &[("Content-Length", "9223372036854775807")], Ok((largest, Persistence::Keep)));
    for value in
        ["", "3, 3", "+3", "-1", "0x3", "3 ", "9223372036854775808", "99999999999999999999", "\u{0663}"]
    {
        check(Version::HTTP_11, &[("Content-Length", value)], Err(400));
        check(Version::HTTP_11, &[("Content-Length", value), ("Transfer-Encoding", "chunked")], Err(400));
    }
}

#[test]
fn codings() {
    for value in [
        "chunked",
        "Chunked",
        "gzip, chunked",
        "gzip,chunked",
        "gzip ,  chunked",
        "chunked, chunked",
        ",chunked",
    ] {
        check(Version::HTTP_11, &[("Transfer-Encoding", value)], Ok((Framing::Chunked, Persistence::Keep)));
        let both = [("Content-Length", "3"), ("Transfer-Encoding", value)];
        check(Version::HTTP_11, &both, Ok((Framing::Chunked, Persistence::Close)));
    }
    for value in [
        "",
        "gzip",
        "chunked, gzip",
        "xchunked",
        "x chunked",
        "chunked,",
        "chunked;q=1",
        "identity",
        "chunke",
        "a,\tchunked",
    ] {
        check(Version::HTTP_11, &[("Transfer-Encoding", value)], Err(400));
    }
    let mut head = Head { version: Version::HTTP_11, ..Head::unread() };
    head.headers.add("Content-Length", "3");
    head.headers.add("Transfer-Encoding", "chunked");
    settle(&mut head).expect("the coding wins");
    assert!(!head.headers.contains("content-length"));
}

#[test]
fn who_keeps_the_connection() {
    for (version, connection, want) in [
        (Version::HTTP_11, "", Persistence::Keep),
        (Version::HTTP_11, "close", Persistence::Close),
        (Version::HTTP_11, "Keep-Alive", Persistence::Announce),
        (Version::HTTP_11, "keep-alive, close", Persistence::Close),
        (Version::HTTP_11, "Upgrade", Persistence::Keep),
        (Version::HTTP_10, "", Persistence::Close),
        (Version::HTTP_10, "keep-alive, Upgrade", Persistence::Announce),
        (Version::HTTP_09, "keep-alive", Persistence::Close),
    ] {
        check(version, &[("Connection", connection)], Ok((Framing::Empty, want)));
    }
}

/// The data of a chunked body, `+` and what follows the last chunk's line; or the status.
fn decode(body: &[u8], cut: usize, rules: &HeadRules) -> String {
    let mut chunks = Chunks::default();
    let mut data = String::new();
    let mut at = 0;
    for end in [cut, body.len()] {
        while at < end {
            match chunks.next(&body[at..end], rules) {
                Ok((n, Next::Trailer)) => return format!("{data}+{}", body[at + n..].escape_ascii()),
                Ok((n, next)) => {
                    if let Next::Data(n) = next {
                        data.push_str(&body[at..at + n].escape_ascii().to_string());
                    }
                    at += n;
                }
                Err(Flaw { status, .. }) => return status.to_string(),
            }
        }
    }
    data + " more"
}

#[track_caller]
fn check_chunks(rules: &HeadRules, body: &str, want: &str) {
    for cut in 0..=body.len() {
        assert_eq!(decode(body.as_bytes(), cut, rules), want, "{body:?} cut at {cut}");
    }
}

#[test]
fn chunks() {
    let rules = HeadRules { field_size: 30, ..HeadRules::default() };
    for (body, want) in [
        ("3\r\nabc\r\n0\r\n\r\n", "abc+\\r\\n"),
        ("3;ext=1\r\nabc\r\n0\r\nT: x\r\n\r\n", "abc+T: x\\r\\n\\r\\n"),
        ("03\r\nabc\r\n000\r\n", "abc+"),
        ("3 \r\nabc\r\n1\t;x\r\nd\r\n0\r\n", "abcd+"),
        ("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n", "01234567890123456789+"),
        ("3          \r\nabc\r\n0\r\n", "abc+"),
        ("3\r\nab", "ab more"),
        ("", " more"),
        ("zz\r\n", "400"),
        ("\r\n", "400"),
        ("3\nabc\n0\n\n", "400"),
        ("3\r\nabc\n0\r\n", "400"),
        ("3\r\nabcd\r\n", "400"),
        ("0x3\r\nabc\r\n", "400"),
        ("-3\r\nabc\r\n", "400"),
        ("3 3\r\nabc\r\n", "400"),
        (" 3\r\nabc\r\n", "400"),
        ("3\rx", "400"),
        ("3;\x01\r\n", "400"),
        ("3           \r\n", "400"),
        ("7fffffffffffffff\r\nab", "ab more"),
        ("8000000000000000\r\n", "413"),
        ("10000000000000000\r\n", "413"),
        ("3;0123456789012345678901234567890\r\n", "413"),
    ] {
        check_chunks(&rules, body, want);
    }
    let lax = HeadRules { conformance: Conformance::Unsafe, ..HeadRules::default() };
    check_chunks(&lax, "3\nabc\n0\n\n", "abc+\\n");
}

proptest! {
    #[test]
    fn chunks_survive_any_bytes(body in "[0-9a-fx;\r\n \t]{0,40}", cut in 0usize..40) {
        let cut = cut.min(body.len());
        let rules = HeadRules::default();
        prop_assert_eq!(decode(body.as_bytes(), cut, &rules), decode(body.as_bytes(), body.len(), &rules));
    }
}
