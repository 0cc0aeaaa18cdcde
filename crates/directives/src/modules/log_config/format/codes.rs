//! What the codes of a log format stand for.

use super::{At, Codes, Peer, Port, Subject, Thread, TimeFormat, Unit, What};

pub(super) fn long_code(code: &[u8], codes: Codes, argument: &[u8]) -> Option<What> {
    match code {
        b"^ti" => Some(What::RequestTrailer(argument.into())),
        b"^to" => Some(What::AnswerTrailer(argument.into())),
        b"^FB" if codes.logio => Some(What::FirstByte),
        _ => None,
    }
}

pub(super) fn short_code(code: u8, codes: Codes, argument: &[u8]) -> Option<What> {
    let of_connection = argument == b"c";
    let peer = if of_connection { Peer::Connection } else { Peer::Client };
    Some(match code {
        b'h' => What::Host(peer),
        b'a' => What::Address(peer),
        b'A' => What::LocalAddress,
        b'l' => What::Logname,
        b'u' => What::User,
        b't' => time(argument),
        b'f' => What::File,
        b'b' => What::BodyBytesOrDash,
        b'B' => What::BodyBytes,
        b'i' => What::RequestHeader(argument.into()),
        b'o' => What::AnswerHeader(argument.into()),
        b'n' => What::Note(argument.into()),
        b'L' => What::LogId(if of_connection { Subject::Connection } else { Subject::Request }),
        b'e' => What::Env(argument.into()),
        b'V' => What::ServerName,
        b'v' => What::VirtualHost,
        b'p' => port(argument),
        b'P' => process(argument),
        b'H' => What::Protocol,
        b'm' => What::Method,
        b'q' => What::Query,
        b'X' => What::Connection,
        b'C' => What::Cookie(argument.into()),
        b'k' => What::KeepAlives,
        b'r' => What::RequestLine,
        b'D' => What::Duration(Unit::Microseconds),
        b'T' => duration(argument),
        b'U' => What::Path,
        b's' => What::Status,
        b'R' => What::Handler,
        b'I' if codes.logio => What::BytesIn,
        b'O' if codes.logio => What::BytesOut,
        b'S' if codes.logio => What::BytesBoth,
        b'x' if codes.ssl => What::Tls(String::from_utf8_lossy(argument).into()),
        b'c' if codes.ssl => old_tls_name(argument).map_or(What::Nothing, |name| What::Tls(name.into())),
        _ => return None,
    })
}

/// httpd's `log_request_time`; its cascade of prefixes is kept, oddities included.
fn time(argument: &[u8]) -> What {
    let (mut at, mut format, mut custom) = (At::Begin, argument, argument);
    if let Some(rest) = argument.strip_prefix(b"begin") {
        format = rest;
    } else if let Some(rest) = argument.strip_prefix(b"end") {
        format = rest;
        if rest.is_empty() || rest.starts_with(b":") {
            at = At::End;
        }
    }
    if format.len() < argument.len()
        && let Some(rest) = format.strip_prefix(b":")
    {
        (format, custom) = (rest, rest);
    }
    let format = match format {
        b"" => TimeFormat::Common,
        b"sec" => TimeFormat::Seconds,
        b"msec" => TimeFormat::Milliseconds,
        b"usec" => TimeFormat::Microseconds,
        b"msec_frac" => TimeFormat::MillisecondsFraction,
        b"usec_frac" => TimeFormat::MicrosecondsFraction,
        _ => TimeFormat::Custom(custom.into()),
    };
    What::Time(at, format)
}

fn port(argument: &[u8]) -> What {
    match argument.to_ascii_lowercase().as_slice() {
        b"" | b"canonical" => What::Port(Port::Canonical),
        b"remote" => What::Port(Port::Remote),
        b"local" => What::Port(Port::Local),
        _ => What::Bogus(argument.into()),
    }
}

fn process(argument: &[u8]) -> What {
    match argument.to_ascii_lowercase().as_slice() {
        b"" | b"pid" => What::Process(Thread::Process),
        b"tid" => What::Process(Thread::Thread),
        b"hextid" => What::Process(Thread::HexThread),
        _ => What::Bogus(argument.into()),
    }
}

fn duration(argument: &[u8]) -> What {
    match argument.to_ascii_lowercase().as_slice() {
        b"" | b"s" => What::Duration(Unit::Seconds),
        b"ms" => What::Duration(Unit::Milliseconds),
        b"us" => What::Duration(Unit::Microseconds),
        _ => What::Bogus(argument.into()),
    }
}

/// The names of `%{...}c` (httpd's `ssl_var_log_handler_c`).
fn old_tls_name(argument: &[u8]) -> Option<&'static str> {
    match argument {
        b"version" => Some("SSL_PROTOCOL"),
        b"cipher" => Some("SSL_CIPHER"),
        b"subjectdn" | b"clientcert" => Some("SSL_CLIENT_S_DN"),
        b"issuerdn" | b"cacert" => Some("SSL_CLIENT_I_DN"),
        _ => None,
    }
}
