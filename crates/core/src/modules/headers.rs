//! mod_headers: changes the fields of requests and answers.

use std::borrow::Cow;

use bytes::Bytes;
use wsgate_directives::modules::headers::{Action, Piece, Rule, Value, When};
use wsgate_directives::regex::{Regex, substitute};

use crate::expr::{State, eval_string};
use crate::facts::Facts;
use crate::http::{Field, Headers};
use crate::moment::Moment;
use crate::request::{Phase, Request};
use crate::snapshot::Snapshot;

/// Lines that say `early`, those of the server itself (`ap_headers_early`).
pub(crate) fn early(snapshot: &Snapshot, request: &mut Request) -> Phase<()> {
    let dir = request.dir.clone();
    let mut run = Run { snapshot, request, now: snapshot.world.now(), early: true };
    run.rules(&dir.headers.request, Table::Request)?;
    run.rules(&dir.headers.always, Table::Error)?;
    run.rules(&dir.headers.onsuccess, Table::Answer)
}

/// RequestHeader (`ap_headers_fixup`).
pub(crate) fn fixup(snapshot: &Snapshot, request: &mut Request) -> Phase<()> {
    let dir = request.dir.clone();
    let mut run = Run { snapshot, request, now: snapshot.world.now(), early: false };
    run.rules(&dir.headers.request, Table::Request)
}

/// Header, on what was asked for (`ap_headers_output_filter`).
pub(crate) fn answer(snapshot: &Snapshot, request: &mut Request, now: Moment) -> Phase<()> {
    let dir = request.dir.clone();
    let mut run = Run { snapshot, request, now, early: false };
    run.rules(&dir.headers.always, Table::Error)?;
    run.rules(&dir.headers.onsuccess, Table::Answer)
}

/// `Header always`, on errors and redirects that are made here (`ap_headers_error_filter`).
pub(crate) fn error(snapshot: &Snapshot, request: &mut Request, now: Moment) -> Phase<()> {
    let dir = request.dir.clone();
    Run { snapshot, request, now, early: false }.rules(&dir.headers.always, Table::Error)
}

/// Whose fields are changed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    Request,
    Error,
    Answer,
}

struct Run<'a> {
    snapshot: &'a Snapshot,
    request: &'a mut Request,
    now: Moment,
    early: bool,
}

impl Run<'_> {
    /// httpd's `do_headers_fixup`.
    fn rules(&mut self, rules: &[Rule], table: Table) -> Phase<()> {
        for rule in rules {
            if self.applies(rule) {
                self.apply(rule, table)?;
            }
        }
        Ok(())
    }

    fn applies(&mut self, rule: &Rule) -> bool {
        match &rule.when {
            When::Early => self.early,
            _ if self.early => false,
            When::Always => true,
            When::Env { name, set } => self.request.env.contains(&**name) == *set,
            When::Expr(condition) => {
                self.request.evaluate(self.snapshot, condition).unwrap_or_else(|error| {
                    // As in httpd: what cannot be evaluated is no condition.
                    self.complain(rule, &error);
                    true
                })
            }
        }
    }

    fn apply(&mut self, rule: &Rule, table: Table) -> Phase<()> {
        let name = Bytes::copy_from_slice(rule.name.as_bytes());
        match &rule.action {
            Action::Set(value) => {
                let value = self.value(rule, value, table);
                self.set(table, name, value);
            }
            Action::SetIfEmpty(value) => {
                if !self.table(table).contains(&name) {
                    let value = self.value(rule, value, table);
                    self.set(table, name, value);
                }
            }
            Action::Append(value) => {
                let value = self.value(rule, value, table);
                self.table(table).merge(name, value);
            }
            Action::Merge(value) => {
                let value = self.value(rule, value, table);
                let fields = self.table(table);
                if !fields.get(&name).is_some_and(|list| lists(list, &value)) {
                    fields.merge(name, value);
                }
            }
            Action::Add(value) => {
                let value = self.value(rule, value, table);
                self.table(table).add(name, value);
            }
            Action::Unset => {
                if table != Table::Request && name.eq_ignore_ascii_case(b"Content-Type") {
                    self.request.content_type = None;
                }
                self.table(table).remove(&name);
            }
            Action::Echo(pattern) => self.echo(pattern)?,
            Action::Edit { pattern, all, with } => {
                let with = self.value(rule, with, Table::Answer);
                self.edit(table, &name, &Edit { pattern, all: *all, with: &with })?;
            }
            Action::Note(note) => {
                let note = self.value(rule, note, Table::Answer);
                match self.table(table).get(&name).cloned() {
                    Some(value) => self.request.notes.set(note, value),
                    None => drop(self.request.notes.remove(&note)),
                }
            }
        }
        Ok(())
    }

    /// Content-Type is a value of its own beside the table (`ap_set_content_type`).
    fn set(&mut self, table: Table, name: Bytes, value: Bytes) {
        if table != Table::Request && name.eq_ignore_ascii_case(b"Content-Type") {
            self.request.content_type = Some(value.clone());
        }
        self.table(table).set(name, value);
    }

    /// Fields of the request whose names match are repeated in the answer.
    fn echo(&mut self, pattern: &Regex) -> Phase<()> {
        for Field { name, value } in &self.request.head.headers {
            if pattern.is_match(name)? {
                self.request.answer_headers.add(name.clone(), value.clone());
            }
        }
        Ok(())
    }

    /// Edited fields go to the end, as in httpd.
    fn edit(&mut self, table: Table, name: &Bytes, edit: &Edit<'_>) -> Phase<()> {
        if table != Table::Request
            && name.eq_ignore_ascii_case(b"Content-Type")
            && let Some(content_type) = self.request.content_type.take()
        {
            self.request.content_type = Some(edit.run(&content_type)?.into_owned().into());
        }
        let fields = self.table(table);
        let mut edited = Headers::new();
        for field in fields.iter().filter(|field| field.is(name)) {
            let value = edit.run(&field.value)?.into_owned();
            edited.add(field.name.clone(), if table == Table::Request { printable(value) } else { value });
        }
        if !edited.is_empty() {
            fields.remove(name);
            for Field { name, value } in &edited {
                fields.add(name.clone(), value.clone());
            }
        }
        Ok(())
    }

    fn table(&mut self, table: Table) -> &mut Headers {
        match table {
            Table::Request => &mut self.request.head.headers,
            Table::Error => &mut self.request.error_headers,
            Table::Answer => &mut self.request.answer_headers,
        }
    }

    /// httpd's `process_tags`. What goes to a backend is made printable; what is wrong in answers is found when they
    /// are sent.
    fn value(&self, rule: &Rule, value: &Value, table: Table) -> Bytes {
        let text = match value {
            Value::Format(pieces) => match pieces.as_slice() {
                [Piece::Text(text)] => text.to_vec(),
                pieces => pieces.iter().flat_map(|piece| self.piece(piece).into_owned()).collect(),
            },
            Value::Expr(text) => self.facts().text(text).unwrap_or_else(|error| {
                self.complain(rule, &error);
                Vec::new()
            }),
        };
        if table == Table::Request { printable(text).into() } else { text.into() }
    }

    fn piece<'p>(&self, piece: &'p Piece) -> Cow<'p, [u8]> {
        let known = |text: Option<Vec<u8>>| {
            text.map_or(Cow::Borrowed(&b"(null)"[..]), |text| Cow::Owned(unwrapped(text)))
        };
        let received = self.request.received;
        match piece {
            Piece::Text(text) => Cow::Borrowed(text),
            Piece::Env(name) => known(self.request.env.get(&**name).map(|value| value.to_vec())),
            Piece::Ssl(word) => {
                let value = eval_string(word, &mut self.facts(), &mut State::default());
                known(value.ok().filter(|value| self.snapshot.loaded.ssl && !value.is_empty()))
            }
            Piece::Duration => Cow::Owned(format!("D={}", self.now.since(received).as_micros()).into_bytes()),
            Piece::Received => Cow::Owned(format!("t={}", received.since_epoch.as_micros()).into_bytes()),
        }
    }

    fn facts(&self) -> Facts<'_> {
        Facts { snapshot: self.snapshot, request: self.request }
    }

    fn complain(&self, rule: &Rule, error: &crate::expr::Error) {
        log::error!("{}: not evaluated: {error}", self.snapshot.place(rule.span));
    }
}

