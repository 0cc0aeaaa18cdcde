//! Which sections a request is in, and their settings merged: httpd's walks over `<Location>`, `<Proxy>`, `<Directory>`
//! and `<If>`.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use wsgate_directives::config::{Merge, Scope, Section};
use wsgate_directives::fnmatch::{Flags, fnmatch};
use wsgate_directives::modules::DirConf;
use wsgate_directives::pattern::{Pattern, PatternKind};
use wsgate_directives::regex::Captures;

use crate::http::Headers;
use crate::reply::Status;
use crate::request::Request;
use crate::snapshot::Snapshot;

mod disk;

pub(crate) use disk::{depth, directories, fault};

/// How many combinations of sections a server remembers. Where there are more, all are merged anew: those of
/// `.htaccess` files that have changed since go away then.
const REMEMBERED: usize = 256;

/// How wildcards of paths match: no `*` or `?` reaches over a slash.
const SEGMENTS: Flags = Flags { pathname: true, period: false, no_escape: false, case_blind: false };

/// Settings merged before, by the addresses of what was merged: requests of one kind hit the same sections.
#[derive(Debug, Default)]
pub(crate) struct Merged(RwLock<HashMap<Vec<usize>, Remembered>>);

/// The merged settings, and what they were merged from: holding those keeps their addresses from being used again.
#[derive(Debug)]
struct Remembered {
    result: Arc<DirConf>,
    _base: Arc<DirConf>,
    _sections: Vec<Arc<Section>>,
}

impl Merged {
    /// The settings of `sections` on top of `base`, in this order.
    pub(crate) fn merge(&self, base: &Arc<DirConf>, sections: &[&Arc<Section>]) -> Arc<DirConf> {
        if sections.is_empty() {
            return base.clone();
        }
        let mut key = Vec::with_capacity(sections.len() + 1);
        key.push(Arc::as_ptr(base) as usize);
        key.extend(sections.iter().map(|section| Arc::as_ptr(section) as usize));
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return known.result.clone();
        }
        let result = merged(sections).map_or_else(|| base.clone(), |add| Arc::new(Merge::merge(base, &add)));
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        let sections = sections.iter().map(|section| Arc::clone(section)).collect();
        known.insert(key, Remembered { result: result.clone(), _base: base.clone(), _sections: sections });
        result
    }
}

/// The settings of sections, one on top of the other; httpd merges them with each other before it puts them on what
/// holds outside, and some modules' settings can tell.
pub(crate) fn merged(sections: &[&Arc<Section>]) -> Option<DirConf> {
    let (first, rest) = sections.split_first()?;
    Some(rest.iter().fold(first.conf.clone(), |so_far, section| Merge::merge(&so_far, &section.conf)))
}

/// The `<Location>` sections that a path is in, in order (`ap_location_walk`). Only regular expressions see slashes that
/// MergeSlashes left doubled; `merged` is the path for all others. Named groups of LocationMatch go into the
/// environment as `MATCH_NAME`.
///
/// # Errors
/// 500 where a regular expression cannot be evaluated: a rule that may restrict access must not be skipped.
pub(crate) fn locations<'s>(
    sections: &'s [Arc<Section>],
    path: &[u8],
    merged: &[u8],
    env: &mut Headers,
) -> Result<Vec<&'s Arc<Section>>, Status> {
    let mut matching = Vec::new();
    for section in sections {
        let Scope::Location(pattern) = &section.scope else { continue };
        let whole_segments = |text: &[u8]| {
            let segment_ends = text.ends_with(b"/") || matches!(merged.get(text.len()), None | Some(b'/'));
            merged.starts_with(text) && (text.is_empty() || segment_ends)
        };
        if matches(pattern, path, env, |glob| fnmatch(glob, merged, SEGMENTS), whole_segments)? {
            matching.push(section);
        }
    }
    Ok(matching)
}

