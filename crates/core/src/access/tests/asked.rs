//! Requests to configurations in memory, and what becomes of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use wsgate_directives::diag::Severity;
use wsgate_directives::expand::expand;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::interpret::interpret;
use wsgate_directives::registry::Registry;

use crate::connection::{Connection, DnStyle, Tls};
use crate::credentials::basic;
use crate::http::{Head, Headers, Version};
use crate::moment::Moment;
use crate::request::{Decided, Decision, Request, decide, resume};
use crate::snapshot::{Snapshot, resolve};
use crate::world::Still;

/// A client of TLS whose certificate says who it is.
#[derive(Debug)]
struct Certified;

impl Tls for Certified {
    fn sni(&self) -> Option<&str> {
        None
    }

    fn server(&self) -> usize {
        0
    }

    fn var(&self, name: &str, names: DnStyle) -> Option<String> {
        let value = match (name, names) {
            ("SSL_CLIENT_S_DN", DnStyle::Legacy) => "/CN=cert",
            ("SSL_CLIENT_S_DN", DnStyle::Rfc2253) => "CN=cert",
            ("SSL_CLIENT_S_DN_CN", _) => "cert",
            ("SSL_CLIENT_VERIFY", _) => "SUCCESS",
            _ => return None,
        };
        Some(value.to_owned())
    }

    fn extensions(&self, oid: &str) -> Option<Vec<String>> {
        (oid == "1.2.3").then(|| vec!["a".to_owned(), "b".to_owned()])
    }
}

/// A request: `METHOD /path`, then what it is like.
pub(super) struct Ask {
    line: &'static str,
    from: &'static str,
    pub(super) credentials: Option<&'static str>,
    fields: Vec<(&'static str, String)>,
    tls: bool,
}

pub(super) fn ask(line: &'static str) -> Ask {
    Ask { line, from: "192.0.2.1", credentials: None, fields: Vec::new(), tls: false }
}

impl Ask {
    pub(super) fn from(self, from: &'static str) -> Self {
        Self { from, ..self }
    }

    pub(super) fn user(self, credentials: &'static str) -> Self {
        Self { credentials: Some(credentials), ..self }
    }

    pub(super) fn field(mut self, name: &'static str, value: &str) -> Self {
        self.fields.push((name, value.to_owned()));
        self
    }

    pub(super) fn tls(self) -> Self {
        Self { tls: true, ..self }
    }
}

/// Users whose passwords are `secret`; in these tests a password is stored as it is behind `is=`.
const USERS: &str = "ann:is=secret\nbob:is=secret\n/CN=cert:is=password\n";
const GROUPS: &str = "staff: ann\n";

pub(super) fn snapshot(lines: &str) -> Snapshot {
    let text = format!("ServerName srv.test\nProxyPass / http://back.test/\n{lines}\n");
    let files = MemoryFiles([("/c".to_owned(), text.into_bytes())].into());
    let config = interpret(expand("/c", &files, &Facts::default(), &Registry));
    let errors: Vec<_> =
        config.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{lines}\n{errors:#?}");
    let texts = [("/users", USERS), ("/groups", GROUPS)];
    let files: BTreeMap<Vec<u8>, Vec<u8>> = texts.map(|(name, text)| (name.into(), text.into())).into();
    resolve(&config, &Still::default(), Arc::new(Still { files, ..Still::default() })).0
}

pub(super) fn decided(snapshot: &Snapshot, ask: &Ask) -> Decided {
    let connection = Connection {
        local: "192.0.2.9:80".parse().unwrap(),
        peer: format!("{}:1", ask.from).parse().unwrap(),
        proxied: None,
        tls: ask.tls.then(|| Box::new(Certified) as Box<dyn Tls>),
    };
    let (method, target) = ask.line.split_once(' ').unwrap();
    let mut headers = Headers::new();
    headers.add("Host", "srv.test");
    for (name, value) in &ask.fields {
        headers.add(*name, value.clone());
    }
    if let Some((user, password)) = ask.credentials.and_then(|both| both.split_once(':')) {
        headers.add("Authorization", basic(user.as_bytes(), password.as_bytes()));
    }
    let (line, method) = (Bytes::from(ask.line), Bytes::from(method));
    let head = Head { line, method, target: target.into(), version: Version::HTTP_11, headers };
    let (request, outcome) = Request::receive(snapshot, Arc::new(connection), head, Moment::default());
    outcome.expect("a good request");
    let mut decided = decide(snapshot, request);
    for _ in 0..10 {
        let Decided { request, decision: Decision::Check(pending) } = decided else { return decided };
        let stored = [b"is=", &*pending.check.password].concat();
        let right = pending.check.stored == stored;
        decided = resume(snapshot, request, *pending, right);
    }
    panic!("the same question again and again");
}

/// The status; 200 for what goes to the backend.
pub(super) fn status(decided: &Decided) -> u16 {
    match &decided.decision {
        Decision::Proxy(_) => 200,
        Decision::Reply(reply) => reply.status.0,
        Decision::File(_) | Decision::Listing | Decision::Status | Decision::Balancers => 200,
        Decision::Check(_) => panic!("a question is left"),
    }
}

#[track_caller]
pub(super) fn check<const N: usize>(lines: &str, asks: &[(Ask, u16); N]) {
    let snapshot = snapshot(lines);
    for (number, (ask, expected)) in asks.iter().enumerate() {
        assert_eq!(status(&decided(&snapshot, ask)), *expected, "{lines}\nrequest {number}: {}", ask.line);
    }
}
