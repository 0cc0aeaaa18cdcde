//! httpd's options, read as its getopt reads them (`AP_SERVER_BASEARGS`, server/main.c and `ap_mpm_rewrite_args`).

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::texts;
use crate::cli::{LEVELS, Source};
use crate::control::Order;

/// What the options ask for.
#[derive(Debug)]
pub(super) struct Options {
    /// The configuration.
    pub(super) source: Source,
    /// What to do.
    pub(super) task: Task,
    /// `-E`: where messages go while starting.
    pub(super) errors: Option<PathBuf>,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// `-v`.
    Version,
    /// `-V`.
    Settings,
    /// `-l`.
    Modules,
    /// `-L`.
    Directives,
    /// `-t`.
    Test,
    /// `-S`, `-M`, `-D DUMP_...`; which of them, the defines say.
    Dump,
    /// `-k`.
    Order(Order),
    /// None of them: to serve.
    Serve,
    /// To serve, as the process that another one has put into the background.
    ServeDetached,
}

/// Options that are wrong: what httpd says about it, if anything.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Usage(pub(super) Option<String>);

/// The defines that ask for a dump (`ap_run_mode`).
pub(super) const DUMPS: [&str; 4] = ["DUMP_VHOSTS", "DUMP_RUN_CFG", "DUMP_MODULES", "DUMP_INCLUDES"];

/// Reads the options behind the program's name.
pub(super) fn read(words: &[OsString]) -> Result<Options, Usage> {
    let mut reading = Reading::default();
    let mut words = words.iter().map(|word| word.to_string_lossy().into_owned());
    while let Some(word) = words.next() {
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            return Err(Usage(None));
        };
        if letters == "-" {
            break;
        }
        let mut rest = letters.chars();
        while let Some(letter) = rest.next() {
            if "CDcdeEfk".contains(letter) {
                let attached = rest.as_str().to_owned();
                let value = if attached.is_empty() { words.next() } else { Some(attached) };
                let value =
                    value.ok_or_else(|| Usage(Some(format!("option requires an argument -- {letter}"))))?;
                reading.valued(letter, value)?;
                break;
            }
            if reading.flag(letter)? {
                return Ok(reading.finish());
            }
        }
    }
    if words.next().is_some() { Err(Usage(None)) } else { Ok(reading.finish()) }
}

#[derive(Default)]
struct Reading {
    root: Option<String>,
    file: Option<String>,
    defines: Vec<String>,
    before: Vec<String>,
    after: Vec<String>,
    level: Option<String>,
    errors: Option<String>,
    task: Option<Task>,
    order: Option<Order>,
    detached: bool,
}

impl Reading {
    fn valued(&mut self, letter: char, value: String) -> Result<(), Usage> {
        match letter {
            'C' => self.before.push(value),
            'c' => self.after.push(value),
            'd' => self.root = Some(value),
            'f' => self.file = Some(value),
            'E' => self.errors = Some(value),
            'e' if LEVELS.contains(&&*value.to_ascii_lowercase()) => {
                self.level = Some(value.to_ascii_lowercase());
            }
            'D' => {
                if DUMPS.contains(&&*value) {
                    self.task = Some(Task::Dump);
                }
                self.defines.push(value);
            }
            'k' if value == DETACHED => self.detached = true,
            'k' if self.order.is_none() => {
                self.order = Some(Order::named(&value).ok_or_else(|| illegal('k'))?);
            }
            'k' => return Err(illegal('k')),
            _ => return Err(Usage(None)),
        }
        Ok(())
    }

    /// Whether that was the last that counts.
    fn flag(&mut self, letter: char) -> Result<bool, Usage> {
        let task = match letter {
            'v' => Task::Version,
            'l' => Task::Modules,
            'V' => Task::Settings,
            'L' => Task::Directives,
            't' => {
                self.task.get_or_insert(Task::Test);
                return Ok(false);
            }
            // A missing DocumentRoot is no reason not to start anyway.
            'T' => return Ok(false),
            'S' => {
                self.defines.extend(["DUMP_VHOSTS", "DUMP_RUN_CFG"].map(str::to_owned));
                Task::Dump
            }
            'M' => {
                self.defines.push("DUMP_MODULES".to_owned());
                Task::Dump
            }
            'X' => {
                self.defines.push("DEBUG".to_owned());
                return Ok(false);
            }
            'h' | '?' => return Err(Usage(None)),
            other => return Err(illegal(other)),
        };
        self.task = Some(task);
        Ok(matches!(task, Task::Version | Task::Modules | Task::Settings))
    }

