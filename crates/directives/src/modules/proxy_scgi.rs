//! mod_proxy_scgi: SCGI backends.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate speaks no SCGI; put the application behind an HTTP server";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_proxy_scgi",
    identifier: "proxy_scgi_module",
    file: "mod_proxy_scgi.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("ProxySCGIInternalRedirect", Contexts::CONFIG, Arity::ONE, WHY),
        Row::refused("ProxySCGISendfile", Contexts::CONFIG, Arity::ONE, WHY),
    ],
};
