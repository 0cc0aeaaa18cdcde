//! `.htaccess` files against what they stand for: `<Directory>` sections of their folders, or nothing at all.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use proptest::prelude::*;
use proptest::sample::select;
use wsgate_core::http::{Head, Headers, Version};
use wsgate_core::moment::Moment;
use wsgate_core::request::{Connection, Decision, Request, decide, fail};
use wsgate_core::snapshot::{Snapshot, resolve};
use wsgate_core::world::{Links, Stat, Still, World};
use wsgate_directives::diag::Severity;
use wsgate_directives::expand::expand;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::htaccess::{Permit, read};
use wsgate_directives::interpret::interpret;
use wsgate_directives::modules::{self, core::AllowOverride};
use wsgate_directives::registry::{Contexts, Overrides, Registry};

/// What a request is answered; 200 for a file.
fn status(configuration: &str, files: &[(String, Vec<u8>)], method: &str) -> u16 {
    let text = format!("ServerName srv.test\nDocumentRoot /srv\n{configuration}");
    let read = MemoryFiles([("/c".to_owned(), text.into_bytes())].into());
    let config = interpret(expand("/c", &read, &Facts::default(), &Registry));
    let wrong = config.diagnostics.iter().find(|found| found.severity == Severity::Error);
    assert_eq!(wrong, None, "{configuration}");
    let mut world = Still::default();
    world.files.insert(b"/srv/a/b/f".to_vec(), b"content".to_vec());
    world.files.insert(b"/srv/users".to_vec(), b"u:{SHA}x\n".to_vec());
    world.files.extend(files.iter().map(|(path, text)| (path.clone().into_bytes(), text.clone())));
    let (snapshot, _) = resolve(&config, &Still::default(), Arc::new(world));
    answer(&snapshot, method)
}

fn answer(snapshot: &Snapshot, method: &str) -> u16 {
    let mut headers = Headers::new();
    headers.add("Host", "srv.test");
    let head = Head {
        line: format!("{method} /a/b/f HTTP/1.1").into(),
        method: method.to_owned().into(),
        target: "/a/b/f".into(),
        version: Version::HTTP_11,
        headers,
    };
    let (local, peer) = (([192, 0, 2, 1], 80).into(), ([192, 0, 2, 9], 40_000).into());
    let connection = Arc::new(Connection { local, peer, proxied: None, tls: None });
    let (request, received) = Request::receive(snapshot, connection, head, snapshot.world.now());
    let decided = match received {
        Ok(()) => decide(snapshot, request),
        Err(reply) => fail(snapshot, request, reply),
    };
    match decided.decision {
        Decision::File(_) => 200,
        Decision::Reply(reply) => reply.status.0,
        other => panic!("{other:?}"),
    }
}

/// The folders that the request passes.
const FOLDERS: [&str; 3] = ["/srv/", "/srv/a/", "/srv/a/b/"];

/// Lines about who may enter, each of which can be read and evaluated.
const RULES: &[&str] = &[
    "Require all denied",
    "Require all granted",
    "Require ip 10",
    "Require ip 192.0.2.9",
    "Require method POST",
    "AuthMerging And",
    "AuthMerging Or",
    "Order allow,deny",
    "Order deny,allow",
    "Deny from all",
    "Allow from all",
    "Deny from 192.0.2.9",
    "Satisfy any",
    "Satisfy all",
    "AuthType Basic\nAuthName x\nAuthUserFile /srv/users\nRequire valid-user",
    "<RequireAll>\nRequire all granted\nRequire not ip 10\n</RequireAll>",
    "<RequireAll>\nRequire all granted\n<RequireNone>\nRequire ip 192.0.2.9\n</RequireNone>\n</RequireAll>",
    "<Limit GET>\nRequire all denied\n</Limit>",
    "<LimitExcept GET>\nDeny from all\n</LimitExcept>",
    "<Files f>\nRequire all denied\n</Files>",
    "<Files f>\nRequire all granted\n</Files>",
    "<FilesMatch ^g>\nRequire all denied\n</FilesMatch>",
    "<If \"%{REQUEST_METHOD} == 'GET'\">\nRequire all denied\n</If>\n<Else>\nRequire all granted\n</Else>",
    "Options +Indexes -FollowSymLinks",
    "RewriteEngine On\nRewriteRule g - [F]",
    "Redirect 410 /a/b/g",
];

