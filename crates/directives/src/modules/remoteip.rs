//! mod_remoteip: the client's address behind other proxies.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_remoteip",
    identifier: "remoteip_module",
    file: "mod_remoteip.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused("RemoteIPHeader", Contexts::SERVER, Arity::ONE, NOT_YET),
        Row::refused("RemoteIPInternalProxy", Contexts::SERVER, Arity::Many, NOT_YET),
        Row::refused("RemoteIPInternalProxyList", Contexts::SERVER, Arity::ONE, NOT_YET),
        Row::refused("RemoteIPProxiesHeader", Contexts::SERVER, Arity::ONE, NOT_YET),
        Row::refused("RemoteIPProxyProtocol", Contexts::SERVER, Arity::Flag, NOT_YET),
        Row::refused("RemoteIPProxyProtocolExceptions", Contexts::SERVER, Arity::Raw, NOT_YET),
        Row::refused("RemoteIPTrustedProxy", Contexts::SERVER, Arity::Many, NOT_YET),
        Row::refused("RemoteIPTrustedProxyList", Contexts::SERVER, Arity::ONE, NOT_YET),
    ],
};
