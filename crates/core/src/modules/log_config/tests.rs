use proptest::prelude::*;
use wsgate_directives::expand::expand;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::interpret::interpret;
use wsgate_directives::registry::Registry;

use super::*;
use crate::http::{Head, Version};
use crate::reply::{Reply, Status};
use crate::request::{Connection, Decided, Decision, Failed, decide};
use crate::snapshot::resolve;
use crate::world::Still;

/// 2026-11-25 10:52:57.042001 UTC, seen from half past twelve.
const BEGAN: Moment = Moment { since_epoch: Duration::new(1_795_603_977, 42_001_000), utc_offset: 5400 };

fn snapshot(lines: &str) -> (Snapshot, Vec<Diagnostic>) {
    let text = format!("ServerName srv.test\n{lines}\n");
    let files = MemoryFiles([("/httpd.conf".to_owned(), text.into_bytes())].into());
    let config = interpret(expand("/httpd.conf", &files, &Facts::default(), &Registry));
    assert_eq!(config.diagnostics, [], "{lines}");
    resolve(&config, &Still::default(), std::sync::Arc::new(Still::default()))
}

fn head(line: &str, fields: &[(&str, &[u8])]) -> Head {
    let mut words = line.split(' ');
    let mut word = || words.next().unwrap_or_default().to_owned();
    let (method, target) = (word(), word());
    let mut headers = Headers::new();
    for (name, value) in fields {
        headers.add((*name).to_owned(), value.to_vec());
    }
    let version = Version::HTTP_11;
    Head { line: line.to_owned().into(), method: method.into(), target: target.into(), version, headers }
}

/// A request and its answer.
struct Case {
    head: Head,
    status: u16,
    answer: Headers,
    failed: Option<(Head, u16)>,
}

impl Case {
    fn get() -> Self {
        let fields: [(&str, &[u8]); 3] = [
            ("Host", b"h.test:81"),
            ("Cookie", b"x=y; sid = abc ; z=1"),
            ("User-Agent", b"a \"quoted\" \\ \x1b[31m \xff"),
        ];
        let mut answer = Headers::new();
        for (name, value) in [
            ("Date", "now"),
            ("Server", "s"),
            ("Content-Type", "text/plain ; charset=x"),
            ("Set-Cookie", "a=1"),
            ("Set-Cookie", "b=2"),
            ("X-Foo", "foo"),
        ] {
            answer.add(name, value);
        }
        Self { head: head("GET /app/a%20b?q=1 HTTP/1.1", &fields), status: 200, answer, failed: None }
    }

    fn with(line: &str, status: u16) -> Self {
        Self { head: head(line, &[("Host", b"h.test")]), status, ..Self::get() }
    }

    fn pending(&self, snapshot: &Snapshot) -> Vec<Pending> {
        let connection = Connection {
            local: "127.0.0.1:8080".parse().unwrap(),
            peer: "[::ffff:192.0.2.7]:4711".parse().unwrap(),
            proxied: None,
            tls: None,
        };
        let (request, outcome) =
            Request::receive(snapshot, std::sync::Arc::new(connection), self.head.clone(), BEGAN);
        let (mut request, plan) = match outcome {
            _ if self.head.method.is_empty() => (request, None),
            Err(_) => (request, None),
            Ok(()) => match decide(snapshot, request) {
                Decided { request, decision: Decision::Proxy(plan) } => (request, Some(plan)),
                Decided {
                    request,
                    decision:
                        Decision::Reply(_)
                        | Decision::Check(_)
                        | Decision::File(_)
                        | Decision::Listing
                        | Decision::Status
                        | Decision::Balancers,
                } => (request, None),
            },
        };
        if let Some((head, status)) = &self.failed {
            let (mut first, _) = Request::receive(snapshot, request.connection.clone(), head.clone(), BEGAN);
            first.user = Some("first".into());
            let reply = Reply::page(Status(*status));
            request.failed = Some(Box::new(Failed { request: first, reply }));
        }
        start(&Answered {
            snapshot,
            request: &request,
            plan: plan.as_deref(),
            status: self.status,
            headers: &self.answer,
            served_before: 2,
            ids: LogIds { request: Some("rid"), connection: None },
            process: Process { pid: 12, tid: 255 },
        })
    }

