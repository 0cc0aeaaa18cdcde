//! mod_remoteip: the client's address behind other proxies.

use crate::config::{Merge, Set, Setting};
use crate::interpret::{Cx, Outcome, Problem};
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::subnet::{Subnet, SubnetError};
use crate::words::Arg;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_remoteip",
    identifier: "remoteip_module",
    file: "mod_remoteip.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::supported(
            "RemoteIPHeader",
            Contexts::SERVER,
            Shape::Take1(header),
            "The request field in which proxies name the client",
        ),
        Row::supported(
            "RemoteIPInternalProxy",
            Contexts::SERVER,
            Shape::Iterate(internal_proxy),
            "Proxies that may name clients with private addresses, too",
        ),
        Row::supported(
            "RemoteIPInternalProxyList",
            Contexts::SERVER,
            Shape::Take1(internal_list),
            "A file of such proxies",
        ),
        Row::supported(
            "RemoteIPProxiesHeader",
            Contexts::SERVER,
            Shape::Take1(proxies_header),
            "The request field that tells backends which proxies the request came through",
        ),
        Row::supported(
            "RemoteIPProxyProtocol",
            Contexts::SERVER,
            Shape::Flag(protocol),
            "Whether connections to the server's addresses begin with a PROXY header",
        ),
        Row::supported(
            "RemoteIPProxyProtocolExceptions",
            Contexts::SERVER,
            Shape::Iterate(exception),
            "Clients whose connections begin without a PROXY header",
        ),
        Row::supported(
            "RemoteIPTrustedProxy",
            Contexts::SERVER,
            Shape::Iterate(trusted_proxy),
            "Proxies that may name clients with public addresses",
        ),
        Row::supported(
            "RemoteIPTrustedProxyList",
            Contexts::SERVER,
            Shape::Take1(trusted_list),
            "A file of such proxies",
        ),
    ],
};

/// What a server sets.
#[derive(Clone, Debug, Default)]
pub struct ServerConf {
    /// RemoteIPHeader.
    pub header: Set<Box<str>>,
    /// RemoteIPProxiesHeader.
    pub proxies_header: Set<Box<str>>,
    /// Who may name clients; anyone where nothing is set.
    pub proxies: Option<Vec<Setting<Proxy>>>,
    /// RemoteIPProxyProtocol. It is about addresses, so no virtual host inherits it.
    pub protocol: Set<bool>,
    /// RemoteIPProxyProtocolExceptions, of all servers.
    pub exceptions: Vec<Setting<Subnet>>,
}

impl Merge for ServerConf {
    fn merge(base: &Self, add: &Self) -> Self {
        Self {
            header: Merge::merge(&base.header, &add.header),
            proxies_header: Merge::merge(&base.proxies_header, &add.proxies_header),
            proxies: Merge::merge(&base.proxies, &add.proxies),
            protocol: add.protocol,
            exceptions: Merge::merge(&base.exceptions, &add.exceptions),
        }
    }
}

/// Someone who may name clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Who.
    pub who: Who,
    /// How far it is trusted.
    pub trust: Trust,
}

/// How the proxies are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// By their addresses.
    Network(Subnet),
    /// By name: what it resolves to when the configuration is loaded.
    Host(Box<str>),
    /// In a file, absolute.
    List(Box<str>),
}

/// How far a proxy is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// RemoteIPInternalProxy: it may name any client.
    Internal,
    /// RemoteIPTrustedProxy: it may name clients with public addresses.
    External,
}

impl Who {
    /// A word of a line or of a list (`proxies_set`); what is wrong with it otherwise.
    ///
    /// # Errors
    /// An address or a mask that is none.
    pub fn parse(word: &[u8]) -> Result<Self, String> {
        match Subnet::parse(word) {
            Ok(network) => Ok(Self::Network(network)),
            Err(SubnetError::NotAnAddress) if !word.contains(&b'/') => match std::str::from_utf8(word) {
                Ok(name) if !name.is_empty() => Ok(Self::Host(name.into())),
                _ => Err("a host name was expected".to_owned()),
            },
            Err(error) => Err(error.to_string()),
        }
    }
}

fn header(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    cx.server.remoteip.header = Some(cx.set(arg.text()?.into()));
    Ok(())
}

fn proxies_header(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    cx.server.remoteip.proxies_header = Some(cx.set(arg.text()?.into()));
    Ok(())
}

fn internal_proxy(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    proxy(cx, arg, Trust::Internal)
}

fn trusted_proxy(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    proxy(cx, arg, Trust::External)
}

fn proxy(cx: &mut Cx<'_>, arg: &Arg, trust: Trust) -> Outcome {
    let who = Who::parse(arg.as_bytes()).map_err(|why| Problem::at(arg, why))?;
    add(cx, who, trust);
    Ok(())
}

fn internal_list(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    list(cx, arg, Trust::Internal)
}

fn trusted_list(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    list(cx, arg, Trust::External)
}

fn list(cx: &mut Cx<'_>, arg: &Arg, trust: Trust) -> Outcome {
    let path = cx.path(arg.text()?);
    add(cx, Who::List(path.into()), trust);
    Ok(())
}

fn add(cx: &mut Cx<'_>, who: Who, trust: Trust) {
    let proxy = cx.set(Proxy { who, trust });
    cx.server.remoteip.proxies.get_or_insert_default().push(proxy);
}

fn protocol(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.server.remoteip.protocol = Some(cx.set(on));
    Ok(())
}

fn exception(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let network = Subnet::parse(arg.as_bytes()).map_err(|why| Problem::at(arg, why.to_string()))?;
    let network = cx.set(network);
    cx.server.remoteip.exceptions.push(network);
    Ok(())
}
