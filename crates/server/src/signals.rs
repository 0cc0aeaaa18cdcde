//! What the process is asked for by signals, httpd's.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// SIGUSR1, SIGHUP: load the configuration anew.
    Reload,
    /// SIGWINCH: accept nobody any more and end with the last client.
    Drain,
    /// SIGTERM, SIGINT: end at once.
    Stop,
}

/// The signals, from the moment that this exists; before, they would end the process.
pub(crate) struct Signals {
    stop: [Signal; 2],
    drain: Signal,
    reload: [Signal; 2],
}

impl Signals {
    /// Watches for them. Needs a tokio runtime around it.
    ///
    /// # Errors
    /// What the kernel says.
    pub(crate) fn watch() -> io::Result<Self> {
        Ok(Self {
            stop: [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?],
            drain: signal(SignalKind::window_change())?,
            reload: [signal(SignalKind::user_defined1())?, signal(SignalKind::hangup())?],
        })
    }

    /// The next wish. Signals of one kind that come before anyone asks are one wish.
    pub(crate) async fn next(&mut self) -> Wish {
        let [term, int] = &mut self.stop;
        let [usr1, hup] = &mut self.reload;
        tokio::select! {
            biased;
            _ = term.recv() => Wish::Stop,
            _ = int.recv() => Wish::Stop,
            _ = self.drain.recv() => Wish::Drain,
            _ = usr1.recv() => Wish::Reload,
            _ = hup.recv() => Wish::Reload,
        }
    }

    /// The next wish to end; wishes to reload wait for their turn.
    pub(crate) async fn end(&mut self) -> Wish {
        let [term, int] = &mut self.stop;
        tokio::select! {
            biased;
            _ = term.recv() => Wish::Stop,
            _ = int.recv() => Wish::Stop,
            _ = self.drain.recv() => Wish::Drain,
        }
    }
}