/// An edit of a value.
struct Edit<'a> {
    pattern: &'a Regex,
    all: bool,
    with: &'a [u8],
}

impl Edit<'_> {
    /// httpd's `process_regexp`: behind a match the rest is a subject of its own, so `^` matches there again.
    fn run<'v>(&self, value: &'v [u8]) -> Phase<Cow<'v, [u8]>> {
        let mut out = Vec::new();
        let mut rest = value;
        while let Some(captures) = self.pattern.captures(rest)? {
            let found = captures.range(0).unwrap_or(0..0);
            out.extend_from_slice(&rest[..found.start]);
            out.extend_from_slice(&substitute(self.with, &captures)?);
            // httpd would recurse for ever where nothing is matched.
            let stuck = found.end == 0;
            rest = &rest[found.end..];
            if !self.all || stuck || rest.is_empty() || out.len() > LONGEST {
                break;
            }
        }
        if out.is_empty() && rest.len() == value.len() {
            return Ok(Cow::Borrowed(value));
        }
        out.extend_from_slice(rest);
        Ok(Cow::Owned(out))
    }
}

/// A value that `edit*` makes longer than this is not edited further.
const LONGEST: usize = 1 << 20;

/// Whether a comma-separated list holds this item, letter case and quotes included (`hdr_merge`).
fn lists(list: &[u8], item: &[u8]) -> bool {
    let mut rest = list;
    while !rest.is_empty() {
        let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        rest = &rest[blanks..];
        let mut quoted = false;
        let end = rest.iter().position(|byte| {
            quoted ^= *byte == b'"';
            *byte == b',' && !quoted
        });
        let end = end.unwrap_or(rest.len());
        if &rest[..end] == item {
            return true;
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    false
}

/// Line breaks as spaces (`unwrap_header`).
fn unwrapped(mut text: Vec<u8>) -> Vec<u8> {
    text.iter_mut().filter(|byte| matches!(byte, b'\r' | b'\n')).for_each(|byte| *byte = b' ');
    text
}

/// Control bytes other than tabs as spaces: nothing that a value holds can end its line.
fn printable(mut text: Vec<u8>) -> Vec<u8> {
    let control = |byte: &&mut u8| (**byte < b' ' && **byte != b'\t') || **byte == 0x7f;
    text.iter_mut().filter(control).for_each(|byte| *byte = b' ');
    text
}