    #[track_caller]
    fn logs(&self, format: &str, expected: &str) {
        let quoted = format.replace('\\', "\\\\").replace('"', "\\\"");
        let conf = format!("ProxyPass /app http://back.test:81/base\nCustomLog a.log \"{quoted}\"");
        let (snapshot, _) = snapshot(&conf);
        let [pending] = self.pending(&snapshot).try_into().unwrap();
        let line = pending.finish(&END);
        assert_eq!(String::from_utf8_lossy(&line), format!("{expected}\n"), "{format}");
    }
}

const END: End<'static> = End {
    at: Moment { since_epoch: Duration::new(1_795_603_980, 500_000_000), utc_offset: 5400 },
    bytes_in: 100,
    bytes_out: 2000,
    body: 1234,
    first_byte: Some(Duration::from_micros(77)),
    connection: Aftermath::Kept,
    request_trailers: None,
    answer_trailers: None,
    notes: None,
};

#[test]
fn the_common_and_the_combined_format() {
    let common = "192.0.2.7 - - [25/Nov/2026:12:22:57 +0130] \"GET /app/a%20b?q=1 HTTP/1.1\" 200 1234";
    Case::get().logs("%h %l %u %t \"%r\" %>s %b", common);
    Case::get().logs(
        "%h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"",
        &common.replace("1234", "2000 \"-\" \"a \\\"quoted\\\" \\\\ \\x1b[31m \\xff\""),
    );
}

/// `%v %p` as httpd 2.4.71 wrote them: ServerName without a port hides that of the address.
#[test]
fn the_canonical_port() {
    let (snapshot, _) = snapshot(
        "CustomLog /l \"%v %p\"\n\
         <VirtualHost *:8080>\nServerName a.test\n</VirtualHost>\n\
         <VirtualHost *:8080>\nServerName p.test:99\n</VirtualHost>",
    );
    for (host, line) in [("a.test", "a.test 80\n"), ("p.test", "p.test 99\n")] {
        let case = Case { head: head("GET / HTTP/1.1", &[("Host", host.as_bytes())]), ..Case::get() };
        let lines: Vec<String> = case
            .pending(&snapshot)
            .iter()
            .map(|pending| String::from_utf8_lossy(&pending.finish(&END)).into_owned())
            .collect();
        assert_eq!(lines, [line], "{host}");
    }
}

#[test]
fn each_field() {
    let logs = |format, expected| Case::get().logs(format, expected);
    logs("%a %{c}a %A %h", "192.0.2.7 192.0.2.7 127.0.0.1 192.0.2.7");
    logs("%m %U %q %H", "GET /app/a b ?q=1 HTTP/1.1");
    logs("%f %R", "proxy:http://back.test:81/base/a%20b?q=1 proxy-server");
    logs("%v %V %p %{local}p %{remote}p %{what}p", "srv.test h.test 80 8080 4711 what");
    logs("%{host}i %{none}i %i", "h.test:81 - -");
    logs("%{Content-Type}o %{set-cookie}o %{X-Foo}o", "text/plain a=1, b=2 foo");
    logs("%{Date}o %{Server}o", "- -");
    logs("%{sid}C %{SID}C %{z}C %{y}C", "abc abc 1 -");
    logs("%P %{pid}P %{tid}P %{hextid}P", "12 12 255 ff");
    logs("%L %{c}L %k %n %{X}e", "rid - 2 - -");
    logs("%D %T %{ms}T %{us}T %{h}T", "3457999 3 3457 3457999 h");
    logs("%b %B %I %O %S %X", "1234 1234 100 2000 2100 +");
    logs("%{X}^ti %{X}^to %^FB", "- - -");
    logs("%{sec}t %{msec}t %{usec}t", "1795603977 1795603977042 1795603977042001");
    logs("%{msec_frac}t %{usec_frac}t %{end:msec}t", "042 042001 1795603980500");
    logs("%{end}t %{%Y-%m}t %{end:%S}t", "[25/Nov/2026:12:23:00 +0130] 2026-11 00");
    logs("%{SSL_PROTOCOL}x %{version}c %{HTTPS}x %{REMOTE_ADDR}x", "- - off 192.0.2.7");
    logs("%200m %404m %!404m %!200,404m %%", "GET - GET - %");
}

