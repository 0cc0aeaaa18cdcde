//! mod_proxy_connect: CONNECT through a forward proxy.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_proxy_connect",
    identifier: "proxy_connect_module",
    file: "mod_proxy_connect.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::no_effect(
        "AllowCONNECT",
        Contexts::SERVER,
        Arity::Many,
        "wsgate is no forward proxy: CONNECT is never served",
    )],
};
