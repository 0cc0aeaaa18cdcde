//! mod_proxy_fcgi: FastCGI backends.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate speaks no FastCGI; put the application behind an HTTP server";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_proxy_fcgi",
    identifier: "proxy_fcgi_module",
    file: "mod_proxy_fcgi.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("ProxyFCGIBackendType", Contexts::FILE_INFO, Arity::ONE, WHY),
        Row::refused("ProxyFCGISetEnvIf", Contexts::FILE_INFO, Arity::Between(2, 3), WHY),
    ],
};
