use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tempfile::TempDir;
use wsgate_core::http::{Head, Headers, Version};
use wsgate_core::modules::log_config::{Aftermath, End, LogIds, Process};
use wsgate_core::moment::Moment;
use wsgate_core::request::{Connection, Request};
use wsgate_core::snapshot::resolve;
use wsgate_core::world::Still;
use wsgate_directives::diag::Severity;
use wsgate_directives::expand::expand;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::interpret::interpret;
use wsgate_directives::registry::Registry;

use super::*;
use crate::machine::Machine;
use wsgate_core::modules::log_config::Answered;

/// A configuration whose ServerRoot is a folder of its own.
pub(super) fn snapshot(root: &TempDir, lines: &str) -> Snapshot {
    let text = format!("ServerName srv.test\n{lines}\n");
    let files = MemoryFiles([("/httpd.conf".to_owned(), text.into_bytes())].into());
    let server_root = root.path().to_str().unwrap().to_owned();
    let facts = Facts { server_root, ..Facts::default() };
    let config = interpret(expand("/httpd.conf", &files, &facts, &Registry));
    assert_eq!(config.diagnostics, [], "{lines}");
    resolve(&config, &Still::default(), Arc::new(Machine)).0
}

/// A request for a host.
pub(super) fn request(snapshot: &Snapshot, host: &str, path: &str) -> Request {
    let mut headers = Headers::new();
    headers.add("Host", host.to_owned());
    headers.add("Referer", "http://ref.test/");
    let head = Head {
        line: format!("GET {path} HTTP/1.1").into(),
        method: "GET".into(),
        target: path.to_owned().into(),
        version: Version::HTTP_11,
        headers,
    };
    let connection = Connection { local: LOCAL, peer: PEER, proxied: None, tls: None };
    let (request, outcome) = Request::receive(snapshot, Arc::new(connection), head, Moment::default());
    outcome.unwrap();
    request
}

/// Both ends of each connection.
pub(super) const LOCAL: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 80);
pub(super) const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)), 4711);

fn log(logs: &Logs, snapshot: &Snapshot, host: &str) {
    let request = request(snapshot, host, "/");
    let answered = Answered {
        snapshot,
        request: &request,
        plan: None,
        status: 200,
        headers: &Headers::new(),
        served_before: 0,
        ids: LogIds::default(),
        process: Process::default(),
    };
    logs.lines(&answered).finish(&End {
        at: Moment::default(),
        bytes_in: 10,
        bytes_out: 20,
        body: 5,
        first_byte: None,
        connection: Aftermath::Closed,
        request_trailers: None,
        answer_trailers: None,
        notes: None,
    });
}

const SECOND: Duration = Duration::from_secs(60);

#[test]
fn servers_share_a_log_of_one_name() {
    let root = tempfile::tempdir().unwrap();
    let lines = "CustomLog a.log \"%v %B\"\n<VirtualHost *:80>\nServerName v.test\nCustomLog a.log \"%{Host}i %b\"\n\
        CustomLog b.log %m env=never\n</VirtualHost>\n<VirtualHost *:80>\nServerName w.test\n</VirtualHost>";
    let snapshot = snapshot(&root, lines);
    let open = OpenLogs::default();
    let logs = Logs::open(&snapshot, &open).unwrap();
    assert!(logs.access[0][0].is(&logs.access[1][0]));
    log(&logs, &snapshot, "v.test");
    log(&logs, &snapshot, "w.test");
    open.flush(SECOND);
    assert_eq!(fs::read_to_string(root.path().join("a.log")).unwrap(), "v.test 5\nw.test 5\n");
    assert_eq!(fs::read_to_string(root.path().join("b.log")).unwrap(), "");
}

#[test]
fn logs_that_were_moved_begin_anew() {
    let root = tempfile::tempdir().unwrap();
    let snapshot = snapshot(&root, "CustomLog a.log %v");
    let open = OpenLogs::default();
    let logs = Logs::open(&snapshot, &open).unwrap();
    let (path, moved) = (root.path().join("a.log"), root.path().join("a.log.1"));
    log(&logs, &snapshot, "one");
    open.flush(SECOND);
    fs::rename(&path, &moved).unwrap();
    log(&logs, &snapshot, "two");
    open.reopen();
    log(&logs, &snapshot, "three");
    open.flush(SECOND);
    assert_eq!(fs::read_to_string(&moved).unwrap(), "srv.test\nsrv.test\n");
    assert_eq!(fs::read_to_string(&path).unwrap(), "srv.test\n");
    // Another configuration that names it has the same log, begun anew.
    fs::rename(&path, &moved).unwrap();
    let next = Logs::open(&snapshot, &open).unwrap();
    assert!(next.access[0][0].is(&logs.access[0][0]));
    drop(logs);
    log(&next, &snapshot, "four");
    open.flush(SECOND);
    assert_eq!(fs::read_to_string(&path).unwrap(), "srv.test\n");
}

#[test]
fn a_program_gets_all_lines_before_it_ends() {
    let root = tempfile::tempdir().unwrap();
    let fifo = root.path().join("fifo");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let snapshot = snapshot(&root, "CustomLog \"|$cat > fifo\" %v");
    let open = OpenLogs::default();
    let logs = Logs::open(&snapshot, &open).unwrap();
    for _ in 0..3 {
        log(&logs, &snapshot, "h");
    }
    drop(logs);
    assert_eq!(fs::read_to_string(&fifo).unwrap(), "srv.test\n".repeat(3));
}

/// Compares code, weight and line of all findings.
#[track_caller]
fn finds(found: &[Diagnostic], expected: &[(&str, Severity, u32)]) {
    let found: Vec<_> = found.iter().map(|one| (one.code, one.severity, one.span.unwrap().line)).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_keeps_logs_from_being_opened() {
    use Severity::Error;
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("folder")).unwrap();
    let lines = "ErrorLog none/e.log\nCustomLog none/a.log %m\nCustomLog folder %m\nCustomLog |/no/such %m\n\
        CustomLog good.log %m\n<VirtualHost *:80>\n</VirtualHost>";
    let snapshot = snapshot(&root, lines);
    let expected = [("log-not-opened", Error, 3), ("log-not-opened", Error, 4), ("log-not-opened", Error, 2)];
    // Whether a program can be started is known when it is.
    finds(&Logs::check(&snapshot), &expected);
    assert!(!root.path().join("good.log").exists());
    let mut failed = Logs::open(&snapshot, &OpenLogs::default()).unwrap_err();
    failed.sort_by_key(|one| one.span.map(|span| span.line));
    failed.dedup_by_key(|one| one.span);
    let lines = [2, 3, 4, 5].map(|line| ("log-not-opened", Error, line));
    finds(&failed, &lines);
}

#[test]
fn what_can_be_opened_is_not_touched_by_a_check() {
    let root = tempfile::tempdir().unwrap();
    let lines = "ErrorLog e.log\nCustomLog a.log %m\nCustomLog \"|$touch touched\" %m\nErrorLog syslog:user";
    assert_eq!(Logs::check(&snapshot(&root, lines)), []);
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}
