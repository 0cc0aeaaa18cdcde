//! The walk down a path on the disk (`ap_directory_walk`): how much of it there is, which symbolic links it may pass,
//! and which `<Directory>` sections it is in.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use wsgate_directives::config::{Merge, Scope, Section};
use wsgate_directives::fnmatch::fnmatch;
use wsgate_directives::htaccess::Permit;
use wsgate_directives::modules::core::{FolderOptions, Options};
use wsgate_directives::pattern::{Pattern, PatternKind};

use super::{SEGMENTS, matches};
use crate::htaccess::{self, Fault};
use crate::http::Headers;
use crate::mapped::OnDisk;
use crate::path;
use crate::reply::Status;
use crate::request::Phase;
use crate::snapshot::{Server, Snapshot};
use crate::world::{Kind, Links, Stat};

/// The `<Directory>` sections and `.htaccess` files that a path on the disk is in, in order, shallow folders first. What
/// stands behind the first name that is no folder becomes the path's rest. Also gives what is known of the path's end.
///
/// # Errors
/// 403 where the path may not be followed, or a `.htaccess` not be read; 500 where one has mistakes, or a regular
/// expression cannot be evaluated.
pub(crate) fn directories(
    snapshot: &Snapshot,
    server: &Server,
    path: &mut OnDisk,
    env: &mut Headers,
) -> Phase<(Vec<Arc<Section>>, Option<Stat>)> {
    let whole = path::merge(b"", &[&*path.name, &*path.rest].concat()).ok_or(Status::FORBIDDEN)?;
    let whole = Bytes::from(whole);
    let mut walk = Walk::new(snapshot, server);
    let (end, stat) = walk.descend(&whole).map_err(|fault| {
        log::error!(target: "core", "{}", fault.why);
        fault.status
    })?;
    path.name = whole.slice(..end);
    path.rest = whole.slice(end..);
    walk.patterns(&path.name, env)?;
    Ok((walk.found, stat))
}

/// What keeps requests out of a folder, or from everything below it.
pub(crate) fn fault(snapshot: &Snapshot, server: &Server, folder: &str) -> Option<Fault> {
    let whole = path::merge(b"", folder.as_bytes())?;
    Walk::new(snapshot, server).descend(&whole).err()
}

/// How many folders a `<Directory>` path is below the root, which has none; regular expressions are looked at behind
/// all others (`d_components`).
pub(crate) fn depth(section: &Section) -> Option<usize> {
    match &section.scope {
        Scope::Directory(Pattern { kind: PatternKind::Regex(_), .. }) => None,
        Scope::Directory(pattern) if &*pattern.text == "/" => Some(0),
        Scope::Directory(pattern) => Some(pattern.text.bytes().filter(|byte| *byte == b'/').count()),
        _ => Some(0),
    }
}

struct Walk<'a> {
    snapshot: &'a Snapshot,
    /// What `.htaccess` files are called.
    names: &'a [Box<str>],
    /// The sections that are still to be looked at.
    sections: &'a [Arc<Section>],
    /// Options so far. They have to be known on the way: a folder's own say nothing about the link to it.
    options: FolderOptions,
    /// What the next `.htaccess` may say.
    permit: Permit,
    found: Vec<Arc<Section>>,
}

impl<'a> Walk<'a> {
    fn new(snapshot: &'a Snapshot, server: &'a Server) -> Self {
        let names = server.conf.core.access_file_names.as_ref();
        Self {
            snapshot,
            names: names.map_or(&snapshot.htaccess.names, |set| &set.value),
            sections: &server.directories,
            options: server.base.core.options,
            permit: Permit { allowed: None, listed: None },
            found: Vec::new(),
        }
    }