#[test]
fn requests_of_which_little_is_known() {
    let unread = Case { head: Head::unread(), answer: Headers::new(), ..Case::with("", 408) };
    unread.logs("%r|%m|%U|%q|%H|%s|%{Content-Type}o|%f", "-|-|-||HTTP/1.0|408|-|-");
    Case::with("GET http://us:pw@h.test/p HTTP/1.1", 400)
        .logs("%r %s %U", "GET http://us:XXXXXXXX@h.test/p HTTP/1.1 400 /p");
    Case::with("GET http://us@h.test/p?a=b:c@d HTTP/1.1", 400)
        .logs("%r", "GET http://us@h.test/p?a=b:c@d HTTP/1.1");
    Case::with("GET http://h.test HTTP/1.1", 200).logs("%U", "/");
    Case::with("BAD", 400).logs("%r %m %U", "BAD BAD /");
}

#[test]
fn a_tunnel_has_no_body_and_hides_its_fields() {
    let tunnel = Case::with("GET /app HTTP/1.1", 101);
    let (snapshot, _) = snapshot("CustomLog a.log \"%>s %b %B %{X-Foo}o %{Content-Type}o %I %O\"");
    let [pending] = tunnel.pending(&snapshot).try_into().unwrap();
    let line = pending.finish(&End { body: 0, connection: Aftermath::Closed, ..END });
    assert_eq!(String::from_utf8_lossy(&line), "101 - 0 - text/plain 100 2000\n");
}

#[test]
fn of_internal_redirects_the_first_or_the_last_counts() {
    let first = Some((head("GET /first?x HTTP/1.1", &[("Host", b"h.test")]), 404));
    let case = Case { failed: first, ..Case::with("GET /err HTTP/1.1", 200) };
    case.logs("%s %>s %U %>U %u %<u %q %<q", "404 200 /first /err - first  ?x");
}

#[test]
fn conditions() {
    let lines = "CustomLog a.log %m env=gone\nCustomLog b.log %m env=!gone\n\
        CustomLog c.log %m \"expr=%{REQUEST_STATUS} -ge 400\"\nCustomLog d.log %m \"expr=%{resp:X-Foo} == 'foo'\"";
    let (snapshot, _) = snapshot(lines);
    let which = |status| {
        let pending = Case::with("GET / HTTP/1.1", status).pending(&snapshot);
        pending.iter().map(|pending| pending.log).collect::<Vec<_>>()
    };
    assert_eq!(which(200), [1, 3]);
    assert_eq!(which(404), [1, 2, 3]);
}

#[test]
fn the_end_fills_trailers_and_the_first_byte() {
    let (snapshot, _) = snapshot("LogIOTrackTTFB On\nCustomLog a.log \"%{X}^ti|%{Y}^to|%^FB|%X\"");
    let [pending] = Case::get().pending(&snapshot).try_into().unwrap();
    let mut trailers = Headers::new();
    trailers.add("x", "a\tb");
    let (came, went) = (Some(&trailers), Some(&trailers));
    let end = End { request_trailers: came, answer_trailers: went, connection: Aftermath::Aborted, ..END };
    assert_eq!(String::from_utf8_lossy(&pending.finish(&end)), "a\\tb|-|77|X\n");
    let end = End { first_byte: None, ..end };
    assert_eq!(String::from_utf8_lossy(&pending.finish(&end)), "a\\tb|-|-|X\n");
}

