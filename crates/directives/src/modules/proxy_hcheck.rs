//! mod_proxy_hcheck: health checks of a balancer's members.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str =
    "wsgate asks no backend for its health; a member that fails is left out for its retry= time";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_proxy_hcheck",
    identifier: "proxy_hcheck_module",
    file: "mod_proxy_hcheck.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("ProxyHCExpr", Contexts::FILE_INFO, Arity::Raw, WHY),
        Row::refused("ProxyHCTemplate", Contexts::FILE_INFO, Arity::Raw, WHY),
        Row::refused("ProxyHCTPsize", Contexts::GLOBAL, Arity::ONE, WHY),
    ],
};
