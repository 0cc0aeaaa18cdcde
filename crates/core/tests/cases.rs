//! What is decided about requests, as data: each file in `cases/` is a configuration, requests, and what becomes of
//! them.
//!
//! Sections begin with `--- name`: `config` (a ServerName line stands before it), `findings` (one `severity code line` a
//! line), `file PATH` (its content; the folders above it exist, too), and pairs of `request` and `decision`. A request is
//! `METHOD target` and header lines; Host is `localhost` where none is given. `to ADDRESS` says what address clients
//! connect to; `192.0.2.1:80` where it stands nowhere.

use std::fmt::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wsgate_core::http::{Head, Headers, Version};
use wsgate_core::plan::{Hop, Plan, Upgrade};
use wsgate_core::request::{Connection, Decided, Decision, Request, decide, fail};
use wsgate_core::snapshot::{Snapshot, resolve};
use wsgate_core::world::{Still, World};
use wsgate_directives::diag::{Diagnostic, Severity};
use wsgate_directives::expand::expand;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::interpret::interpret;
use wsgate_directives::registry::Registry;

struct Case {
    config: String,
    findings: Option<String>,
    world: Still,
    local: SocketAddr,
    exchanges: Vec<(String, String)>,
}

impl Case {
    fn parse(text: &str) -> Self {
        let mut case = Self {
            config: String::new(),
            findings: None,
            world: Still::default(),
            local: SocketAddr::from(([192, 0, 2, 1], 80)),
            exchanges: Vec::new(),
        };
        for section in format!("\n{text}").split("\n--- ").skip(1) {
            let (name, body) = section.split_once('\n').unwrap_or((section, ""));
            let body = body.trim_end().to_owned();
            match name.trim().split_once(' ').unwrap_or((name.trim(), "")) {
                ("config", "") => case.config = body,
                ("findings", "") => case.findings = Some(body),
                ("file", path) => {
                    case.world.files.insert(path.as_bytes().to_vec(), (body + "\n").into_bytes());
                }
                ("to", address) => case.local = address.parse().expect("an address"),
                ("request", "") => case.exchanges.push((body, String::new())),
                ("decision", "") => {
                    case.exchanges.last_mut().expect("a request stands before its decision").1 = body;
                }
                other => panic!("there is no section {other:?}"),
            }
        }
        case
    }

    /// The configuration in its world, and what was found about it.
    fn load(&self) -> (Snapshot, String) {
        let text = format!("ServerName localhost\n{}\n", self.config).into_bytes();
        let files = MemoryFiles([("/httpd.conf".to_owned(), text)].into());
        let facts = Facts { server_root: "/etc/httpd".to_owned(), ..Facts::default() };
        let config = interpret(expand("/httpd.conf", &files, &facts, &Registry));
        let (snapshot, notes) = resolve(&config, &Still::default(), Arc::new(self.world.clone()));
        let findings = config.diagnostics.iter().chain(&notes).map(finding).collect::<Vec<_>>().join("\n");
        (snapshot, findings)
    }

    fn decide(&self, snapshot: &Snapshot, request: &str) -> String {
        let head = head(request);
        let connection = Connection {
            local: self.local,
            peer: "192.0.2.9:40000".parse().expect("an address"),
            proxied: None,
            tls: None,
        };
        let (request, received) = Request::receive(snapshot, Arc::new(connection), head, self.world.now());
        print(&match received {
            Ok(()) => decide(snapshot, request),
            Err(reply) => fail(snapshot, request, reply),
        })
    }
}

fn finding(found: &Diagnostic) -> String {
    let severity = match found.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    // The ServerName line is the test's.
    format!("{severity} {} {}", found.code, found.span.map_or(0, |span| span.line - 1))
}

fn head(text: &str) -> Head {
    let mut lines = text.lines();
    let line = lines.next().expect("a request line");
    let (method, target) = line.split_once(' ').expect("a method and a target");
    let mut headers = Headers::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        headers.add(name.to_owned(), value.to_owned());
    }
    if !headers.contains("Host") {
        headers.add("Host", "localhost");
    }
    Head {
        line: format!("{line} HTTP/1.1").into(),
        method: method.to_owned().into(),
        target: target.to_owned().into(),
        version: Version::HTTP_11,
        headers,
    }
}

/// A decision in a few words, what it sets in the answer's head below it.
fn print(decided: &Decided) -> String {
    let Decided { request, decision } = decided;
    let mut out = String::new();
    let mut fields = vec![&request.error_headers];
    match decision {
        Decision::Proxy(plan) => {
            out.push_str(&print_plan(plan, request));
            fields.push(&request.answer_headers);
        }
        Decision::Reply(reply) => {
            _ = write!(out, "reply {}", reply.status.0);
            fields.push(&reply.headers);
        }
        Decision::File(_) => {
            out.push_str("a file is sent");
            if let Some(content_type) = &request.content_type {
                _ = write!(out, " as {}", content_type.escape_ascii());
            }
        }
        Decision::Listing => out.push_str("the folder is listed"),
        Decision::Status => out.push_str("the status is shown"),
        Decision::Balancers => out.push_str("the balancers are shown"),
        Decision::Check(_) => out.push_str("a password is to be checked"),
    }
    for field in fields.into_iter().flatten() {
        let (name, value) = (field.name.escape_ascii(), field.value.escape_ascii());
        _ = write!(out, "\n{name}: {value}");
    }
    out
}

fn print_plan(plan: &Plan, request: &Request) -> String {
    let uri = plan.uri.escape_ascii();
    let (how, backend) = match &plan.to {
        Hop::Balancer(balancer) => return format!("proxy {}{uri}", balancer.name),
        Hop::Backend(backend, _) => ("by its worker", Some(&**backend)),
        Hop::Unnamed(_) => ("without worker", None),
    };
    let leg = match plan.leg(request, backend) {
        Ok(leg) => leg,
        Err(reply) => return format!("reply {} of the handler", reply.status.0),
    };
    let upgrade = match &leg.upgrade {
        Upgrade::None => String::new(),
        Upgrade::Framed(token) | Upgrade::Raw(token) => format!(", upgrade {}", token.escape_ascii()),
    };
    let socket = leg.authority.socket.as_ref().map(|path| format!("unix:{path}|")).unwrap_or_default();
    let (scheme, host) = (&leg.authority.scheme, leg.authority.host_field());
    format!("proxy {socket}{scheme}://{host}{uri} {how}{upgrade}")
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().expect("the cases are there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn cases() {
    let mut all = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases"), &mut all);
    all.sort();
    assert!(!all.is_empty());
    let mut wrong = String::new();
    for path in all {
        #[expect(clippy::disallowed_methods, reason = "a test reads its own data")]
        let text = std::fs::read_to_string(&path).expect("a case is text");
        let case = Case::parse(&text);
        assert!(case.findings.is_some() || !case.exchanges.is_empty(), "{} says nothing", path.display());
        let (snapshot, findings) = case.load();
        let mut compare = |what: &str, expected: &str, got: &str| {
            if expected != got {
                _ = writeln!(wrong, "{}: {what}\n  expected {expected}\n  got      {got}", path.display());
            }
        };
        match &case.findings {
            Some(expected) => compare("findings", expected, &findings),
            None => assert!(!findings.contains("error "), "{}: {findings}", path.display()),
        }
        for (request, expected) in &case.exchanges {
            compare(request, expected, &case.decide(&snapshot, request));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
