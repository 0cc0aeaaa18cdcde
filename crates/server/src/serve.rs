//! `wsgate serve`: from the start to the signal that ends it.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use wsgate_directives::config::Config;
use wsgate_directives::diag::{Diagnostic, Severity};
use wsgate_directives::span::Sources;
use wsgate_proxy::Backends;

use crate::cli::Source;
use crate::control::Order;
use crate::detach;
use crate::load::{Loaded, load};
use crate::logs::{self, OpenLogs, notice};
use crate::pid_file::{Known, PidFile, look};
use crate::render::{Format, render};
use crate::server::Server;
use crate::signals::{Signals, Wish};

/// How a process serves; by default in the foreground.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Manner {
    /// PidFile where the configuration names none, below ServerRoot.
    pub(crate) pid_file: Option<&'static str>,
    /// In the background, for a process that waits until it is ready.
    pub(crate) detached: bool,
}

/// Serves a configuration. 1: it is not fit to serve, or the server cannot start.
pub(crate) fn run(source: &Source, manner: Manner) -> ExitCode {
    logs::init(source.startup_level.as_deref().map(filter));
    raise_descriptor_limit();
    exit_code(runtime().and_then(|runtime| runtime.block_on(live(source.anchored(), manner))))
}

/// Tells the process that serves a configuration. 1: there is none, or there is no telling.
pub(crate) fn tell(source: &Source, order: Order) -> ExitCode {
    logs::init(None);
    let loaded = load(source, &Arc::default());
    if order == Order::Graceful && loaded.generation.is_none() {
        let findings = without_notes(&loaded.diagnostics);
        log::error!("\n{}", render(&findings, &loaded.sources, Format::Text, false));
        return exit_code(Err(io::Error::other(
            "the configuration is not fit to serve, nothing was reloaded",
        )));
    }
    let Some(path) = pid_file(&loaded.config) else {
        return exit_code(Err(io::Error::other("the configuration names no PidFile to find the process by")));
    };
    exit_code(match look(&path) {
        Ok(Known::Running(_)) => order.give(&path, &mut io::sink()).map(drop),
        Ok(_) => Err(io::Error::other(format!("no process runs by {}", path.display()))),
        Err(error) => Err(io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
    })
}

/// The main thread's: it waits for signals, and loads configurations.
fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

fn exit_code(outcome: io::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::error!("{error}");
            ExitCode::from(1)
        }
    }
}

/// Waits for the signal that ends a server that is not loaded anew, and ends it.
pub(crate) fn until_signal(server: Server) -> ExitCode {
    exit_code(runtime().and_then(|runtime| {
        runtime.block_on(async {
            let signals = Signals::watch()?;
            Process {
                source: None,
                manner: Manner::default(),
                backends: Arc::default(),
                server,
                signals,
                pid_file: None,
            }
            .run()
            .await;
            Ok(())
        })
    }))
}

async fn live(source: Source, manner: Manner) -> io::Result<()> {
    if manner.detached {
        detach::settle()?;
    }
    let signals = Signals::watch()?;
    let backends = Arc::<Backends>::default();
    let loaded = load(&source, &backends);
    let shown: Vec<Diagnostic> = without_notes(&loaded.diagnostics);
    if !shown.is_empty() {
        log::warn!("\n{}", render(&shown, &loaded.sources, Format::Text, false));
    }
    let Some(mut generation) = loaded.generation else {
        return Err(io::Error::other("the configuration is not fit to serve"));
    };
    if generation.listens.is_empty() {
        return Err(io::Error::other("no Listen line: there is no address to serve"));
    }
    let path = manner.pid_file(&loaded.config);
    let open = OpenLogs::default();
    if let Err(failed) = generation.open_logs(&open) {
        log::error!("\n{}", render(&failed, &loaded.sources, Format::Text, false));
        return Err(io::Error::other("not all logs can be opened"));
    }
    let server = Server::start(generation, open)?;
    let pid_file = path.map(|path| write_pid_file(&path)).transpose()?;
    if manner.detached {
        detach::ready()?;
    }
    Process { source: Some(source), manner, backends, server, signals, pid_file }.run().await;
    Ok(())
}

/// The process while it serves.
struct Process {
    /// Where the configuration came from; none if there is nothing to load anew.
    source: Option<Source>,
    manner: Manner,
    /// What is known of backends, from one configuration to the next.
    backends: Arc<Backends>,
    server: Server,
    signals: Signals,
    pid_file: Option<PidFile>,
}

