use std::time::Duration;

use proptest::prelude::*;
use wsgate_directives::expand::expand;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::interpret::interpret;
use wsgate_directives::modules::core::ErrorFormats;
use wsgate_directives::registry::Registry;

use super::*;

const AT: Moment = Moment { since_epoch: Duration::new(1_795_603_977, 42_001_000), utc_offset: 5400 };

fn formats(lines: &str) -> ErrorFormats {
    let files = MemoryFiles([("/httpd.conf".to_owned(), lines.as_bytes().to_vec())].into());
    let config = interpret(expand("/httpd.conf", &files, &Facts::default(), &Registry));
    assert_eq!(config.diagnostics, [], "{lines}");
    config.main.conf.core.error_formats
}

fn bare(level: Level, text: &str) -> Message<'_> {
    Message {
        at: AT,
        level,
        module: "proxy",
        text,
        source: Some(("pool.rs", 7)),
        process: Process { pid: 12, tid: 34 },
        about: About::default(),
    }
}

fn about(headers: &Headers) -> About<'_> {
    About {
        server: Some("srv.test"),
        connection: Some(Ends {
            client: "[::ffff:192.0.2.7]:4711".parse().unwrap(),
            local: "[2001:db8::1]:443".parse().unwrap(),
            served: 3,
        }),
        request: Some(Asked { host: "h.test", headers }),
        ids: LogIds { request: Some("rid"), connection: Some("cid") },
    }
}

fn headers() -> Headers {
    let mut headers = Headers::new();
    headers.add("Referer", "http://a/\"\n");
    headers.add("User-Agent", "browser");
    headers
}

#[track_caller]
fn check(format: Option<&str>, message: &Message<'_>, expected: &str) {
    let formats = format.map(|format| formats(&format!("ErrorLogFormat \"{format}\"")));
    let format = formats.as_ref().and_then(|formats| formats.message.as_ref());
    let line = line(format.map(|format| &*format.value), message, Taker::Log);
    assert_eq!(String::from_utf8_lossy(&line), expected);
}

#[test]
fn the_default_format() {
    let time = "[Wed Nov 25 12:22:57.042001 2026]";
    check(None, &bare(Level::Error, "it broke"), &format!("{time} [proxy:error] [pid 12:tid 34] it broke"));
    check(
        None,
        &bare(Level::Debug, "it\nbroke \"\\"),
        &format!("{time} [proxy:debug] [pid 12:tid 34] pool.rs(7): it\\nbroke \"\\\\"),
    );
    let headers = headers();
    check(
        None,
        &Message { about: about(&headers), ..bare(Level::Warn, "x") },
        &format!("{time} [proxy:warn] [pid 12:tid 34] [client 192.0.2.7:4711] x, referer: http://a/\"\\n"),
    );
    let line = line(None, &bare(Level::Notice, "up"), Taker::Syslog);
    assert_eq!(String::from_utf8_lossy(&line), "[proxy:notice] [pid 12:tid 34] up");
}

#[test]
fn a_field_that_says_nothing_takes_its_group_with_it() {
    let format = Some("[%t] [client\\ %a] %M% ,\\ referer\\ %{Referer}i");
    let headers = headers();
    let with = Message { about: about(&headers), ..bare(Level::Error, "x") };
    let time = "[Wed Nov 25 12:22:57 2026]";
    check(format, &with, &format!("{time} [client 192.0.2.7:4711] x, referer http://a/\"\\n"));
    check(format, &bare(Level::Error, "x"), &format!("{time} x"));
    check(Some("%-a %M"), &bare(Level::Error, "x"), "- x");
    check(Some("%M %7F %l"), &bare(Level::Error, "x"), "x error");
    check(Some("%M %7F %l"), &bare(Level::Trace(2), "x"), "x pool.rs(7) trace2");
}

#[test]
fn each_field() {
    let headers = headers();
    let message = Message { about: about(&headers), ..bare(Level::Info, "x") };
    let check = |format, expected| check(Some(format), &message, expected);
    check("%M %a %A %k", "x 192.0.2.7:4711 2001:db8::1:443 3");
    check("%M %m %l %P %T %{g}T %F", "x proxy info 12 34 34 pool.rs(7)");
    check("%M %L %{c}L %v %V %{User-Agent}i", "x rid cid srv.test h.test browser");
    check("%M %{C}L", "x");
    check("%M|%{cuz}t|%{%H}t|%%", "x|2026-11-25 12:22:57.042001 +0130|12|%");
}

#[test]
fn lines_before_the_first_message() {
    let formats = formats(
        "ErrorLogFormat request \"[%{c}t] [R:%L] UA:%+{User-Agent}i %l\"\nErrorLogFormat connection \"[C:%{c}L]\"",
    );
    let (request, connection) = (&formats.request.unwrap()[0], &formats.connection.unwrap()[0]);
    let headers = headers();
    let message = Message { about: about(&headers), ..bare(Level::Info, "x") };
    let text = |line: Option<Vec<u8>>| line.map(|line| String::from_utf8(line).unwrap());
    assert_eq!(text(once(request, &message)).unwrap(), "[2026-11-25 12:22:57] [R:rid] UA:browser");
    assert_eq!(text(once(connection, &message)).unwrap(), "[C:cid]");
    let none = Headers::new();
    let message = Message { about: about(&none), ..message };
    assert_eq!(once(request, &message), None);
}

proptest! {
    #[test]
    fn no_message_breaks_a_line(text in any::<String>(), value in prop::collection::vec(any::<u8>(), 0..40)) {
        let mut headers = Headers::new();
        headers.add("Referer", value);
        let host = text.clone();
        let about = About {
            server: Some(&host),
            request: Some(Asked { host: &host, headers: &headers }),
            ..About::default()
        };
        let message = Message { about, ..bare(Level::Error, &text) };
        let formats = formats("ErrorLogFormat \"%M %v %V %{Referer}i\"");
        for format in [None, formats.message.as_ref().map(|format| &*format.value)] {
            let line = line(format, &message, Taker::Log);
            prop_assert!(line.iter().all(|byte| (b' '..=b'~').contains(byte)));
        }
    }
}
