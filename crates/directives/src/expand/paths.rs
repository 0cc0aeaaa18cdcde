//! Paths against ServerRoot, and the files that an Include names.

use std::io;

use crate::files::{Files, Kind};
use crate::fnmatch::{Flags, fnmatch, is_pattern};

/// How deep folders may lie in folders (AP_MAX_FNMATCH_DIR_DEPTH).
const MAX_FOLDERS: usize = 128;

/// The longest path that a system opens (PATH_MAX).
const MAX_PATH: usize = 4096;

/// The path of `path` seen from `root`, with `.`, `..` and doubled slashes resolved (apr_filepath_merge).
pub(super) fn merge(root: &str, path: &str) -> String {
    let root = if path.starts_with('/') { "" } else { root };
    let mut parts: Vec<&str> = Vec::new();
    for part in root.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    let end = if path.ends_with('/') && !parts.is_empty() { "/" } else { "" };
    format!("/{}{end}", parts.join("/"))
}

/// Whether it matters that an Include finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Demand {
    /// Include.
    Needed,
    /// IncludeOptional.
    Optional,
}

/// Why an Include cannot be followed, or not everywhere.
#[derive(Debug)]
pub(super) enum Problem {
    /// A folder that cannot be listed.
    Folder(String, io::Error),
    /// A pattern that nothing in a folder matches.
    NoMatch(String, String),
    /// Folders in folders without end.
    TooDeep(String),
    /// A path that no system opens.
    TooLong,
    /// More entries than the budget allows.
    TooMany,
}

/// Finds the files that an Include names, in the order in which httpd reads them.
pub(super) struct Finder<'a> {
    files: &'a dyn Files,
    demand: Demand,
    /// How many folder entries may still be looked at.
    pub(super) budget: usize,
    /// What was found.
    pub(super) found: Vec<String>,
    /// What went wrong; finding goes on with what is left.
    pub(super) problems: Vec<Problem>,
}

impl<'a> Finder<'a> {
    /// Looks for `path`: a file, a folder (every file in it, recursively) or a pattern (ap_process_fnmatch_configs).
    pub(super) fn find(files: &'a dyn Files, path: &str, demand: Demand, budget: usize) -> Self {
        let mut finder = Self { files, demand, budget, found: Vec::new(), problems: Vec::new() };
        if path.len() > MAX_PATH {
            finder.problems.push(Problem::TooLong);
            return finder;
        }
        if is_pattern(path.as_bytes()) {
            finder.pattern("/", path.trim_start_matches('/'), 0);
        } else {
            finder.plain(path, 0);
        }
        finder
    }

    /// ap_dir_nofnmatch.
    fn plain(&mut self, path: &str, depth: usize) {
        match self.files.kind(path) {
            Some(Kind::Folder) if depth == MAX_FOLDERS => {
                self.problems.push(Problem::TooDeep(path.to_owned()));
            }
            Some(Kind::Folder) => {
                for name in self.list(path) {
                    self.plain(&join(path, &name), depth + 1);
                }
            }
            None if self.demand == Demand::Optional => {}
            Some(Kind::File) | None => self.found.push(path.to_owned()),
        }
    }

    /// ap_dir_fnmatch: `pattern` one segment after the other, below `folder`.
    fn pattern(&mut self, folder: &str, pattern: &str, depth: usize) {
        let (mut folder, mut pattern) = (folder.to_owned(), pattern);
        loop {
            let (segment, rest) = match pattern.split_once('/') {
                Some((segment, rest)) => (segment, Some(rest)),
                None => (pattern, None),
            };
            if is_pattern(segment.as_bytes()) {
                return self.matching(&folder, segment, rest, depth);
            }
            folder = join(&folder, segment);
            let Some(rest) = rest else { return self.plain(&folder, 0) };
            pattern = rest;
        }
    }

    /// Goes on with all that matches one segment.
    fn matching(&mut self, folder: &str, segment: &str, rest: Option<&str>, depth: usize) {
        if depth == MAX_FOLDERS {
            return self.problems.push(Problem::TooDeep(folder.to_owned()));
        }
        let known = self.problems.len();
        let names = self.list(folder);
        let flags = Flags { period: true, ..Flags::default() };
        let matching = names.iter().filter(|name| fnmatch(segment.as_bytes(), name.as_bytes(), flags));
        // Inside a path only real folders count, not links to them (httpd looks at the folder entry's own type).
        let counts = |path: &String| {
            rest.is_none() || self.files.kind(path) == Some(Kind::Folder) && !self.files.is_link(path)
        };
        let paths: Vec<String> = matching.map(|name| join(folder, name)).filter(counts).collect();
        if paths.is_empty() && self.demand == Demand::Needed && self.problems.len() == known {
            self.problems.push(Problem::NoMatch(segment.to_owned(), folder.to_owned()));
        }
        for path in paths {
            match rest {
                Some(rest) => self.pattern(&path, rest, depth + 1),
                None => self.plain(&path, 0),
            }
        }
    }