    fn finish(self) -> Options {
        let root = PathBuf::from(self.root.as_deref().unwrap_or(texts::HTTPD_ROOT));
        let root = std::path::absolute(&root).unwrap_or(root);
        let below = |path: &str| root.join(Path::new(path));
        let serve = if self.detached { Task::ServeDetached } else { Task::Serve };
        let ordered = self.order.filter(|_| !self.detached).map_or(serve, Task::Order);
        Options {
            task: self.task.unwrap_or(ordered),
            errors: self.errors.as_deref().map(below),
            source: Source {
                file: below(self.file.as_deref().unwrap_or(texts::SERVER_CONFIG_FILE)),
                server_root: Some(root.clone()),
                defines: self.defines,
                before: self.before,
                after: self.after,
                startup_level: self.level,
            },
        }
    }
}

/// The value of `-k` by which a process knows that it is in the background already; not for people.
pub(super) const DETACHED: &str = "detached";

fn illegal(letter: char) -> Usage {
    Usage(Some(format!("illegal option -- {letter}")))
}

impl Options {
    /// Whether the defines keep the process in the foreground (event.c's `no_detach`).
    pub(super) fn stays_in_front(&self) -> bool {
        let names = ["FOREGROUND", "NO_DETACH", "ONE_PROCESS", "DEBUG"];
        self.source.defines.iter().any(|define| names.contains(&&**define))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Result<Options, Usage> {
        read(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>())
    }

    #[track_caller]
    fn check(line: &str, task: Task, file: &str, defines: &[&str]) {
        let options = options(line).unwrap();
        assert_eq!(options.task, task, "{line}");
        assert_eq!(options.source.file, Path::new(file), "{line}");
        assert_eq!(options.source.defines, defines, "{line}");
    }

    #[test]
    fn options_ask_for_one_task() {
        check("", Task::Serve, "/etc/apache2/apache2.conf", &[]);
        check(
            "-d /r -f t/h.conf -D APACHE2 -DAPACHE2_4",
            Task::Serve,
            "/r/t/h.conf",
            &["APACHE2", "APACHE2_4"],
        );
        check("-f /a.conf -k graceful", Task::Order(Order::Graceful), "/a.conf", &[]);
        check("-kstart -f/a.conf", Task::Order(Order::Start), "/a.conf", &[]);
        check("-k start -k detached", Task::ServeDetached, "/etc/apache2/apache2.conf", &[]);
        check("-t -S -d /r", Task::Dump, "/r/apache2.conf", &["DUMP_VHOSTS", "DUMP_RUN_CFG"]);
        check("-tD DUMP_INCLUDES", Task::Dump, "/etc/apache2/apache2.conf", &["DUMP_INCLUDES"]);
        check("-t", Task::Test, "/etc/apache2/apache2.conf", &[]);
        check("-XL", Task::Directives, "/etc/apache2/apache2.conf", &["DEBUG"]);
        check("-f /a -v -Q", Task::Version, "/a", &[]);
    }

    #[test]
    fn what_is_wrong_is_named_as_httpd_names_it() {
        let say = |line: &str| options(line).unwrap_err().0;
        assert_eq!(say("-Q").as_deref(), Some("illegal option -- Q"));
        assert_eq!(say("-k foo").as_deref(), Some("illegal option -- k"));
        assert_eq!(say("-k stop -k start").as_deref(), Some("illegal option -- k"));
        assert_eq!(say("-f").as_deref(), Some("option requires an argument -- f"));
        for line in ["-h", "-t x", "-e loud", "x", "-t -- x"] {
            assert_eq!(say(line), None, "{line}");
        }
    }

    #[test]
    fn defines_keep_the_process_in_the_foreground() {
        for (line, front) in
            [("-DFOREGROUND", true), ("-X", true), ("-D NO_DETACH", true), ("-D OTHER", false)]
        {
            assert_eq!(options(line).unwrap().stays_in_front(), front, "{line}");
        }
    }
}
