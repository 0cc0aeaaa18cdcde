use super::*;

const ALL: Codes = Codes { logio: true, ssl: true };

fn field(what: What) -> Item {
    Item::Field(Field { what, which: Which::Final, statuses: None })
}

fn original(what: What) -> Item {
    Item::Field(Field { what, which: Which::Original, statuses: None })
}

fn text(text: &str) -> Item {
    Item::Text(text.into())
}

#[track_caller]
fn check(format: &str, items: &[Item]) {
    assert_eq!(Format::parse(format.as_bytes(), ALL).unwrap().items, items, "{format}");
}

#[track_caller]
fn refused(format: &str, codes: Codes, offset: usize, message: &str) {
    let bad = Format::parse(format.as_bytes(), codes).unwrap_err();
    assert_eq!((bad.offset, bad.to_string().as_str()), (offset, message), "{format}");
}

#[test]
fn texts() {
    check("", &[]);
    check("plain", &[text("plain")]);
    check("100%% of", &[text("100% of")]);
    check(r"a\tb\nc\rd\\e\qf", &[text("a\tb\nc\rd\\e\\qf")]);
    check("end\\", &[text("end\\")]);
    check(r"\%m", &[text("\\"), field(What::Method)]);
}

#[test]
fn codes() {
    check("%h %%", &[field(What::Host(Peer::Client)), text(" %")]);
    check("%{c}h%{c}a", &[field(What::Host(Peer::Connection)), field(What::Address(Peer::Connection))]);
    check("%r", &[original(What::RequestLine)]);
    check("%>r", &[field(What::RequestLine)]);
    check("%<u", &[original(What::User)]);
    check("%s%>s", &[original(What::Status), field(What::Status)]);
    check("%{Host}i", &[field(What::RequestHeader((*b"Host").into()))]);
    check("%i", &[field(What::RequestHeader((*b"").into()))]);
    check("%{a}}}o", &[field(What::AnswerHeader((*b"a").into()))]);
    check(
        "%{X}^ti%{Y}^to",
        &[field(What::RequestTrailer((*b"X").into())), field(What::AnswerTrailer((*b"Y").into()))],
    );
    check("%^FB", &[field(What::FirstByte)]);
    check("%{version}c", &[field(What::Tls("SSL_PROTOCOL".into()))]);
    check("%{errstr}c", &[field(What::Nothing)]);
    check("%{SSL_CIPHER}x", &[field(What::Tls("SSL_CIPHER".into()))]);
    check("%{remote}p", &[field(What::Port(Port::Remote))]);
    check("%{bogus}p", &[field(What::Bogus((*b"bogus").into()))]);
    check("%{MS}T", &[original(What::Duration(Unit::Milliseconds))]);
    check("%{hextid}P", &[field(What::Process(Thread::HexThread))]);
}

#[test]
fn conditions() {
    let with = |negated, list: &[u16]| {
        let statuses = Some(Statuses { negated, list: list.to_vec() });
        Item::Field(Field { what: What::Method, which: Which::Final, statuses })
    };
    check("%400,501m", &[with(false, &[400, 501])]);
    check("%!200m", &[with(true, &[200])]);
    check("%!!200m", &[with(false, &[200])]);
    check("%99999m", &[with(false, &[u16::MAX])]);
    // Without statuses the exclamation mark says nothing.
    check("%!m", &[field(What::Method)]);
    let some = Statuses { negated: true, list: vec![200, 304] };
    assert!(some.admit(404) && !some.admit(304));
}

#[test]
fn times() {
    let at = |at, format| field(What::Time(at, format));
    let custom = |text: &str| TimeFormat::Custom(text.as_bytes().into());
    check("%t", &[at(At::Begin, TimeFormat::Common)]);
    check("%{}t", &[at(At::Begin, TimeFormat::Common)]);
    check("%{end}t", &[at(At::End, TimeFormat::Common)]);
    check("%{end:}t", &[at(At::End, TimeFormat::Common)]);
    check("%{begin:msec}t", &[at(At::Begin, TimeFormat::Milliseconds)]);
    check("%{end:usec_frac}t", &[at(At::End, TimeFormat::MicrosecondsFraction)]);
    check("%{sec}t", &[at(At::Begin, TimeFormat::Seconds)]);
    check("%{%Y}t", &[at(At::Begin, custom("%Y"))]);
    check("%{end:%Y}t", &[at(At::End, custom("%Y"))]);
    check("%{msecs}t", &[at(At::Begin, custom("msecs"))]);
    check("%{endless}t", &[at(At::Begin, custom("endless"))]);
    check("%{beginmsec}t", &[at(At::Begin, TimeFormat::Milliseconds)]);
    check("%{:%Y}t", &[at(At::Begin, custom(":%Y"))]);
}

#[test]
fn what_is_no_format() {
    refused("%h %y", ALL, 4, "%y is no code of a log format");
    refused("%", ALL, 1, "the format ends within a code");
    refused("%{Host", ALL, 6, "the format ends within a code");
    refused("%200", ALL, 4, "the format ends within a code");
    refused("%^xx", ALL, 1, "%^ is no code of a log format");
    refused("%I", Codes { logio: false, ssl: true }, 1, "%I is no code of a log format");
    refused("%{a}x", Codes { logio: true, ssl: false }, 4, "%x is no code of a log format");
    refused("% h", ALL, 1, "%  is no code of a log format");
}