    fn list(&mut self, folder: &str) -> Vec<String> {
        match self.files.list(folder) {
            Ok(names) if names.len() <= self.budget => {
                self.budget -= names.len();
                names
            }
            Ok(_) => {
                self.budget = 0;
                self.problems.push(Problem::TooMany);
                Vec::new()
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.demand == Demand::Optional => {
                Vec::new()
            }
            Err(error) => {
                self.problems.push(Problem::Folder(folder.to_owned(), error));
                Vec::new()
            }
        }
    }
}

fn join(folder: &str, name: &str) -> String {
    format!("{}/{name}", folder.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::MemoryFiles;

    #[test]
    fn paths_are_merged_by_text() {
        for (path, merged) in [
            ("a.conf", "/etc/httpd/a.conf"),
            ("/x//y/./z", "/x/y/z"),
            ("../b", "/etc/b"),
            ("../../../b", "/b"),
            ("conf.d/", "/etc/httpd/conf.d/"),
            ("/", "/"),
            (".", "/etc/httpd"),
        ] {
            assert_eq!(merge("/etc/httpd", path), merged, "{path}");
        }
    }

    #[track_caller]
    fn finds(path: &str, demand: Demand, expected: &str) {
        let names = [
            "/c/b.conf",
            "/c/a.conf",
            "/c/.hidden",
            "/c/a.conf~",
            "/c/sub/z",
            "/c/sub/a",
            "/d/1/x",
            "/d/2/y",
        ];
        let files = MemoryFiles(names.into_iter().map(|name| (name.to_owned(), Vec::new())).collect());
        let finder = Finder::find(&files, path, demand, 100);
        let problems = finder.problems.iter().map(|problem| match problem {
            Problem::Folder(folder, _) => format!("!folder {folder}"),
            Problem::NoMatch(pattern, folder) => format!("!nothing {pattern} {folder}"),
            Problem::TooDeep(_) | Problem::TooLong | Problem::TooMany => "!much".to_owned(),
        });
        let all: Vec<String> = finder.found.iter().cloned().chain(problems).collect();
        assert_eq!(all.join(" "), expected);
    }

    #[test]
    fn includes_find_files_as_httpd_does() {
        use Demand::{Needed, Optional};
        finds("/c/*.conf", Needed, "/c/a.conf /c/b.conf");
        finds("/c", Needed, "/c/.hidden /c/a.conf /c/a.conf~ /c/b.conf /c/sub/a /c/sub/z");
        finds("/c/", Needed, "/c/.hidden /c/a.conf /c/a.conf~ /c/b.conf /c/sub/a /c/sub/z");
        finds("/c/*", Needed, "/c/a.conf /c/a.conf~ /c/b.conf /c/sub/a /c/sub/z");
        finds("/*/sub/a", Needed, "/c/sub/a /d/sub/a");
        finds("/*/sub/a", Optional, "/c/sub/a");
        finds("/d/[12]/?", Needed, "/d/1/x /d/2/y");
        finds("/d/*/x", Optional, "/d/1/x");
        finds("/d/*/x*", Needed, "/d/1/x !nothing x* /d/2");
        finds("/c/*.nope", Needed, "!nothing *.nope /c");
        finds("/c/*.nope", Optional, "");
        finds("/nope/*.conf", Needed, "!folder /nope");
        finds("/nope/*.conf", Optional, "");
        finds("/nope", Needed, "/nope");
        finds("/nope", Optional, "");
        finds("/c/s*/", Needed, "/c/sub/a /c/sub/z");
    }

    #[test]
    fn the_budget_ends_the_search() {
        let files = MemoryFiles((0..20).map(|n| (format!("/c/{n}"), Vec::new())).collect());
        let finder = Finder::find(&files, "/c", Demand::Needed, 10);
        assert!(matches!(finder.problems[..], [Problem::TooMany]) && finder.found.is_empty());
    }
}
