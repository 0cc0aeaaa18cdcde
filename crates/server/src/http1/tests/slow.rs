//! Clients that take their time, at a paused clock.

use std::num::NonZeroU32;

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::Instant;

use super::super::{Settings, Stage, Timeouts};
use super::conversations::{SECOND, converse, serve, settings, shown};

/// How long a connection lives on which `sent` is all that comes, and what is answered.
#[track_caller]
fn check_time(settings: Settings, sent: &'static str, seconds: u64, want: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let begin = Instant::now();
        let (mut client, server) = duplex(4096);
        tokio::spawn(serve(server, settings));
        client.write_all(sent.as_bytes()).await.expect("there is room");
        let mut back = String::new();
        client.read_to_string(&mut back).await.expect("the answers are text");
        assert_eq!((begin.elapsed().as_secs(), &back[..]), (seconds, want), "{sent:?}");
    });
}

#[test]
fn clients_are_not_waited_for_forever() {
    let answered = shown(200, "GET / HTTP/1.1 ", true);
    check_time(settings(), "", 90, "");
    check_time(settings(), "GET / HTTP/1.1\r\n\r\n", 5, &answered);
    check_time(settings(), "GET /", 60, "");
    check_time(settings(), "GET / HTTP/1.1\r\n\r\nGET /", 60, &answered);
    check_time(settings(), "GET / HTTP/1.1\r\nHos", 60, &shown(408, "GET / HTTP/1.1", false));
    check_time(
        settings(),
        "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na",
        60,
        &shown(408, "POST / HTTP/1.1", false),
    );

    let stage = |timeout, rate| Some(Stage { timeout, max: None, min_rate: NonZeroU32::new(rate) });
    let timeouts =
        Timeouts { header: stage(SECOND * 20, 0), body: stage(SECOND * 10, 0), ..settings().timeouts };
    let staged = Settings { timeouts, ..settings() };
    check_time(staged.clone(), "", 90, "");
    check_time(staged.clone(), "GET / HTTP/1.1\r\nHos", 20, &shown(408, "GET / HTTP/1.1", false));
    check_time(
        staged,
        "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na",
        10,
        &shown(408, "POST / HTTP/1.1", false),
    );
    let timeouts = Timeouts { header: stage(SECOND * 20, 1), ..settings().timeouts };
    check_time(
        Settings { timeouts, ..settings() },
        "GET / HTTP/1.1\r\n",
        36,
        &shown(408, "GET / HTTP/1.1", false),
    );
}

/// After how long a connection is given up whose client asks for this, and then takes a byte `taken` times, each after so
/// many seconds.
#[track_caller]
fn check_stall(sent: &'static str, taken: u64, after: u64, seconds: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let begin = Instant::now();
        let (mut client, server) = duplex(8);
        let server = tokio::spawn(converse(server, settings()));
        client.write_all(sent.as_bytes()).await.expect("the server reads");
        for _ in 0..taken {
            tokio::time::sleep(SECOND * u32::try_from(after).expect("few")).await;
            client.read_u8().await.expect("there is more");
        }
        let over = tokio::time::timeout(SECOND * 3600, server).await;
        assert_eq!((over.is_ok(), begin.elapsed().as_secs()), (true, seconds), "{sent:?}");
    });
}

#[test]
fn who_takes_nothing_is_given_up() {
    check_stall("GET / HTTP/1.1\r\n\r\n", 0, 0, 60);
    check_stall("GET /chunked HTTP/1.1\r\n\r\n", 0, 0, 60);
    check_stall("GET /interim HTTP/1.1\r\n\r\n", 0, 0, 60);
    check_stall("GET / HTTP/1.1\r\n\r\n", 5, 59, 5 * 59 + 60);
}
