//! Opening: connect and handshake. Answers are tables; time is paused.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::{TcpListener, TcpSocket, UnixListener};
use wsgate_wstunnel::{
    Answer, Handshake, HeadLimits, Kind, Liveness, Reach, Side, Socket, Target, Upgrade, connect,
};

const REQUEST: &[u8] = b"GET /ws HTTP/1.1\r\nHost: b\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

fn upgrade<'a>() -> Upgrade<'a> {
    Upgrade {
        head: REQUEST,
        body: b"",
        protocol: b"websocket",
        timeout: Duration::from_secs(60),
        limits: HeadLimits::default(),
    }
}

/// What came of a handshake, as a line.
async fn outcome(stream: DuplexStream, upgrade: &Upgrade<'_>) -> String {
    let mut seen = String::new();
    let mut handshake = match Handshake::send(stream, upgrade).await {
        Ok(handshake) => handshake,
        Err(error) => return format!("{:?}", error.kind),
    };
    loop {
        match handshake.answer().await {
            Ok(Answer::Interim(head, next)) => {
                seen += &format!("{} ", head.status);
                handshake = next;
            }
            Ok(Answer::Switching(switched)) => {
                let head = &switched.head;
                let reason = String::from_utf8_lossy(head.reason());
                let early = String::from_utf8_lossy(&switched.early);
                return format!("{seen}switching '{reason}' {} fields '{early}'", head.fields().len());
            }
            Ok(Answer::Plain(mut plain)) => {
                let mut all = plain.read.to_vec();
                plain.stream.read_to_end(&mut all).await.unwrap();
                return format!("{seen}plain '{}'", String::from_utf8_lossy(&all));
            }
            Err(error) => return format!("{seen}{:?}", error.kind),
        }
    }
}

/// The backend writes these parts, one by one, and closes.
#[track_caller]
fn answers(parts: &[&[u8]], expected: &str) {
    answers_slowly(parts, Duration::from_millis(10), expected);
}

/// As [`answers`], with so long a pause behind each part.
#[track_caller]
fn answers_slowly(parts: &[&[u8]], pause: Duration, expected: &str) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let (near, mut far) = duplex(1 << 20);
        let parts: Vec<Vec<u8>> = parts.iter().map(|p| p.to_vec()).collect();
        let shown = parts.clone();
        let backend = tokio::spawn(async move {
            let mut request = vec![0; REQUEST.len()];
            far.read_exact(&mut request).await.unwrap();
            assert_eq!(request, REQUEST);
            for part in parts {
                far.write_all(&part).await.unwrap();
                tokio::time::sleep(pause).await;
            }
        });
        let got = outcome(near, &upgrade()).await;
        let shown: Vec<_> = shown.iter().map(|p| String::from_utf8_lossy(&p[..p.len().min(80)])).collect();
        assert_eq!(got, expected, "for {shown:?}");
        backend.await.unwrap();
    });
}

const VALID: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

#[test]
fn a_valid_101_is_a_tunnel() {
    answers(&[VALID], "switching 'Switching Protocols' 2 fields ''");
    answers(&[b"HTTP/1.1 101 Do It\r\nUpgrade: WebSocket\r\nX: y\r\n\r\n"], "switching 'Do It' 2 fields ''");
    answers(&[b"HTTP/1.0 101\r\nupgrade: WEBSOCKET\r\n\r\n"], "switching '' 1 fields ''");
    answers(&[b"HTTP/1.1 101 x\nUpgrade: websocket\n\n"], "switching 'x' 1 fields ''");
}

/// HTTP/1's minor versions are alike; what is none of its versions is left to who reads answers.
#[test]
fn any_minor_version_switches() {
    answers(&[b"HTTP/1.9 101 x\r\nUpgrade: websocket\r\n\r\n"], "switching 'x' 1 fields ''");
    for line in ["HTTP/2 101 x", "HTTP/1.x 101 x", "HTTP/1.1  101 x", "HTTP/1.1 10 x"] {
        let answer = format!("{line}\r\nUpgrade: websocket\r\n\r\n");
        answers(&[answer.as_bytes()], &format!("plain '{answer}'"));
    }
}

/// As in httpd the limit is for each silence, not for the head.
#[test]
fn a_head_may_come_slowly() {
    let pause = Duration::from_secs(40);
    answers_slowly(
        &[&VALID[..20], &VALID[20..50], &VALID[50..]],
        pause,
        "switching 'Switching Protocols' 2 fields ''",
    );
}

#[test]
fn bytes_behind_the_head_are_the_tunnels() {
    answers(
        &[&[VALID, b"\x81\x02hi"].concat()],
        "switching 'Switching Protocols' 2 fields '\u{fffd}\u{2}hi'",
    );
}

