//! Which sections a request is in, and their settings merged: httpd's location walk, proxy walk and if walk.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use wsgate_directives::config::{Merge, Scope, Section};
use wsgate_directives::fnmatch::{Flags, fnmatch};
use wsgate_directives::modules::DirConf;
use wsgate_directives::pattern::{Pattern, PatternKind};
use wsgate_directives::regex::Captures;

use crate::http::Headers;
use crate::reply::Status;

/// How many combinations of sections a server remembers; further ones are merged anew for each request.
const REMEMBERED: usize = 256;

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
        let merged = sections.iter().fold(None::<DirConf>, |so_far, section| {
            Some(Merge::merge(so_far.as_ref().unwrap_or(base), &section.conf))
        });
        let result = merged.map_or_else(|| base.clone(), Arc::new);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < REMEMBERED {
            let sections = sections.iter().map(|section| Arc::clone(section)).collect();
            let remembered = Remembered { result: result.clone(), _base: base.clone(), _sections: sections };
            known.insert(key, remembered);
        }
        result
    }
}

/// The `<Location>` sections that a path is in, in order (`ap_location_walk`). Named groups of LocationMatch go
/// into the environment as `MATCH_NAME`.
///
/// # Errors
/// 500 where a regular expression cannot be evaluated: a rule that may restrict access must not be skipped.
pub(crate) fn locations<'s>(
    sections: &'s [Arc<Section>],
    path: &[u8],
    env: &mut Headers,
) -> Result<Vec<&'s Arc<Section>>, Status> {
    let mut matching = Vec::new();
    for section in sections {
        let Scope::Location(pattern) = &section.scope else { continue };
        if location_matches(pattern, path, env)? {
            matching.push(section);
        }
    }
    Ok(matching)
}

fn location_matches(pattern: &Pattern, path: &[u8], env: &mut Headers) -> Result<bool, Status> {
    let text = pattern.text.as_bytes();
    match &pattern.kind {
        PatternKind::Regex(regex) => match regex.captures(path) {
            Ok(Some(captures)) => {
                export_groups(regex.names(), &captures, env);
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(_) => Err(Status::INTERNAL_SERVER_ERROR),
        },
        PatternKind::Wildcard => Ok(fnmatch(text, path, Flags { pathname: true, ..Flags::default() })),
        PatternKind::Literal => {
            let whole_segments = text.ends_with(b"/") || matches!(path.get(text.len()), None | Some(b'/'));
            Ok(path.starts_with(text) && (text.is_empty() || whole_segments))
        }
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
        let text = pattern.text.as_bytes();
        let matches = match &pattern.kind {
            PatternKind::Regex(regex) => match regex.captures(url) {
                Ok(Some(captures)) => {
                    export_groups(regex.names(), &captures, env);
                    true
                }
                Ok(None) => false,
                Err(_) => return Err(Status::INTERNAL_SERVER_ERROR),
            },
            PatternKind::Wildcard => fnmatch(text, url, Flags::default()),
            PatternKind::Literal => url.starts_with(text),
        };
        if matches {
            matching.push(section);
        }
    }
    Ok(matching)
}
