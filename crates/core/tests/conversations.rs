//! Requests and their answers as data: every file below `conversations/` is a configuration and conversations under it.
//!
//! A conversation is written in lines with a mark. `>` is what the client sends; `:` is what a backend answers, or
//! `: unreachable`; both are input. `|` is what a backend gets and `<` what the client gets; they have to come out as
//! written. Date and Server are left out, a page is `[page]`. With `UPDATE=1` in the environment the files are written
//! instead of compared: what comes out then is to be read against httpd.

#![expect(clippy::disallowed_methods, reason = "the conversations are files")]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use wsgate_core::answer::{Answer, AnswerHead, of_backend, of_file, of_reply};
use wsgate_core::http::{Head, Headers, Version};
use wsgate_core::modules::autoindex::list;
use wsgate_core::modules::files::Opened;
use wsgate_core::plan::{Hop, Plan};
use wsgate_core::ranges::Piece;
use wsgate_core::reply::{Reply, Status};
use wsgate_core::request::{Decided, Decision, Request, fail};
use wsgate_core::snapshot::Snapshot;
use wsgate_core::world::Links;

mod common;

#[test]
fn conversations_go_as_written() {
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conversations"), &mut files);
    assert!(!files.is_empty(), "there are conversations");
    let update = std::env::var_os("UPDATE").is_some();
    for file in files {
        let written = fs::read_to_string(&file).unwrap();
        let got = run(&written);
        if update {
            fs::write(&file, &got).unwrap();
        } else {
            assert_eq!(got, written, "{}", file.display());
        }
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "case") {
            files.push(path);
        }
    }
}

