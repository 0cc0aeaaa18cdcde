//! mod_vhost_alias: document roots by host name.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_vhost_alias",
    identifier: "vhost_alias_module",
    file: "mod_vhost_alias.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused("VirtualDocumentRoot", Contexts::SERVER, Arity::ONE, NOT_YET),
        Row::refused("VirtualDocumentRootIP", Contexts::SERVER, Arity::ONE, NOT_YET),
        Row::refused(
            "VirtualScriptAlias",
            Contexts::SERVER,
            Arity::ONE,
            "wsgate runs no scripts; use ProxyPass",
        ),
        Row::refused(
            "VirtualScriptAliasIP",
            Contexts::SERVER,
            Arity::ONE,
            "wsgate runs no scripts; use ProxyPass",
        ),
    ],
};