/// Lines that no `.htaccess` can have, or that cannot be evaluated.
const BROKEN: &[&str] = &[
    "No such directive",
    "Require",
    "Require all maybe",
    "Require ip 10.0.0.0/99",
    "Require expr file('/srv/users') == ''",
    "<Files f>",
    "</Files>",
    "<If \"%{\">\n</If>",
    "<RequireAll>\n</RequireAll>",
    "<Directory />\n</Directory>",
    "Include /srv/users",
    "IncludeOptional /nowhere",
    "AllowOverride None",
    "AllowMethods GET",
    "Define a b",
    "ServerName other.test",
    "ProxyPass / http://127.0.0.1/",
    "Error \"as it says\"",
    "AuthType Digest\nRequire all granted",
    "Order first",
    "SetEnvIf",
    "RewriteRule",
    "RewriteRule ( -",
    "Header set",
    "SSLVerifyClient require",
];

fn rules() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(select(RULES), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// They mean what the same lines mean in a `<Directory>`.
    #[test]
    fn as_in_directory(lines in prop::collection::vec(rules(), 3), method in select(&["GET", "POST"][..])) {
        let texts: Vec<String> = lines.iter().map(|lines| lines.join("\n") + "\n").collect();
        let around = "<Directory />\nAllowOverride All\nRequire all granted\n</Directory>\n";
        let written = FOLDERS.iter().zip(&texts);
        let sections: String =
            written.clone().map(|(folder, text)| format!("<Directory {folder}>\n{text}</Directory>\n")).collect();
        let files: Vec<(String, Vec<u8>)> =
            written.map(|(folder, text)| (format!("{folder}.htaccess"), text.clone().into_bytes())).collect();
        let expected = status(&format!("{around}{sections}"), &[], method);
        prop_assert_eq!(status(around, &files, method), expected, "{}", sections);
    }

    /// What cannot be read or evaluated opens no door, wherever it stands.
    #[test]
    fn a_mistake_opens_no_door(
        before in rules(),
        broken in select(BROKEN),
        behind in rules(),
        folder in select(&FOLDERS[..]),
        classes in select(&["All", "AuthConfig", "Limit FileInfo", "Options=Indexes", "Nonfatal=Override All"][..]),
    ) {
        let text = [before.as_slice(), &[broken], behind.as_slice()].concat().join("\n");
        let around = format!("<Directory />\nAllowOverride {classes}\nRequire all granted\n</Directory>");
        let files = [(format!("{folder}.htaccess"), text.clone().into_bytes())];
        prop_assert_eq!(status(&around, &files, "GET"), 500, "{}\n{}", around, text);
    }

    /// Whatever follows a rule that denies, it goes on denying.
    #[test]
    fn rubbish_takes_no_rule_back(
        rubbish in prop::collection::vec(prop_oneof![any::<u8>(), select(&b"<>\\\"'#\n \r\0$%{"[..])], 0..60),
        classes in select(&["All", "AuthConfig", "AuthConfig Nonfatal=All"][..]),
    ) {
        let text = [b"Require all denied\n", rubbish.as_slice()].concat();
        let around = format!("<Directory />\nAllowOverride {classes}\n</Directory>");
        let got = status(&around, &[("/srv/a/.htaccess".to_owned(), text)], "GET");
        prop_assert!(got == 403 || got == 500, "{}", got);
    }
}

