//! From a file to something that serves: the one load path. `serve`, `check` and reloads all call it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wsgate_core::lint::lint;
use wsgate_core::snapshot::{Snapshot, resolve};
use wsgate_directives::config::Config;
use wsgate_directives::diag::{Diagnostic, Severity};
use wsgate_directives::envvars;
use wsgate_directives::expand::expand;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::Files;
use wsgate_directives::interpret::interpret;
use wsgate_directives::registry::Registry;
use wsgate_directives::span::{Sources, Span};
use wsgate_proxy::Backends;

use crate::cli::Source;
use crate::disk::{Disk, Resolver};
use crate::generation::Generation;
use crate::machine::Machine;

/// What loading found, and what came of it.
pub(crate) struct Loaded {
    /// The files that were read.
    pub(crate) sources: Arc<Sources>,
    /// What they say.
    pub(crate) config: Config,
    /// All findings, errors first.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What serves; none if there was an error.
    pub(crate) generation: Option<Generation>,
}

/// Loads the configuration that the command line names.
pub(crate) fn load(source: &Source, backends: &Backends) -> Loaded {
    let facts = facts(source);
    load_from(&Disk, &root_file(source, &facts), &facts, backends)
}

/// Loads a configuration from any files.
pub(crate) fn load_from(files: &dyn Files, root: &str, facts: &Facts, backends: &Backends) -> Loaded {
    let config = interpret(expand(root, files, facts, &Registry));
    let (snapshot, notes) = resolve(&config, &Resolver, Arc::new(Machine));
    finish(config, snapshot, notes, backends)
}

fn finish(config: Config, snapshot: Snapshot, notes: Vec<Diagnostic>, backends: &Backends) -> Loaded {
    let mut diagnostics = config.diagnostics.clone();
    diagnostics.extend(notes);
    diagnostics.extend(lint(&snapshot));
    let (generation, mut found) = Generation::build(&config, snapshot, backends);
    // A file that is not there is told of once.
    let told = |place: Option<Span>| {
        let known = |known: &Diagnostic| known.severity == Severity::Error && known.span == place;
        place.is_some() && diagnostics.iter().any(known)
    };
    found.retain(|finding| !told(finding.span));
    diagnostics.extend(found);
    diagnostics.sort_by_key(|diagnostic| diagnostic.severity);
    let fit = diagnostics.iter().all(|diagnostic| diagnostic.severity != Severity::Error);
    let sources = config.sources.clone();
    Loaded { sources, config, diagnostics, generation: fit.then_some(generation) }
}

fn facts(source: &Source) -> Facts {
    let mut environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let beside = source.file.parent().map(|folder| folder.join("envvars"));
    if let Some(text) = beside.and_then(|path| std::fs::read(path).ok()) {
        environment = envvars::parse(&text, &environment);
    }
    let define = |text: &String| match text.split_once('=') {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (text.clone(), String::new()),
    };
    Facts {
        environment,
        defines: source.defines.iter().map(define).collect(),
        server_root: server_root(source).to_string_lossy().into_owned(),
        before: source.before.clone(),
        after: source.after.clone(),
    }
}

/// `-d`, else the folder of the configuration file: Debian's and httpd's layouts both keep it there or set it.
fn server_root(source: &Source) -> PathBuf {
    if let Some(root) = &source.server_root {
        return root.clone();
    }
    let folder = source.file.parent().filter(|folder| !folder.as_os_str().is_empty());
    std::path::absolute(folder.unwrap_or(Path::new("."))).unwrap_or_else(|_| PathBuf::from("/"))
}

/// The file as it is found here, else below ServerRoot (`ap_server_root_relative`).
fn root_file(source: &Source, facts: &Facts) -> String {
    let path = &source.file;
    let found = if path.is_absolute() || path.exists() {
        std::path::absolute(path).unwrap_or_else(|_| path.clone())
    } else {
        Path::new(&facts.server_root).join(path)
    };
    found.to_string_lossy().into_owned()
}
