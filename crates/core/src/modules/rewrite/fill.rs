//! Texts with marks, filled for a request (`do_expand`, `lookup_variable`).

use std::borrow::Cow;
use std::cmp::Ordering;

use wsgate_directives::expr::{Subrequest, Variable};
use wsgate_directives::modules::rewrite::{Escape, LookAhead, Name, Part, Template};
use wsgate_directives::regex::Captures;

use crate::expr::{State, eval_string, time};
use crate::facts::Facts;
use crate::redirect::ahead;
use crate::request::Request;

use super::engine::Engine;
use super::{tables, uri};

/// MODULE_MAGIC_NUMBER of httpd 2.4.71.
const API_VERSION: &[u8] = b"20120211:142";

/// Where the `?` that begins the query came from: the rule's text, or what was filled in.
pub(super) struct Mark {
    /// Whether the last one counts, not the first.
    last: bool,
    found: Option<Origin>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Rule,
    Request,
}

impl Mark {
    pub(super) fn new(last: bool) -> Self {
        Self { last, found: None }
    }

    fn see(&mut self, text: &[u8], origin: Origin) {
        if (self.last || self.found.is_none()) && text.contains(&b'?') {
            self.found = Some(origin);
        }
    }

    /// Whether it was filled in.
    pub(super) fn is_unsafe(&self) -> bool {
        self.found == Some(Origin::Request)
    }
}

impl Engine<'_> {
    /// A text filled; headers that it reads are noted.
    pub(super) fn fill(&mut self, template: &Template, escape: Option<&Escape>) -> Vec<u8> {
        self.note_headers(template);
        self.fill_tracked(template, escape, &mut Mark::new(false))
    }

    pub(super) fn fill_tracked(
        &self,
        template: &Template,
        escape: Option<&Escape>,
        mark: &mut Mark,
    ) -> Vec<u8> {
        let mut out = Vec::new();
        for part in &template.0 {
            match part {
                Part::Text(text) => {
                    mark.see(text, Origin::Rule);
                    out.extend_from_slice(text);
                }
                Part::Escaped(byte) => out.push(*byte),
                filled => {
                    let text = self.part(filled, escape);
                    mark.see(&text, Origin::Request);
                    out.extend_from_slice(&text);
                }
            }
        }
        out
    }

    fn part(&self, part: &Part, escape: Option<&Escape>) -> Cow<'_, [u8]> {
        match part {
            Part::Text(_) | Part::Escaped(_) => Cow::Borrowed(b""),
            Part::Rule(group) => escaped(self.rule_groups.as_ref(), *group, escape),
            Part::Condition(group) => escaped(self.condition_groups.as_ref(), *group, escape),
            Part::Variable(name) => self.variable(self.request, name),
            Part::Map { map, key, default } => {
                let mut unmarked = Mark::new(false);
                let key = self.fill_tracked(key, escape, &mut unmarked);
                let map = self.request.server.conf.rewrite.maps.get(map);
                let value = tables::lookup(self.snapshot, map.map(std::convert::AsRef::as_ref), &key);
                let filled = |default: &Template| self.fill_tracked(default, escape, &mut Mark::new(false));
                Cow::Owned(value.or_else(|| default.as_ref().map(filled)).unwrap_or_default())
            }
        }
    }

    /// `lookup_variable`, of this request or one that looks ahead of it.
    fn variable<'s>(&'s self, request: &'s Request, name: &Name) -> Cow<'s, [u8]> {
        let facts = Facts { snapshot: self.snapshot, request };
        match name {
            Name::Variable(Variable::Time(part)) => Cow::Owned(time(*part, facts.now()).into_bytes()),
            Name::Variable(Variable::ApiVersion) => Cow::Borrowed(API_VERSION),
            Name::Variable(Variable::ScriptUser | Variable::ScriptGroup) => Cow::Borrowed(b"<unknown>"),
            Name::Variable(variable) => facts.variable(*variable).unwrap_or_default(),
            Name::ServerAddr => {
                Cow::Owned(request.connection.local.ip().to_canonical().to_string().into_bytes())
            }
            Name::Header(name) => {
                Cow::Borrowed(request.head.headers.get(&**name).map(|value| &**value).unwrap_or_default())
            }
            Name::Env(name) => {
                let known = request.notes.get(name).or_else(|| request.env.get(name));
                match known {
                    Some(value) => Cow::Borrowed(value),
                    None => Cow::Owned(self.snapshot.world.env(name).unwrap_or_default()),
                }
            }
            Name::Ssl(_) if !self.snapshot.loaded.ssl => Cow::Borrowed(b""),
            Name::Ssl(word) => {
                let text = eval_string(word, &mut { facts }, &mut State::default());
                Cow::Owned(text.unwrap_or_default())
            }
            Name::LookAhead(how, inner) => self.look_ahead(request, *how, inner),
            Name::Unknown(_) => Cow::Borrowed(b""),
        }
    }

    /// What a variable will be: `LA-U` and `LA-F`.
    fn look_ahead(&self, request: &Request, how: LookAhead, name: &Name) -> Cow<'_, [u8]> {
        let elsewhere = request.main.as_ref().is_none_or(|main| main.path != request.path);
        if self.uri.is_empty() || !elsewhere {
            return Cow::Borrowed(b"");
        }
        let absolute = self.uri.starts_with(b"/");
        let conf = &self.request.dir.rewrite;
        let (kind, target) = match (self.section, how) {
            (None, LookAhead::Url) => (Subrequest::Url, self.uri.to_vec()),
            (None, LookAhead::File) => (Subrequest::File, self.uri.to_vec()),
            (Some(_), _) if absolute => (Subrequest::Url, self.uri.to_vec()),
            (Some(section), LookAhead::Url) => {
                let base = conf.base.as_ref().map_or(section.directory, |base| &base.value);
                (Subrequest::Url, [base.as_bytes(), &self.uri].concat())
            }
            (Some(section), LookAhead::File) => {
                (Subrequest::File, [section.directory.as_bytes(), &self.uri].concat())
            }
        };
        let ahead = ahead(self.snapshot, request, kind, &target).request;
        Cow::Owned(self.variable(&ahead, name).into_owned())
    }

    /// The fields that a text reads, if the request has them, count for Vary; Host is part of what is asked for.
    fn note_headers(&mut self, template: &Template) {
        let Self { request, vary, .. } = self;
        template.walk(&mut |part| {
            if let Part::Variable(Name::Header(name)) = part
                && !name.eq_ignore_ascii_case("Host")
                && request.head.headers.contains(&**name)
            {
                vary.push(name.clone());
            }
        });
    }
}

fn escaped<'c>(groups: Option<&'c Captures<'static>>, group: usize, how: Option<&Escape>) -> Cow<'c, [u8]> {
    let text = groups.and_then(|groups| groups.get(group)).unwrap_or_default();
    match how {
        Some(how) => Cow::Owned(uri::escape_group(text, how)),
        None => Cow::Borrowed(text),
    }
}

/// How texts stand to each other (`compare_lexicography`): the shorter one is the lesser; without regard to letter
/// case they compare byte by byte (`strcasecmp`).
pub(super) fn compare(left: &[u8], right: &[u8], caseless: bool) -> Ordering {
    if caseless {
        return left.to_ascii_lowercase().cmp(&right.to_ascii_lowercase());
    }
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}