/// The file with the lines that come out in place of those that were expected.
fn run(text: &str) -> String {
    let start = text.find("\n> ").map_or(text.len(), |at| at + 1);
    let (configuration, rest) = text.split_at(start);
    let snapshot = common::snapshot(configuration);
    let mut out = configuration.to_owned();
    for block in rest.split("\n\n").filter(|block| !block.trim().is_empty()) {
        let mut conversation = Conversation::new(block);
        conversation.run(&snapshot);
        out.push_str(&conversation.out);
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// What is sent in one conversation, and what came of it.
struct Conversation<'a> {
    request: Vec<&'a str>,
    answers: std::vec::IntoIter<Vec<&'a str>>,
    out: String,
}

impl<'a> Conversation<'a> {
    fn new(block: &'a str) -> Self {
        let marked = |mark: &'static str| block.lines().filter_map(move |line| line.strip_prefix(mark));
        let request: Vec<&str> = marked("> ").collect();
        let mut answers: Vec<Vec<&str>> = Vec::new();
        for line in marked(": ") {
            match answers.last_mut() {
                Some(answer) if line.contains(": ") => answer.push(line),
                _ => answers.push(vec![line]),
            }
        }
        let out = request.iter().fold(String::new(), |out, line| out + "> " + line + "\n");
        Self { request, answers: answers.into_iter(), out }
    }

    fn run(&mut self, snapshot: &Snapshot) {
        let mut decided = common::decided(snapshot, head(&self.request));
        loop {
            let Decided { mut request, decision } = decided;
            let failed = match decision {
                Decision::Reply(reply) => {
                    let (answer, body) = of_reply(snapshot, &mut request, &reply);
                    return self.answered(&answer.head, &cut(&body, answer.pieces));
                }
                Decision::File(plan) => {
                    let stat = snapshot.world.stat(&plan.path, Links::Follow).expect("a file that was found");
                    let content = snapshot.world.read(&plan.path).expect("a file that was found");
                    let opened = Opened { stat, digest: plan.digest.then_some([7; 20]) };
                    match of_file(snapshot, &mut request, &opened) {
                        Ok(Answer { head, pieces, .. }) => {
                            return self.answered(&head, &cut(&content, pieces));
                        }
                        Err(reply) => reply,
                    }
                }
                Decision::Listing => match list(snapshot, &request) {
                    Ok(reply) => {
                        let (answer, body) = of_reply(snapshot, &mut request, &reply);
                        return self.answered(&answer.head, &cut(&body, answer.pieces));
                    }
                    Err(reply) => reply,
                },
                Decision::Status | Decision::Balancers => panic!("no configuration here shows figures"),
                Decision::Check(_) => panic!("no configuration here asks for a password"),
                Decision::Proxy(plan) => match self.asked(snapshot, &mut request, &plan) {
                    Ok(head) => return self.answered(&head, &Bytes::new()),
                    Err(reply) => reply,
                },
            };
            decided = fail(snapshot, request, failed);
        }
    }

    /// A backend gets the request and answers.
    fn asked(
        &mut self,
        snapshot: &Snapshot,
        request: &mut Request,
        plan: &Plan,
    ) -> Result<AnswerHead, Reply> {
        let backend = match &plan.to {
            Hop::Backend(backend, _) => Some(backend.clone()),
            Hop::Unnamed(_) => None,
            Hop::Balancer(balancer) => balancer.members.first().cloned(),
        };
        let leg = plan.leg(request, backend.as_deref())?;
        let shown = String::from_utf8_lossy;
        _ = writeln!(self.out, "| {} {}", shown(&leg.method), shown(&leg.uri));
        self.fields("|", &leg.headers);
        let answer = self.answers.next().unwrap_or_else(|| vec!["200 OK", "Content-Type: text/plain"]);
        for line in &answer {
            _ = writeln!(self.out, ": {line}");
        }
        let Some((status, reason)) = answer[0].split_once(' ') else {
            return Err(Reply::page(Status::SERVICE_UNAVAILABLE));
        };
        let status = Status(status.parse().expect("a status"));
        let reason = Bytes::copy_from_slice(reason.as_bytes());
        let headers = headers(&answer[1..]);
        of_backend(snapshot, request, AnswerHead { status, reason, headers }, leg.protocol.as_ref())
            .map(|answer| answer.head)
    }

    fn answered(&mut self, head: &AnswerHead, body: &[u8]) {
        _ = writeln!(self.out, "< {} {}", head.status.0, String::from_utf8_lossy(&head.reason));
        self.fields("<", &head.headers);
        if body.starts_with(b"<!DOCTYPE HTML PUBLIC \"-//IETF") {
            self.out.push_str("< [page]\n");
        } else {
            for line in String::from_utf8_lossy(body).lines() {
                _ = writeln!(self.out, "< \"{line}\"");
            }
        }
    }

    fn fields(&mut self, mark: &str, headers: &Headers) {
        for field in headers {
            let own = field.is(b"Server") && field.value.starts_with(b"wsgate");
            if !own && !field.is(b"Date") {
                let (name, value) = (field.name.escape_ascii(), field.value.escape_ascii());
                _ = writeln!(self.out, "{mark} {name}: {value}");
            }
        }
    }
}

/// What is sent of a body.
fn cut(body: &[u8], pieces: Option<Vec<Piece>>) -> Vec<u8> {
    let whole = || vec![Piece::Part { start: 0, length: body.len() as u64 }];
    let bytes = |piece| match piece {
        Piece::Text(text) => text.to_vec(),
        Piece::Part { start, length } => body[start as usize..(start + length) as usize].to_vec(),
    };
    pieces.unwrap_or_else(whole).into_iter().flat_map(bytes).collect()
}

fn head(lines: &[&str]) -> Head {
    let mut words = lines[0].split(' ');
    let mut word = || Bytes::copy_from_slice(words.next().unwrap_or_default().as_bytes());
    let (method, target) = (word(), word());
    let version = if lines[0].ends_with("HTTP/1.0") { Version::HTTP_10 } else { Version::HTTP_11 };
    let line = Bytes::from(format!("{} {version}", lines[0].trim_end_matches(" HTTP/1.0")));
    let mut headers = headers(&lines[1..]);
    if !headers.contains("Host") {
        headers.add("Host", "h.test");
    }
    headers.combine();
    Head { line, method, target, version, headers }
}

fn headers(lines: &[&str]) -> Headers {
    let mut headers = Headers::new();
    for line in lines {
        let (name, value) = line.split_once(": ").expect("a field");
        headers.add(name.as_bytes().to_vec(), value.as_bytes().to_vec());
    }
    headers
}
