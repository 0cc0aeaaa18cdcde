//! `wsgate serve`: in the foreground until a signal ends it.

use std::process::ExitCode;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use wsgate_directives::diag::{Diagnostic, Severity};

use crate::cli::Source;
use crate::load::load;
use crate::render::{Format, render};
use crate::server::Server;

/// Serves a configuration. 1: it is not fit to serve, or the server cannot start.
pub(crate) fn run(source: &Source) -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("warn")).init();
    raise_descriptor_limit();
    let loaded = load(source, &Arc::default());
    let shown: Vec<Diagnostic> =
        loaded.diagnostics.into_iter().filter(|diagnostic| diagnostic.severity != Severity::Note).collect();
    if !shown.is_empty() {
        log::warn!("\n{}", render(&shown, &loaded.sources, Format::Text, false));
    }
    let Some(generation) = loaded.generation else {
        log::error!("the configuration is not fit to serve");
        return ExitCode::from(1);
    };
    if generation.listens.is_empty() {
        log::error!("no Listen line: there is no address to serve");
        return ExitCode::from(1);
    }
    match Server::start(generation) {
        Ok(server) => until_signal(server),
        Err(error) => {
            log::error!("{error}");
            ExitCode::from(1)
        }
    }
}

/// Waits for the signal that ends a server, and ends it.
pub(crate) fn until_signal(server: Server) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            log::error!("signals cannot be watched: {error}");
            return ExitCode::from(1);
        }
    };
    let outcome = runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        tokio::select! {
            _ = terminate.recv() => log::info!("SIGTERM: stopping"),
            _ = interrupt.recv() => log::info!("SIGINT: stopping"),
        }
        Ok::<_, std::io::Error>(())
    });
    server.stop();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::error!("signals cannot be watched: {error}");
            ExitCode::from(1)
        }
    }
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