#[test]
fn a_head_may_come_in_any_pieces() {
    let bytes: Vec<&[u8]> = VALID.chunks(1).collect();
    answers(&bytes, "switching 'Switching Protocols' 2 fields ''");
    answers(&[&VALID[..VALID.len() - 1], b"\nearly"], "switching 'Switching Protocols' 2 fields 'early'");
}

#[test]
fn a_100_is_swallowed_and_other_interim_answers_are_passed() {
    let hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    let go_on = b"HTTP/1.1 100 Continue\r\n\r\n";
    answers(&[go_on, VALID], "switching 'Switching Protocols' 2 fields ''");
    answers(
        &[&[&go_on[..], hints, VALID, b"x"].concat()],
        "103 switching 'Switching Protocols' 2 fields 'x'",
    );
    answers(&[go_on, b"HTTP/1.1 200 OK\r\n\r\nbody"], "plain 'HTTP/1.1 200 OK\r\n\r\nbody'");
    answers(&[&go_on.repeat(9), VALID], "switching 'Switching Protocols' 2 fields ''");
    answers(&[&go_on.repeat(10)], "Malformed");
    answers(&[&[&hints.repeat(10), VALID].concat()], &("103 ".repeat(10) + "Malformed"));
}

#[test]
fn other_answers_come_back_whole() {
    for status in ["200 OK", "401 Unauthorized", "302 Found", "404", "426 Upgrade Required", "500 Oh"] {
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 4\r\n\r\nbody");
        answers(
            &[&answer.as_bytes()[..20.min(answer.len())], &answer.as_bytes()[20..]],
            &format!("plain '{answer}'"),
        );
    }
    answers(&[b"garbage"], "plain 'garbage'");
    answers(&[b"HTTP/1.1  101 x\r\n\r\n"], "plain 'HTTP/1.1  101 x\r\n\r\n'");
    answers(&[b"\r", b"\n", VALID], "switching 'Switching Protocols' 2 fields ''");
    answers(&[b"\r\n\r\n", VALID], &format!("plain '\r\n{}'", String::from_utf8_lossy(VALID)));
    answers(&[b"<html>\r\n\r\n"], "plain '<html>\r\n\r\n'");
}

#[test]
fn a_101_to_anything_else_is_none() {
    answers(&[b"HTTP/1.1 101 x\r\nConnection: Upgrade\r\n\r\n"], "UpgradeMissing");
    answers(&[b"HTTP/1.1 101 x\r\nUpgrade: h2c\r\n\r\n"], "UpgradeOther");
    answers(&[b"HTTP/1.1 101 x\r\nUpgrade: websocket, h2c\r\n\r\n"], "UpgradeOther");
    answers(&[b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n\r\n"], "UpgradeOther");
    answers(&[b"HTTP/1.1 101 x\r\nUpgrade: web\0socket\r\n\r\n"], "Malformed");
    answers(&[b"HTTP/1.1 101 x\r\nno colon\r\n\r\n"], "Malformed");
}

#[test]
fn an_answer_that_breaks_off_is_closed() {
    answers(&[], "Closed");
    answers(&[&VALID[..40]], "HeadCut");
    answers(&[&VALID[..10]], "Closed");
    answers(&[b"HTTP/1.1 200 OK\r\nContent-"], "HeadCut");
    answers(&[b"HTTP/1.1 103 Early Hints\r\n\r\n"], "103 Closed");
}

#[test]
fn a_head_has_its_limits() {
    let line = |length: usize| {
        let value = "v".repeat(length - 3);
        format!("HTTP/1.1 101 x\r\nUpgrade: websocket\r\nX: {value}\r\n\r\n").into_bytes()
    };
    answers(&[&line(8191)], "switching 'x' 2 fields ''");
    answers(&[&line(8192)], "HeadTooLarge");
    answers(&[&b"HTTP/1.1 200 OK".repeat(1400)], "HeadTooLarge");
    let many = |count: usize| {
        format!("HTTP/1.1 101 x\r\nUpgrade: websocket\r\n{}\r\n", "X: y\r\n".repeat(count)).into_bytes()
    };
    answers(&[&many(150)], "switching 'x' 151 fields ''");
    answers(&[&many(30_000)], "HeadTooLarge");
}

#[test]
fn folded_fields_are_unfolded() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (near, mut far) = duplex(1024);
        far.write_all(b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nX: a\r\n  b\r\n\tc\r\n\r\n").await.unwrap();
        let upgrade = upgrade();
        let handshake = Handshake::send(near, &upgrade).await.unwrap();
        let Ok(Answer::Switching(switched)) = handshake.answer().await else { panic!("no tunnel") };
        assert_eq!(switched.head.values("x").collect::<Vec<_>>(), [b"a  b\tc"]);
    });
}

