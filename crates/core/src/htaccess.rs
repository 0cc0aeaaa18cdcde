//! `.htaccess` files as requests meet them: read where AllowOverride lets them speak, and again when they change.
//!
//! A file that cannot be opened or that has mistakes keeps requests out: it may hold what denies them.

use std::cell::Cell;
use std::fmt::Write;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use wsgate_directives::config::{Config, Section};
use wsgate_directives::diag::Severity;
use wsgate_directives::expand::Surroundings;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::{Files, Kind};
use wsgate_directives::htaccess::{Permit, Reading, read};
use wsgate_directives::modules::DirConf;
use wsgate_directives::registry::Overrides;
use wsgate_directives::span::{Sources, Span};

use crate::reply::Status;
use crate::snapshot::Snapshot;
use crate::text_files::TextFiles;
use crate::world::{self, Links, World};

/// What the files are called where AccessFileName does not say it.
const NAME: &str = ".htaccess";

/// The largest file that is read, in bytes: tunnels wait while it is.
const LARGEST: u64 = 1 << 20;

/// How many files the places of settings can be told apart in; beyond, they are all called the same.
const NAMED: usize = 4096;

/// What keeps requests out of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// What they are answered.
    pub(crate) status: Status,
    /// Why.
    pub(crate) why: String,
}

impl Fault {
    pub(crate) fn new(status: Status, why: String) -> Self {
        Self { status, why }
    }
}

/// What `.htaccess` files were found to say.
#[derive(Debug)]
pub(crate) struct Htaccess {
    /// What the files are called where AccessFileName does not say it.
    pub(crate) names: [Box<str>; 1],
    around: Surroundings,
    /// How many files the server's own configuration has.
    own: usize,
    readings: TextFiles<Result<Arc<Section>, Fault>, Key>,
    /// The paths of files that were read: their ids count on behind those of the server's own.
    paths: Mutex<Vec<String>>,
}

/// A file, and what it may say: elsewhere, by another path, it may say something else, as it may for another folder.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    path: String,
    /// How much of the path is the folder that it speaks for: AccessFileName may name files in folders.
    folder: usize,
    permit: Permit,
}

impl Htaccess {
    pub(crate) fn new(config: &Config) -> Self {
        let value = |value: &Option<String>| value.clone().unwrap_or_default();
        let facts = Facts {
            environment: config.environment.clone(),
            defines: config.defines.iter().map(|(name, text)| (name.clone(), value(text))).collect(),
            server_root: config.server_root.clone(),
            ..Facts::default()
        };
        Self {
            names: [NAME.into()],
            around: Surroundings { facts, modules: config.modules.clone() },
            own: config.sources.count(),
            readings: TextFiles::default(),
            paths: Mutex::default(),
        }
    }

    /// Which of the further files a path is, counted from 0.
    fn number(&self, path: &str) -> usize {
        let mut paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = paths.iter().position(|known| known == path) {
            return known;
        }
        if paths.len() < NAMED {
            let last = paths.len() + 1 == NAMED;
            paths.push(if last { NAME } else { path }.to_owned());
        }
        paths.len() - 1
    }

    /// `path:line` of a place in such a file.
    pub(crate) fn place(&self, own: &Sources, span: Span) -> Option<String> {
        let paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        let path = paths.get(own.index(span.file).checked_sub(self.own)?)?;
        Some(format!("{path}:{}", span.line))
    }
}

/// Whether settings let `.htaccess` files ask users who they are.
pub(crate) fn asks(conf: &DirConf) -> bool {
    let allowed = conf.core.allow_override.is_some_and(|set| set.classes.meets(Overrides::AUTH_CONFIG));
    allowed || conf.core.allow_override_list.as_ref().is_some_and(|listed| listed.contains(&"AuthType"))
}

/// What a folder's `.htaccess` says (`ap_parse_htaccess`); none if it has none. The folder's path ends in a slash.
///
/// # Errors
/// 403 where the file cannot be opened, 500 where it has mistakes.
pub(crate) fn find(
    snapshot: &Snapshot,
    folder: &[u8],
    names: &[Box<str>],
    permit: &Permit,
) -> Result<Option<Arc<Section>>, Fault> {
    let world = &*snapshot.world;
    for name in names {
        let path = [folder, name.as_bytes()].concat();
        let unreadable = |why: &dyn std::fmt::Display| {
            Fault::new(Status::FORBIDDEN, format!("{}: unable to read it: {why}", path.escape_ascii()))
        };
        let stat = match world.stat(&path, Links::Follow) {
            Ok(stat) => stat,
            Err(error) if is_missing(&error) => continue,
            Err(error) => return Err(unreadable(&error)),
        };
        if stat.kind != world::Kind::File {
            return Err(unreadable(&"not a regular file"));
        }
        if stat.size > LARGEST {
            return Err(unreadable(&"larger than 1 MiB"));
        }
        let (Ok(path), Ok(folder)) = (std::str::from_utf8(&path), std::str::from_utf8(folder)) else {
            return Err(unreadable(&"its path is not UTF-8"));
        };
        let htaccess = &snapshot.htaccess;
        let key = Key { path: path.to_owned(), folder: folder.len(), permit: permit.clone() };
        let parse = |text: &[u8]| {
            let others = htaccess.own + htaccess.number(path);
            let disk = OfWorld { world, asked: Cell::new(false) };
            let reading = judged(path, read((path, text), (folder, permit), others, &disk, &htaccess.around));
            (reading, !disk.asked.get())
        };
        let reading = htaccess.readings.keyed(&key, (path.as_bytes(), stat), world, parse);
        return (*reading.map_err(|error| unreadable(&error))?).clone().map(Some);
    }
    Ok(None)
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The section, or the first mistake; what is merely odd is told when the file is read.
fn judged(path: &str, reading: Reading) -> Result<Arc<Section>, Fault> {
    let mut mistake = None;
    for finding in reading.findings.iter().filter(|finding| finding.severity != Severity::Note) {
        let mut line = path.to_owned();
        if let Some(span) = finding.span {
            _ = write!(line, ":{}:{}", span.line, span.column);
        }
        _ = write!(line, ": {}", finding.message);
        match finding.severity {
            Severity::Error => mistake = mistake.or(Some(line)),
            _ => log::warn!(target: "core", "{line}"),
        }
    }
    let why = mistake.unwrap_or_else(|| format!("{path}: it cannot be read"));
    reading.section.ok_or(Fault::new(Status::INTERNAL_SERVER_ERROR, why))
}

/// The disk as `<IfFile>` asks about it. There is no Include in `.htaccess`.
struct OfWorld<'a> {
    world: &'a dyn World,
    /// Whether it was asked: another time, the answer may be another.
    asked: Cell<bool>,
}

impl Files for OfWorld<'_> {
    fn read(&self, _: &str) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn kind(&self, path: &str) -> Option<Kind> {
        self.asked.set(true);
        let stat = self.world.stat(path.as_bytes(), Links::Follow).ok()?;
        Some(if stat.kind == world::Kind::Folder { Kind::Folder } else { Kind::File })
    }

    fn list(&self, _: &str) -> io::Result<Vec<String>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