    /// Goes down; gives where the last name ends that there is, and what it names.
    fn descend(&mut self, whole: &[u8]) -> Result<(usize, Option<Stat>), Fault> {
        let known = self.snapshot.world.stat(whole, Links::Follow).ok();
        // What ends in a slash is a folder or not there.
        let known = known.filter(|stat| stat.kind == Kind::Folder || !whole.ends_with(b"/"));
        // Behind the end of each name stands a slash, so that folders end in one.
        let slashed = [whole, b"/"].concat();
        let (mut end, mut depth) = (0, 1);
        loop {
            let folder = &slashed[..=end];
            self.enter(folder, depth);
            if self.permit.looks()
                && let Some(section) = htaccess::find(self.snapshot, folder, self.names, &self.permit)?
            {
                self.take(&section);
            }
            let Some(next) = next(whole, end) else { return Ok((whole.len(), known)) };
            if known.is_none() || self.follows() != Some(Follows::Any) {
                let found = self.look(&whole[..next])?;
                if found.is_none_or(|stat| stat.kind != Kind::Folder) {
                    return Ok((next, found));
                }
            }
            (end, depth) = (next, depth + 1);
        }
    }

    /// The sections of a folder, which ends in a slash. A file counts as one where all links are followed: httpd does
    /// not look what it is then.
    fn enter(&mut self, folder: &[u8], at: usize) {
        while let Some((section, rest)) = self.sections.split_first() {
            let Some(depth) = depth(section).filter(|depth| *depth <= at) else { return };
            self.sections = rest;
            let Scope::Directory(pattern) = &section.scope else { continue };
            let text = pattern.text.as_bytes();
            let here = match pattern.kind {
                _ if depth == 0 => true,
                PatternKind::Wildcard => depth == at && fnmatch(text, folder, SEGMENTS),
                PatternKind::Literal | PatternKind::Regex(_) => text == folder,
            };
            if here {
                self.take(section);
            }
        }
    }

    /// The sections with regular expressions.
    fn patterns(&mut self, name: &[u8], env: &mut Headers) -> Phase<()> {
        for section in self.sections {
            let Scope::Directory(pattern) = &section.scope else { continue };
            if pattern.is_regex() && matches(pattern, name, env, |_| false, |_| false)? {
                self.take(section);
            }
        }
        Ok(())
    }

    fn take(&mut self, section: &Arc<Section>) {
        let core = &section.conf.core;
        self.options = Merge::merge(&self.options, &core.options);
        self.permit.allowed = core.allow_override.map(|set| set.value).or(self.permit.allowed);
        if let Some(listed) = &core.allow_override_list {
            self.permit.listed = Some(listed.value.clone());
        }
        self.found.push(section.clone());
    }

    fn follows(&self) -> Option<Follows> {
        let on = self.options.on;
        let same_owner = on.has(Options::SYM_LINKS_IF_OWNER_MATCH).then_some(Follows::SameOwner);
        same_owner.or(on.has(Options::FOLLOW_SYM_LINKS).then_some(Follows::Any))
    }

    /// What a name names: a folder, a file, or nothing.
    fn look(&self, name: &[u8]) -> Result<Option<Stat>, Fault> {
        let refused = |why: &dyn std::fmt::Display| {
            Fault::new(Status::FORBIDDEN, format!("access to '{}' failed: {why}", name.escape_ascii()))
        };
        let found = match self.snapshot.world.stat(name, Links::Keep) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refused(&error)),
        };
        let found = if found.kind == Kind::Link { self.target(name, &found) } else { Some(found) };
        let found =
            found.ok_or_else(|| refused(&"symbolic link not allowed or its target not accessible"))?;
        match found.kind {
            Kind::Folder | Kind::File => Ok(Some(found)),
            Kind::Link | Kind::Other => Err(refused(&"neither a file nor a folder")),
        }
    }

    /// What a link leads to, if it may be followed (`resolve_symlink`).
    fn target(&self, name: &[u8], link: &Stat) -> Option<Stat> {
        let follows = self.follows()?;
        let target = self.snapshot.world.stat(name, Links::Follow).ok()?;
        (follows == Follows::Any || target.owner == link.owner).then_some(target)
    }
}

/// Which symbolic links are followed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follows {
    /// All.
    Any,
    /// Those whose target has the same owner.
    SameOwner,
}

/// Where the name ends that follows `end`; none if only slashes do.
fn next(whole: &[u8], end: usize) -> Option<usize> {
    let start = end + whole[end..].iter().position(|byte| *byte != b'/')?;
    let length = whole[start..].iter().position(|byte| *byte == b'/');
    Some(length.map_or(whole.len(), |length| start + length))
}

#[cfg(test)]
mod tests;
