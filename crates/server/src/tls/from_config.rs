//! From the typed configuration to parameters, and from an error back to the line that named its file.

use std::path::PathBuf;

use wsgate_directives::config::{Set, Setting};
use wsgate_directives::modules::ssl::{DirConf, ServerConf, Side};
use wsgate_directives::span::Span;
use wsgate_directives::tls_names::{Group, Protocols, Suite};

use super::error::TlsError;
use super::params::{
    CaFiles, ClientAuth, NameCheck, Offer, ProxyTls, Resumption, ServerTls, SuiteOrder, Trust,
};

impl ServerTls {
    /// TLS of a virtual host by its merged settings; `None` where `SSLEngine` is not On. `alpn` is what Protocols says.
    pub(crate) fn from_config(conf: &ServerConf, alpn: Vec<Vec<u8>>) -> Option<Self> {
        if !is_on(&conf.engine) {
            return None;
        }
        let names = CaFiles { file: path(&conf.ca_names_file), path: path(&conf.ca_names_path) };
        let paths = |files: &[Setting<String>]| files.iter().map(|file| PathBuf::from(&file.value)).collect();
        Some(Self {
            certificates: paths(&conf.certificates.0),
            keys: paths(&conf.keys.0),
            chain: path(&conf.chain),
            offer: offer(&conf.clients, conf.protocols(), &conf.groups),
            order: if is_on(&conf.honor_cipher_order) { SuiteOrder::Server } else { SuiteOrder::Client },
            resumption: match &conf.session_tickets {
                Some(tickets) if !tickets.value => Resumption::Memory,
                _ => Resumption::Tickets,
            },
            client: ClientAuth {
                verify: value(&conf.clients.verify).unwrap_or_default(),
                trust: trust(&conf.clients),
                names: (!names.is_empty()).then_some(names),
            },
            alpn,
            strict_sni: is_on(&conf.strict_sni),
        })
    }
}

impl ProxyTls {
    /// TLS towards backends by a scope's merged settings; `None` where `SSLProxyEngine` is not On.
    pub(crate) fn from_config(conf: &DirConf) -> Option<Self> {
        if !is_on(&conf.proxy_engine) {
            return None;
        }
        let protocols = value(&conf.backends.protocols).unwrap_or_default();
        Some(Self {
            verify: value(&conf.backends.verify).unwrap_or_default(),
            trust: trust(&conf.backends),
            names: NameCheck::from_settings(value(&conf.check_peer_name), value(&conf.check_peer_cn)),
            check_expire: value(&conf.check_peer_expire).unwrap_or(true),
            machine: CaFiles { file: path(&conf.machine_file), path: path(&conf.machine_path) },
            machine_chain: path(&conf.machine_chain),
            offer: offer(&conf.backends, protocols, &None),
        })
    }
}

/// The line that is to blame for an error of a virtual host: the one that names the file, or that asks for TLS.
pub(crate) fn place_of_clients(conf: &ServerConf, error: &TlsError) -> Option<Span> {
    let single = [&conf.chain, &conf.ca_names_file, &conf.ca_names_path];
    let files = conf.certificates.0.iter().chain(&conf.keys.0);
    let files = files.chain(single.into_iter().flatten()).chain(files_of(&conf.clients));
    blamed(files, error).or_else(|| conf.engine.map(|engine| engine.span))
}

/// The same for a scope of backends.
pub(crate) fn place_of_backends(conf: &DirConf, error: &TlsError) -> Option<Span> {
    let single = [&conf.machine_file, &conf.machine_path, &conf.machine_chain];
    let files = single.into_iter().flatten().chain(files_of(&conf.backends));
    blamed(files, error).or_else(|| conf.proxy_engine.map(|engine| engine.span))
}

/// The setting whose file it is, or in whose folder the file lies.
fn blamed<'a>(files: impl Iterator<Item = &'a Setting<String>>, error: &TlsError) -> Option<Span> {
    let at_fault = error.path.as_ref()?;
    // The last one: a key that does not match stands behind its certificate, whose file it may be as well.
    files.filter(|file| at_fault.starts_with(&file.value)).map(|file| file.span).last()
}

fn files_of(side: &Side) -> impl Iterator<Item = &Setting<String>> {
    [&side.ca_file, &side.ca_path, &side.crl_file, &side.crl_path].into_iter().flatten()
}

fn offer(side: &Side, protocols: Protocols, groups: &Set<Vec<Group>>) -> Offer {
    let suites = |set: &Set<Vec<Suite>>, default: &[Suite]| match set {
        Some(suites) => suites.value.clone(),
        None => default.to_vec(),
    };
    let groups = groups.as_ref().map_or_else(|| Group::DEFAULT.to_vec(), |groups| groups.value.clone());
    let (tls12, tls13) = (suites(&side.tls12, &Suite::TLS12), suites(&side.tls13, &Suite::TLS13));
    Offer { protocols, tls12, tls13, groups }
}

fn trust(side: &Side) -> Trust {
    let depth = value(&side.depth).and_then(|depth| usize::try_from(depth).ok());
    Trust {
        ca: CaFiles { file: path(&side.ca_file), path: path(&side.ca_path) },
        crl: CaFiles { file: path(&side.crl_file), path: path(&side.crl_path) },
        revocation: value(&side.revocation).unwrap_or_default(),
        depth: depth.unwrap_or(Trust::default().depth),
    }
}

fn is_on(set: &Set<bool>) -> bool {
    value(set).unwrap_or(false)
}

fn value<T: Copy>(set: &Set<T>) -> Option<T> {
    set.as_ref().map(|setting| setting.value)
}

fn path(set: &Set<String>) -> Option<PathBuf> {
    set.as_ref().map(|setting| PathBuf::from(&setting.value))
}