#[test]
fn which_logs_a_server_has() {
    let lines = "LogFormat main nick\nLogFormat \"%m\"\nTransferLog t.log\nCustomLog n.log nick\nGlobalLog g.log clf\n\
        <VirtualHost *:81>\nServerName none.test\nLogFormat \"vhost %m\" nick\n</VirtualHost>\n\
        <VirtualHost *:82>\nServerName own.test\nLogFormat nick\nTransferLog o.log\n</VirtualHost>";
    let (snapshot, _) = snapshot(lines);
    let logs = |server: usize| {
        let one = |log: &AccessLog| (log.to.to_string(), log.format.items.len());
        snapshot.servers[server].logs.iter().map(one).collect::<Vec<_>>()
    };
    let named = |logs: &[(&str, usize)]| -> Vec<(String, usize)> {
        logs.iter().map(|(name, items)| ((*name).to_owned(), *items)).collect()
    };
    assert_eq!(logs(0), named(&[("/t.log", 1), ("/n.log", 1), ("/g.log", 13)]));
    assert_eq!(logs(1), named(&[("/t.log", 1), ("/n.log", 2), ("/g.log", 13)]));
    assert_eq!(logs(2), named(&[("/o.log", 1), ("/g.log", 13)]));
}

#[test]
fn a_misspelt_nickname_is_noticed_once() {
    let (_, notes) =
        snapshot("LogFormat %m combined\nCustomLog a.log combine\n<VirtualHost *:81>\n</VirtualHost>");
    let codes: Vec<&str> = notes.iter().map(|note| note.code).collect();
    assert_eq!(codes, ["constant-log-format"]);
}

proptest! {
    /// Whatever a client sends, its line is one line of printable ASCII, and what it holds can be told apart.
    #[test]
    fn no_byte_of_a_client_breaks_a_line(
        line in "\\PC{0,20}",
        value in prop::collection::vec(any::<u8>(), 0..40),
        target in "[ -~]{0,30}",
    ) {
        let conf = "CustomLog a.log \"\\\"%r\\\" \\\"%{X}i\\\" %m %U%q %{X}C %V %{X}o\"";
        let (snapshot, _) = snapshot(conf);
        let mut case = Case::get();
        case.head.line = line.into_bytes().into();
        case.head.target = target.into_bytes().into();
        case.head.method = value.clone().into();
        case.head.headers.add("X", value.clone());
        case.head.headers.add("Cookie", value.clone());
        case.answer.add("X", value.clone());
        let [pending]: [Pending; 1] = case.pending(&snapshot).try_into().unwrap();
        let line = pending.finish(&END);
        let (end, text) = line.split_last().unwrap();
        prop_assert_eq!(*end, b'\n');
        prop_assert!(text.iter().all(|byte| (b' '..=b'~').contains(byte)));
        let quotes = text.iter().enumerate().filter(|(at, byte)| {
            let slashes = text[..*at].iter().rev().take_while(|byte| **byte == b'\\').count();
            **byte == b'"' && slashes % 2 == 0
        });
        prop_assert_eq!(quotes.count(), 4);
    }

    /// Escaping loses nothing: what was written can be read back.
    #[test]
    fn escapes_can_be_undone(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let mut out = Vec::new();
        escape::access(&mut out, &bytes);
        prop_assert!(out.iter().all(|byte| (b' '..=b'~').contains(byte)));
        prop_assert_eq!(unescaped(&out), bytes.clone());
        let mut error = Vec::new();
        escape::error(&mut error, &bytes);
        prop_assert!(error.iter().all(|byte| (b' '..=b'~').contains(byte)));
        prop_assert_eq!(unescaped(&error), bytes);
    }
}

fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        let meant = match (byte, rest.clone().next()) {
            (b'\\', Some(b'x')) => {
                rest.next();
                let digits: Vec<u8> = rest.by_ref().take(2).copied().collect();
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            (b'\\', Some(code)) => {
                rest.next();
                match code {
                    b'b' => 8,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'v' => 0x0b,
                    other => *other,
                }
            }
            _ => *byte,
        };
        out.push(meant);
    }
    out
}
