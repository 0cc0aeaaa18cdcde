use std::fs;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::logs::tests::{LOCAL, PEER, request, snapshot};
use crate::logs::{ConnectionLog, OpenLogs};

/// A configuration's logs with a logger of their own.
struct Case {
    root: TempDir,
    snapshot: Snapshot,
    open: OpenLogs,
    logs: Logs,
    router: Router,
}

impl Case {
    fn of(lines: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let snapshot = snapshot(&root, lines);
        let open = OpenLogs::default();
        let logs = Logs::open(&snapshot, &open).unwrap();
        let main = Some(logs.errors(0).clone());
        let router = Router { main: ArcSwapOption::new(main), stderr: OnceLock::new() };
        Self { root, snapshot, open, logs, router }
    }

    fn say(&self, level: log::Level, target: &str, text: &str) {
        let args = format_args!("{text}");
        let source = (Some("pool.rs"), Some(7));
        let mut record = Record::builder();
        record.level(level).target(target).file(source.0).line(source.1);
        self.router.log(&record.args(args).build());
    }

    fn scope(&self, host: &str, path: &str) -> Scope {
        let mut request = request(&self.snapshot, host, path);
        let log = self.logs.errors(request.server.index).clone();
        let scope = Scope::request(log, ConnectionLog::new(PEER, LOCAL), &request, 2);
        let section = self.snapshot.servers[0].locations.first();
        if let Some(section) = section {
            request.dir = std::sync::Arc::new(section.conf.clone());
        }
        scope.adopt(&request);
        scope
    }

    /// What a log holds, without times, processes and ids.
    fn read(&self, name: &str) -> String {
        self.open.flush(Duration::from_secs(60));
        let text = fs::read_to_string(self.root.path().join(name)).unwrap();
        let pid = format!("[pid {}:tid {}] ", process().pid, process().tid);
        let lines = text.lines().map(|line| {
            let time = line.strip_prefix('[').and_then(|line| line.split_once("] "));
            let line = time.map_or(line, |(_, line)| line);
            line.replace(&pid, "") + "\n"
        });
        lines.collect()
    }
}

#[test]
fn levels_hold_for_modules() {
    use log::Level::{Debug, Error, Info, Trace, Warn};
    let case = Case::of("ErrorLog e.log\nLogLevel warn proxy:debug proxy_wstunnel:error");
    case.say(Warn, "wsgate::cli", "a");
    case.say(Info, "wsgate::cli", "no");
    case.say(Debug, "wsgate::upstream", "b");
    case.say(Trace, "wsgate::upstream", "no");
    case.say(Warn, "wsgate_wstunnel::pump", "no");
    case.say(Error, "wsgate_wstunnel::pump", "c");
    assert_eq!(case.read("e.log"), "[core:warn] a\n[proxy:debug] pool.rs(7): b\n[proxy_wstunnel:error] c\n");
}

#[tokio::test]
async fn messages_go_to_the_server_that_they_are_about() {
    let case = Case::of(
        "ErrorLog e.log\n<VirtualHost *:80>\nServerName main.test\n</VirtualHost>\n\
         <VirtualHost *:80>\nServerName v.test\nErrorLog v.log\nLogLevel info\n</VirtualHost>",
    );
    let say = |text: &str| case.say(log::Level::Info, "wsgate::cli", text);
    case.say(log::Level::Error, "wsgate::cli", "nobody's");
    case.scope("v.test", "/").run(async { say("v's") }).await;
    case.scope("main.test", "/").run(async { say("not logged") }).await;
    let warn = |text: &str| case.say(log::Level::Warn, "wsgate::cli", text);
    case.scope("main.test", "/").run(async { warn("main's\nown") }).await;
    let connection = Scope::connection(case.logs.errors(2).clone(), ConnectionLog::new(PEER, LOCAL));
    connection.run(async { warn("connection's") }).await;
    assert_eq!(
        case.read("e.log"),
        "[core:error] nobody's\n\
         [core:warn] [client 192.0.2.7:4711] main's\\nown, referer: http://ref.test/\n"
    );
    assert_eq!(
        case.read("v.log"),
        "[core:info] [client 192.0.2.7:4711] v's, referer: http://ref.test/\n\
         [core:warn] [client 192.0.2.7:4711] connection's\n"
    );
}

#[tokio::test]
async fn a_sections_level_holds_for_its_requests() {
    let case = Case::of("ErrorLog e.log\n<Location /app>\nLogLevel error proxy:info\n</Location>");
    case.scope("srv.test", "/app")
        .run(async {
            case.say(log::Level::Info, "proxy", "a");
            case.say(log::Level::Warn, "core", "no");
            case.say(log::Level::Error, "core", "b");
        })
        .await;
    let client = "[client 192.0.2.7:4711]";
    let referer = "referer: http://ref.test/";
    assert_eq!(
        case.read("e.log"),
        format!("[proxy:info] {client} a, {referer}\n[core:error] {client} b, {referer}\n")
    );
    assert_eq!(most(&case.snapshot), LevelFilter::Info);
}

#[tokio::test]
async fn requests_and_connections_are_introduced_once() {
    let case = Case::of(
        "ErrorLog e.log\nErrorLogFormat \"%k %L %M\"\nErrorLogFormat connection \"C %{c}L %a\"\n\
         ErrorLogFormat request \"R %L %V %{Referer}i\"",
    );
    let scope = case.scope("h.test", "/");
    assert_eq!(scope.ids().request, None);
    scope
        .run(async {
            case.say(log::Level::Error, "core", "one");
            case.say(log::Level::Error, "core", "two");
        })
        .await;
    let ids = scope.ids();
    let (request, connection) = (ids.request.unwrap(), ids.connection.unwrap());
    assert_eq!((request.len(), connection.len()), (11, 11));
    assert_ne!(request, connection);
    assert_eq!(
        case.read("e.log"),
        format!(
            "C {connection} 192.0.2.7:4711\nR {request} h.test http://ref.test/\n\
             2 {request} one\n2 {request} two\n"
        )
    );
}

#[test]
fn datagrams_for_the_systems_log_begin_with_priority_time_and_tag() {
    let syslog = Syslog { facility: 17, tag: Some("gate".into()) };
    let message = |level| Message {
        at: wsgate_core::moment::Moment { since_epoch: Duration::from_secs(1_795_603_977), utc_offset: 0 },
        ..message(level, "core", "text", About::default())
    };
    let pid = std::process::id();
    assert_eq!(syslog_head(&syslog, &message(Level::Warn)), format!("<140>Nov 25 10:52:57 gate[{pid}]: "));
    let plain = Syslog { tag: None, ..syslog };
    assert_eq!(
        syslog_head(&plain, &message(Level::Trace(3))),
        format!("<143>Nov 25 10:52:57 wsgate[{pid}]: ")
    );
}