#[tokio::test(start_paused = true)]
async fn a_silent_backend_is_waited_for_as_long_as_was_said() {
    let (near, _far) = duplex(1024);
    let began = tokio::time::Instant::now();
    assert_eq!(outcome(near, &upgrade()).await, "Silent");
    assert_eq!(began.elapsed(), Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn a_backend_that_takes_no_request_is_silent() {
    let (near, _far) = duplex(8);
    assert_eq!(outcome(near, &upgrade()).await, "Silent");
}

#[tokio::test(start_paused = true)]
async fn a_body_follows_the_head() {
    let (near, mut far) = duplex(1024);
    let upgrade = Upgrade { body: b"body", ..upgrade() };
    far.write_all(VALID).await.unwrap();
    assert!(outcome(near, &upgrade).await.starts_with("switching"));
    let mut sent = Vec::new();
    far.read_to_end(&mut sent).await.unwrap();
    assert_eq!(sent, [REQUEST, b"body"].concat());
}

#[tokio::test(start_paused = true)]
async fn nothing_but_the_request_is_written_before_a_101() {
    let (near, mut far) = duplex(1024);
    far.write_all(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    let upgrade = upgrade();
    let Ok(Answer::Plain(plain)) = Handshake::send(near, &upgrade).await.unwrap().answer().await else {
        panic!("a 403 is no tunnel")
    };
    assert_eq!(&plain.read[..15], b"HTTP/1.1 403 No");
    drop(plain);
    let mut sent = Vec::new();
    far.read_to_end(&mut sent).await.unwrap();
    assert_eq!(sent, REQUEST);
}

#[tokio::test]
async fn addresses_are_tried_in_turn() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap();
    let addresses = [nobody, listener.local_addr().unwrap()];
    let socket = connect(Target::Tcp(&addresses), &Reach::default()).await.unwrap();
    let Socket::Tcp(tcp) = socket else { panic!("it is TCP") };
    assert_eq!(tcp.peer_addr().unwrap(), addresses[1]);
    assert!(tcp.nodelay().unwrap());
    // This machine does not vanish.
    assert!(!SockRef::from(&tcp).keepalive().unwrap());
}

#[tokio::test]
async fn what_cannot_be_reached_says_why() {
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap();
    let missing = std::path::Path::new("/nonexistent/socket");
    let elsewhere = Reach { source: Some("192.0.2.1".parse().unwrap()), ..Reach::default() };
    let cases: [(Target<'_>, Reach, Kind, Side); 4] = [
        (Target::Tcp(&[nobody]), Reach::default(), Kind::Refused, Side::Origin),
        (Target::Tcp(&[]), Reach::default(), Kind::Unresolvable, Side::Origin),
        (Target::Unix(missing), Reach::default(), Kind::Refused, Side::Origin),
        (Target::Tcp(&[nobody]), elsewhere, Kind::NoSocket, Side::Us),
    ];
    for (target, reach, kind, side) in cases {
        let error = connect(target, &reach).await.unwrap_err();
        assert_eq!((error.kind, error.side()), (kind, side), "{target:?}");
    }
}

/// A listener whose queue is full takes no further connection: the connect hangs.
#[tokio::test]
async fn a_connect_has_its_timeout() {
    let listener = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let reach = Reach { timeout: Duration::from_millis(100), ..Reach::default() };
    let mut taken = Vec::new();
    for _ in 0..8 {
        match connect(Target::Tcp(&[address]), &reach).await {
            Ok(socket) => taken.push(socket),
            Err(error) => {
                assert_eq!(error.kind, Kind::ConnectTimeout);
                return;
            }
        }
    }
    panic!("the queue of none took {}", taken.len());
}

#[tokio::test]
async fn a_unix_socket_is_reached() {
    let folder = std::env::temp_dir().join(format!("wstunnel-test-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("socket");
    let _listener = UnixListener::bind(&path).unwrap();
    let socket = connect(Target::Unix(&path), &Reach::default()).await;
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(matches!(socket, Ok(Socket::Unix(_))));
}

#[test]
fn a_vanished_peer_is_noticed_in_time() {
    let socket = TcpSocket::new_v4().unwrap();
    Liveness::default().apply(&socket).unwrap();
    let options = SockRef::from(&socket);
    assert!(options.keepalive().unwrap());
    assert_eq!(options.tcp_keepalive_time().unwrap(), Duration::from_secs(25));
    assert_eq!(options.tcp_keepalive_interval().unwrap(), Duration::from_secs(10));
    assert_eq!(options.tcp_user_timeout().unwrap(), Some(Duration::from_secs(50)));
    assert_eq!(Liveness::within(Duration::from_secs(1)), Liveness::within(Liveness::LEAST));
}