/// httpd reads no longer ones, continued ones joined.
#[test]
fn lines_are_bounded() {
    let around = "<Directory />\nAllowOverride All\n</Directory>";
    for (length, expected) in [(8191, 200), (8192, 500)] {
        let (start, half) = ("SetEnvIf User-Agent ^ v=", "a".repeat(4000));
        let text = format!("{start}{half}\\\n{}\n", "b".repeat(length - start.len() - half.len()));
        let files = [("/srv/a/.htaccess".to_owned(), text.into_bytes())];
        assert_eq!(status(around, &files, "GET"), expected, "{length}");
    }
}

/// Who reads it has others waiting.
#[test]
fn files_are_bounded() {
    let around = "<Directory />\nAllowOverride All\n</Directory>";
    for (size, expected) in [(1 << 20, 200), ((1 << 20) + 1, 403)] {
        assert_eq!(
            status(around, &[("/srv/.htaccess".to_owned(), vec![b'\n'; size])], "GET"),
            expected,
            "{size}"
        );
    }
}

/// Each row of the registry stands where its own classes allow it, and nowhere else.
#[test]
fn rows_stand_where_their_class_is_allowed() {
    let around = Default::default();
    let classes = [
        Overrides::AUTH_CONFIG,
        Overrides::FILE_INFO,
        Overrides::INDEXES,
        Overrides::LIMIT,
        Overrides::OPTIONS,
    ];
    for row in modules::all().flat_map(|module| module.rows) {
        let line = match row.name.strip_suffix('>') {
            Some(open) => format!("{open} x>\n</{}\n", &row.name[1..]),
            None => row.name.to_owned(),
        };
        for class in classes {
            let allowed = Some(AllowOverride { classes: class, ..AllowOverride::UNSET });
            let permit = Permit { allowed, listed: None };
            let files = MemoryFiles::default();
            let reading = read(("/.htaccess", line.as_bytes()), ("/", &permit), 0, &files, &around);
            let refused = reading.findings.iter().any(|finding| finding.code == "not-overridden");
            let stands = row.contexts.allows(Contexts::HTACCESS) && row.contexts.overrides.meets(class);
            assert_eq!(refused, !stands, "{} {:?} {:?}", row.name, class, reading.findings);
        }
    }
}

/// A disk that changes.
#[derive(Debug)]
struct Changing(Mutex<Still>);

impl Changing {
    fn still(&self) -> MutexGuard<'_, Still> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl World for Changing {
    fn now(&self) -> Moment {
        self.still().now()
    }

    fn stat(&self, path: &[u8], links: Links) -> io::Result<Stat> {
        self.still().stat(path, links)
    }

    fn read(&self, path: &[u8]) -> io::Result<Vec<u8>> {
        self.still().read(path)
    }

    fn env(&self, name: &[u8]) -> Option<Vec<u8>> {
        self.still().env(name)
    }

    fn random(&self, bound: usize) -> usize {
        self.still().random(bound)
    }
}

/// `<IfFile>` asks the disk for each request, as in httpd, which remembers no `.htaccess`.
#[test]
fn a_file_that_comes_and_goes_is_seen() {
    let text = "ServerName srv.test\nDocumentRoot /srv\n<Directory />\nAllowOverride All\n</Directory>\n";
    let read = MemoryFiles([("/c".to_owned(), text.as_bytes().to_vec())].into());
    let config = interpret(expand("/c", &read, &Facts::default(), &Registry));
    let mut still = Still::default();
    let rule = "<IfFile /srv/closed>\nRequire all denied\n</IfFile>\n";
    still.files.insert(b"/srv/a/.htaccess".to_vec(), rule.into());
    still.files.insert(b"/srv/a/b/f".to_vec(), b"content".to_vec());
    let world = Arc::new(Changing(Mutex::new(still)));
    let (snapshot, _) = resolve(&config, &Still::default(), world.clone());
    assert_eq!(answer(&snapshot, "GET"), 200);
    world.still().files.insert(b"/srv/closed".to_vec(), Vec::new());
    assert_eq!(answer(&snapshot, "GET"), 403);
    world.still().files.remove(&b"/srv/closed"[..]);
    assert_eq!(answer(&snapshot, "GET"), 200);
}