/// Whether `text` matches a section's pattern, where `wildcard` and `literal` say how what is no regular expression is
/// compared. Named groups of a regular expression go into the environment.
///
/// # Errors
/// 500 where a regular expression cannot be evaluated: a rule that may restrict access must not be skipped.
fn matches(
    pattern: &Pattern,
    text: &[u8],
    env: &mut Headers,
    wildcard: impl FnOnce(&[u8]) -> bool,
    literal: impl FnOnce(&[u8]) -> bool,
) -> Result<bool, Status> {
    let written = pattern.text.as_bytes();
    match &pattern.kind {
        PatternKind::Regex(regex) => match regex.captures(text) {
            Ok(Some(captures)) => {
                export_groups(regex.names(), &captures, env);
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(_) => Err(Status::INTERNAL_SERVER_ERROR),
        },
        PatternKind::Wildcard => Ok(wildcard(written)),
        PatternKind::Literal => Ok(literal(written)),
    }
}

/// Puts named groups into the environment (`ap_regname` with AP_REG_MATCH).
fn export_groups<'a>(
    names: impl Iterator<Item = (usize, &'a str)>,
    captures: &Captures<'_>,
    env: &mut Headers,
) {
    for (group, name) in names {
        if let Some(value) = captures.get(group) {
            env.set(format!("MATCH_{}", name.to_ascii_uppercase()), value.to_vec());
        }
    }
}

/// The `<Proxy>` sections that a backend URL is in, in order (`proxy_walk`).
///
/// # Errors
/// 500 where a regular expression cannot be evaluated.
pub(crate) fn proxies<'s>(
    sections: &'s [Arc<Section>],
    url: &[u8],
    env: &mut Headers,
) -> Result<Vec<&'s Arc<Section>>, Status> {
    let mut matching = Vec::new();
    for section in sections {
        let Scope::Proxy(pattern) = &section.scope else { continue };
        let glob = |glob: &[u8]| fnmatch(glob, url, Flags::default());
        if matches(pattern, url, env, glob, |text| url.starts_with(text))? {
            matching.push(section);
        }
    }
    Ok(matching)
}

/// The `<Files>` sections that a file's name is in, in order (`ap_file_walk`); those in them included.
///
/// # Errors
/// 500 where a regular expression cannot be evaluated.
pub(crate) fn files<'s>(
    sections: &'s [Arc<Section>],
    path: &[u8],
    env: &mut Headers,
) -> Result<Vec<&'s Arc<Section>>, Status> {
    let start = path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    let name = &path[start..];
    let mut matching = Vec::new();
    for section in sections {
        let Scope::Files(pattern) = &section.scope else { continue };
        let glob = |glob: &[u8]| fnmatch(glob, name, Flags::default());
        if matches(pattern, name, env, glob, |text| name == text)? {
            matching.push(section);
            matching.extend(files(&section.conf.core.files, name, env)?);
        }
    }
    Ok(matching)
}

/// The `<If>`, `<ElseIf>` and `<Else>` sections that hold for a request, in order (`ap_if_walk`).
///
/// # Errors
/// 500 where a condition cannot be evaluated: a rule that may restrict access must not be skipped.
pub(crate) fn ifs<'s>(
    snapshot: &Snapshot,
    request: &mut Request,
    sections: &'s [Arc<Section>],
) -> Result<Vec<&'s Arc<Section>>, Status> {
    let mut matching = Vec::new();
    let mut decided = false;
    for section in sections {
        let condition = match &section.scope {
            Scope::If(condition) => Some(condition),
            Scope::ElseIf(_) | Scope::Else if decided => continue,
            Scope::ElseIf(condition) => Some(condition),
            _ => None,
        };
        decided = match condition {
            None => true,
            Some(condition) => request.evaluate(snapshot, condition).map_err(|error| {
                log::error!("{}: <If> cannot be evaluated: {error}", snapshot.place(section.span));
                Status::INTERNAL_SERVER_ERROR
            })?,
        };
        if decided {
            matching.push(section);
        }
    }
    Ok(matching)
}
