//! Started as httpd is: through a link of that name, or with httpd's options instead of a subcommand.
//!
//! Options, exit statuses, and what goes where are httpd's; scripts, service files and httpd's own test framework do
//! not notice whom they start.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use wsgate_directives::config::Config;

use crate::control::{Next, Order};
use crate::detach;
use crate::load::{Loaded, load};
use crate::serve::{self, Manner};

mod dump;
mod options;
mod texts;

use options::{Options, Task, Usage};

/// Whether the command line is httpd's: by the program's name, or because no subcommand but an option comes first.
pub(crate) fn is_meant(words: &[OsString]) -> bool {
    let name = words.first().map(program).unwrap_or_default();
    let option = |word: &OsString| {
        word.to_str()
            .is_some_and(|word| word.starts_with('-') && !matches!(word, "-h" | "--help" | "--version"))
    };
    matches!(&*name, "httpd" | "apache2") || words.get(1).is_some_and(option)
}

fn program(word: &OsString) -> String {
    Path::new(word).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Does what httpd would do.
pub(crate) fn run(words: &[OsString]) -> ExitCode {
    let name = words.first().map(program).unwrap_or_default();
    let options = match options::read(words.get(1..).unwrap_or_default()) {
        Ok(options) => options,
        Err(Usage(why)) => {
            let why = why.map_or_else(String::new, |why| format!("{name}: {why}\n"));
            complain(&format!("{why}{}", texts::usage(&name)));
            return ExitCode::from(1);
        }
    };
    let outcome = match options.task {
        Task::Version => print(&texts::version()),
        Task::Settings => print(&texts::settings()),
        Task::Modules => print(&texts::module_list()),
        task => redirect(options.errors.as_deref()).and_then(|()| with_configuration(task, &options, &name)),
    };
    outcome.unwrap_or_else(|error| {
        complain(&format!("{name}: {error}\n"));
        ExitCode::from(1)
    })
}

fn with_configuration(task: Task, options: &Options, name: &str) -> io::Result<ExitCode> {
    if task == Task::ServeDetached {
        return Ok(serve_now(options, true));
    }
    let root = &options.source.file;
    if let Err(error) = std::fs::metadata(root) {
        let text = format!("Could not open configuration file {}: {error}", root.display());
        return Err(io::Error::new(error.kind(), text));
    }
    let loaded = load(&options.source, &Arc::default());
    complain(&texts::findings(&loaded.diagnostics, &loaded.sources));
    let stops = matches!(task, Task::Order(Order::Stop | Order::GracefulStop));
    let Some(generation) = &loaded.generation else {
        // Better than httpd: a process that runs can be ended whatever has become of its configuration.
        return if stops { order(task, options, &loaded, name) } else { Ok(ExitCode::from(1)) };
    };
    match task {
        Task::Directives => print(&texts::directives()),
        Task::Dump => print(&dump::dump(&options.source.defines, &loaded.config, &generation.snapshot)),
        Task::Test => {
            if options.source.defines.iter().any(|define| define == "DUMP_CERTS") {
                print(&dump::certificates(&generation.snapshot))?;
            }
            complain("Syntax OK\n");
            Ok(ExitCode::SUCCESS)
        }
        _ => order(task, options, &loaded, name),
    }
}

/// Tells the process that runs, or starts one; without `-k` httpd starts one, too.
fn order(task: Task, options: &Options, loaded: &Loaded, name: &str) -> io::Result<ExitCode> {
    let order = if let Task::Order(order) = task { order } else { Order::Start };
    match order.give(&pid_file(&loaded.config), &mut io::stdout())? {
        Next::Exit(status) => Ok(ExitCode::from(status)),
        Next::Start if options.stays_in_front() => Ok(serve_now(options, false)),
        Next::Start => detach::start(&["-k", options::DETACHED], name),
    }
}

fn serve_now(options: &Options, detached: bool) -> ExitCode {
    serve::run(&options.source, Manner { pid_file: Some(texts::DEFAULT_PIDLOG), detached })
}

/// PidFile, as this process and the one that serves both find it.
fn pid_file(config: &Config) -> PathBuf {
    let default = || Path::new(&config.server_root).join(texts::DEFAULT_PIDLOG);
    serve::pid_file(config).unwrap_or_else(default)
}

/// `-E`: messages go into a file.
fn redirect(errors: Option<&Path>) -> io::Result<()> {
    let Some(path) = errors else { return Ok(()) };
    let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
    let file = file.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
    Ok(nix::unistd::dup2_stderr(file)?)
}

fn print(text: &str) -> io::Result<ExitCode> {
    // A reader that has gone away has seen enough.
    let _ = io::stdout().lock().write_all(text.as_bytes());
    Ok(ExitCode::SUCCESS)
}

fn complain(text: &str) {
    // There is nobody else to tell.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_or_an_option_makes_it_httpd() {
        let meant = |line: &str| is_meant(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        for line in
            ["/usr/sbin/apache2", "httpd -h", "wsgate -f x", "wsgate -V", "./wsgate -k start", "wsgate -t"]
        {
            assert!(meant(line), "{line}");
        }
        for line in ["wsgate", "wsgate serve -f x", "wsgate --help", "wsgate -h", "wsgate --version"] {
            assert!(!meant(line), "{line}");
        }
    }
}
