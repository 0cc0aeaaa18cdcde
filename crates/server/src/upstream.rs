//! How backends are reached: their addresses, looked up ahead of requests, and the connection itself.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use log::Level;
use wsgate_core::plan::{Authority, Leg};
use wsgate_core::snapshot::Snapshot;
use wsgate_wstunnel::{Error, Reach, Socket, Target, connect};

/// How often names are looked up again.
pub(crate) const REFRESH: Duration = Duration::from_secs(30);
/// How many names that no line mentions are remembered; a request can make them up only through RewriteRule.
const STRANGERS: usize = 1024;

/// Addresses by host and port.
type Names = HashMap<(Box<str>, u16), Arc<[SocketAddr]>>;

/// The backends' addresses.
#[derive(Debug, Default)]
pub(crate) struct Upstreams {
    names: RwLock<Names>,
}

impl Upstreams {
    /// Looks all names up that the configuration mentions. One that does not resolve is no error: its requests are
    /// answered 500 until a later look-up finds it, as in httpd.
    pub(crate) fn build(snapshot: &Snapshot) -> Self {
        let upstreams = Self::default();
        for backend in &snapshot.backends {
            let url = &backend.worker.url;
            if url.socket.is_none() && !url.volatile && url.host.parse::<IpAddr>().is_err() {
                upstreams.look_up(&url.host, url.effective_port());
            }
        }
        upstreams
    }

    /// Looks all known names up again; blocks, so not on a worker's thread.
    pub(crate) fn refresh(&self) {
        let known: Vec<(Box<str>, u16)> = self.read().keys().cloned().collect();
        for (host, port) in known {
            self.look_up(&host, port);
        }
    }

    fn look_up(&self, host: &str, port: u16) {
        let found = (host, port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        let key = (host.into(), port);
        let known = names.get(&key);
        let found = found.unwrap_or_else(|error| {
            // What is known not to resolve is not told twice a minute.
            let level = if known.is_some_and(|known| known.is_empty()) { Level::Debug } else { Level::Warn };
            log::log!(level, "{host} does not resolve: {error}");
            Vec::new()
        });
        // A resolver that fails for a moment does not take a backend away that was known.
        let keeps = found.is_empty() && known.is_some_and(|known| !known.is_empty());
        if !keeps && (known.is_some() || names.len() < STRANGERS) {
            names.insert(key, found.into());
        }
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Names> {
        self.names.read().unwrap_or_else(PoisonError::into_inner)
    }

    async fn addresses(self: &Arc<Self>, authority: &Authority) -> Arc<[SocketAddr]> {
        if let Ok(ip) = authority.host.parse::<IpAddr>() {
            return Arc::new([SocketAddr::new(ip, authority.port)]);
        }
        let key = (authority.host.clone(), authority.port);
        if let Some(known) = self.read().get(&key) {
            return known.clone();
        }
        let this = self.clone();
        let (host, port) = key.clone();
        let looked_up = tokio::task::spawn_blocking(move || this.look_up(&host, port)).await;
        if let Err(error) = looked_up {
            log::error!("looking up {}: {error}", authority.host);
        }
        self.read().get(&key).cloned().unwrap_or_else(|| Arc::new([]))
    }

    /// Connects to the backend of an attempt.
    ///
    /// # Errors
    /// See [`connect`].
    pub(crate) async fn connect(
        self: &Arc<Self>,
        leg: &Leg,
        source: Option<IpAddr>,
    ) -> Result<Socket, Error> {
        let reach = Reach { timeout: leg.times.connect, source, ..Reach::default() };
        match &leg.authority.socket {
            Some(path) => connect(Target::Unix(Path::new(&**path)), &reach).await,
            None => connect(Target::Tcp(&self.addresses(&leg.authority).await), &reach).await,
        }
    }
}
