//! TLS of a generation: which servers speak it, and how backends are spoken to in each scope.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use wsgate_core::request::{DnStyle, Tls};
use wsgate_core::snapshot::Snapshot;
use wsgate_directives::config::{Merge, Section};
use wsgate_directives::diag::Diagnostic;
use wsgate_directives::modules::DirConf;
use wsgate_directives::modules::ssl::SniPolicy;
use wsgate_directives::span::Span;

use crate::tls::{
    BackendTls, ProxyTls, ServerTls, TlsError, TlsInfo, TlsTable, place_of_backends, place_of_clients,
};

/// How many scopes are remembered; a request's scope is a combination of the configuration's sections.
const SCOPES: usize = 1024;

/// TLS towards clients, or what does not work about it.
pub(crate) fn clients(snapshot: &Snapshot) -> Result<TlsTable, Vec<Diagnostic>> {
    let params = snapshot.servers.iter().map(|server| {
        let alpn = alpn(server.conf.core.protocols.as_deref(), snapshot.loaded.http2);
        ServerTls::from_config(&server.conf.ssl, alpn)
    });
    let policy = snapshot.servers[0].conf.ssl.sni_policy.map_or_else(SniPolicy::default, |set| set.value);
    TlsTable::build(params.collect(), policy).map_err(|errors| {
        let blame = |(index, error): (usize, TlsError)| {
            let place = place_of_clients(&snapshot.servers[index].conf.ssl, &error);
            finding(place, &error)
        };
        errors.into_iter().map(blame).collect()
    })
}

fn finding(place: Option<Span>, error: &TlsError) -> Diagnostic {
    let help = error.help().map(str::to_owned);
    Diagnostic { span: place, help, ..Diagnostic::unplaced("tls", error.to_string()) }
}

/// Protocols as ALPN names them, `h2` only where mod_http2 counts as loaded; httpd's default is HTTP/1.1 alone.
fn alpn(protocols: Option<&[wsgate_directives::config::Setting<Box<str>>]>, http2: bool) -> Vec<Vec<u8>> {
    let http11 = || vec![b"http/1.1".to_vec()];
    protocols.map_or_else(http11, |list| {
        let named = list.iter().map(|protocol| protocol.value.as_bytes().to_vec());
        named.filter(|protocol| protocol == b"http/1.1" || http2 && protocol == b"h2").collect()
    })
}

/// TLS towards backends, by scope.
#[derive(Debug, Default)]
pub(crate) struct Backends {
    /// By their parameters, made while loading.
    made: Vec<(ProxyTls, BackendTls)>,
    scopes: RwLock<HashMap<usize, Scope>>,
}

/// A scope's TLS. Holding the settings keeps their address, which is the key, from being used again.
#[derive(Debug)]
struct Scope {
    tls: Option<BackendTls>,
    _dir: Arc<DirConf>,
}

impl Backends {
    /// Makes what each server and each section asks for, so that a file that does not work is found while loading, and one
    /// that only root may read is read while that is possible.
    pub(crate) fn load(snapshot: &Snapshot) -> (Self, Vec<Diagnostic>) {
        let mut made = Vec::new();
        let mut findings: Vec<Diagnostic> = Vec::new();
        for server in &snapshot.servers {
            let sections = [&server.locations, &server.proxies].into_iter().flatten();
            let inner = sections.map(|section: &Arc<Section>| Merge::merge(&*server.base, &section.conf));
            for dir in std::iter::once((*server.base).clone()).chain(inner) {
                match build(&dir, &made) {
                    Ok(Some((params, tls))) if made.iter().all(|(known, _)| *known != params) => {
                        made.push((params, tls));
                    }
                    Ok(_) => {}
                    Err(error) => {
                        let found = finding(place_of_backends(&dir.ssl, &error), &error);
                        if !findings.contains(&found) {
                            findings.push(found);
                        }
                    }
                }
            }
        }
        (Self { made, scopes: RwLock::default() }, findings)
    }

    /// The TLS of a scope; none where SSLProxyEngine is not On, or where its files do not work any more.
    pub(crate) fn of(&self, dir: &Arc<DirConf>) -> Option<BackendTls> {
        let key = Arc::as_ptr(dir) as usize;
        if let Some(known) = self.scopes.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return known.tls.clone();
        }
        let tls = build(dir, &self.made).unwrap_or_else(|error| {
            log::error!("TLS towards backends: {error}");
            None
        });
        let tls = tls.map(|(_, tls)| tls);
        let mut scopes = self.scopes.write().unwrap_or_else(PoisonError::into_inner);
        if scopes.len() < SCOPES {
            scopes.insert(key, Scope { tls: tls.clone(), _dir: dir.clone() });
        }
        tls
    }
}

/// A scope's parameters and what was made of them, before if possible.
fn build(dir: &DirConf, made: &[(ProxyTls, BackendTls)]) -> Result<Option<(ProxyTls, BackendTls)>, TlsError> {
    let Some(params) = ProxyTls::from_config(&dir.ssl) else { return Ok(None) };
    let known = made.iter().find(|(known, _)| *known == params);
    let tls = known.map_or_else(|| BackendTls::build(&params), |(_, tls)| Ok(tls.clone()))?;
    Ok(Some((params, tls)))
}

/// What the core asks about a client's TLS.
#[derive(Debug)]
pub(crate) struct Facts {
    info: Box<TlsInfo>,
    /// What certificates were asked for already: reading one takes longer than looking here.
    known: Mutex<HashMap<(String, DnStyle), Option<String>>>,
}

/// So many answers are kept for a connection; the variables that SSLOptions +StdEnvVars asks for are fewer.
const ANSWERS: usize = 256;

impl Facts {
    /// The facts of a connection.
    pub(crate) fn new(info: Box<TlsInfo>) -> Self {
        Self { info, known: Mutex::default() }
    }
}

impl Tls for Facts {
    fn sni(&self) -> Option<&str> {
        self.info.sni.as_deref()
    }

    fn server(&self) -> usize {
        self.info.vhost
    }

    fn var(&self, name: &str, names: DnStyle) -> Option<String> {
        if !name.starts_with("SSL_CLIENT_") && !name.starts_with("SSL_SERVER_") {
            return self.info.var(name, names);
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (name.to_owned(), names);
        if let Some(answer) = known.get(&key) {
            return answer.clone();
        }
        let answer = self.info.var(name, names);
        if known.len() < ANSWERS {
            known.insert(key, answer.clone());
        }
        answer
    }

    fn extensions(&self, oid: &str) -> Option<Vec<String>> {
        self.info.extensions(oid)
    }
}