impl Process {
    /// Does what signals ask for, until one of them asks for the end.
    async fn run(mut self) {
        let mut wish = self.signals.next().await;
        while wish == Wish::Reload {
            wish = match self.reload().await {
                None => self.signals.next().await,
                Some(end) => end,
            };
        }
        if wish == Wish::Drain {
            notice("mpm_event", "SIGWINCH: no more clients are accepted, the server ends with the last one");
            self.drain().await;
        }
        notice("mpm_event", "the server ends");
        self.server.stop().await;
    }

    /// Loads the configuration anew; a wish to end breaks it off. What does not work changes nothing.
    async fn reload(&mut self) -> Option<Wish> {
        let (source, backends) = (self.source.clone()?, self.backends.clone());
        let loading = tokio::task::spawn_blocking(move || load(&source, &backends));
        let loaded = tokio::select! {
            end = self.signals.end() => return Some(end),
            loaded = loading => loaded,
        };
        let outcome = match loaded {
            Ok(loaded) => self.change_to(loaded),
            Err(error) => Err(io::Error::other(error)),
        };
        match outcome {
            Ok(()) => notice("mpm_event", "the configuration was loaded anew"),
            Err(error) => {
                log::error!("{error}: the configuration stays as it was");
                // Whoever moved logs away relies on this, whatever else is wrong.
                self.server.shared.logs.reopen();
            }
        }
        None
    }

    fn change_to(&mut self, loaded: Loaded) -> io::Result<()> {
        log_each(&without_notes(&loaded.diagnostics), &loaded.sources);
        let mut generation = loaded.generation.ok_or_else(|| io::Error::other("it is not fit to serve"))?;
        if generation.listens.is_empty() {
            return Err(io::Error::other("it has no Listen line"));
        }
        let path = self.manner.pid_file(&loaded.config);
        if let Err(failed) = generation.open_logs(&self.server.shared.logs) {
            log_each(&failed, &loaded.sources);
            return Err(io::Error::other("not all logs can be opened"));
        }
        self.server.reload(generation)?;
        if self.pid_file.as_ref().map(PidFile::path) != path.as_deref() {
            self.pid_file = path.and_then(|path| match write_pid_file(&path) {
                Ok(file) => Some(file),
                Err(error) => {
                    log::error!("{error}");
                    None
                }
            });
        }
        Ok(())
    }

    /// Waits for the last client, as long as GracefulShutdownTimeout allows; SIGTERM does not wait.
    async fn drain(&mut self) {
        self.server.refuse_clients();
        // The addresses are free, so that a successor may start now, with a PidFile of its own.
        self.pid_file = None;
        let patience = self.server.patience().unwrap_or(Duration::MAX);
        tokio::select! {
            () = self.server.ended() => {}
            () = tokio::time::sleep(patience) => log::warn!("GracefulShutdownTimeout is over"),
            () = stop(&mut self.signals) => {}
        }
    }
}

/// Puts each finding into the error log, in a line of its own.
fn log_each(findings: &[Diagnostic], sources: &Sources) {
    for finding in findings {
        let text = render(std::slice::from_ref(finding), sources, Format::Line, false);
        let level = if finding.severity == Severity::Error { log::Level::Error } else { log::Level::Warn };
        log::log!(level, "{}", text.trim_end());
    }
}

async fn stop(signals: &mut Signals) {
    while signals.next().await != Wish::Stop {}
}

fn without_notes(diagnostics: &[Diagnostic]) -> Vec<Diagnostic> {
    diagnostics.iter().filter(|diagnostic| diagnostic.severity != Severity::Note).cloned().collect()
}

fn write_pid_file(path: &Path) -> io::Result<PidFile> {
    PidFile::write(path)
        .map_err(|error| io::Error::new(error.kind(), format!("PidFile {}: {error}", path.display())))
}

/// Every tunnel takes two descriptors: as many as the system grants.
pub(crate) fn raise_descriptor_limit() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let raised = getrlimit(Resource::RLIMIT_NOFILE)
        .and_then(|(_, hard)| setrlimit(Resource::RLIMIT_NOFILE, hard, hard));
    if let Err(error) = raised {
        log::warn!("the limit on descriptors stays as it is: {error}");
    }
}

impl Manner {
    fn pid_file(self, config: &Config) -> Option<PathBuf> {
        let default = || Some(Path::new(&config.server_root).join(self.pid_file?));
        pid_file(config).or_else(default)
    }
}

/// PidFile, if the configuration names one.
pub(crate) fn pid_file(config: &Config) -> Option<PathBuf> {
    config.main.conf.mpm.pid_file.as_ref().map(|path| PathBuf::from(&path.value))
}

/// httpd's name of a level as env_logger knows it.
fn filter(level: &str) -> &str {
    match level {
        "emerg" | "alert" | "crit" => "error",
        "notice" => "info",
        level if level.starts_with("trace") => "trace",
        level => level,
    }
}
