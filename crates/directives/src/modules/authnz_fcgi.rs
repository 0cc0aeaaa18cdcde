//! mod_authnz_fcgi: FastCGI programs that decide who may enter.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate asks no FastCGI authoriser; use AuthType Basic, or let the backend decide";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_authnz_fcgi",
    identifier: "authnz_fcgi_module",
    file: "mod_authnz_fcgi.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("AuthnzFcgiCheckAuthnProvider", Contexts::FILE_INFO, Arity::Raw, WHY),
        Row::refused("AuthnzFcgiDefineProvider", Contexts::GLOBAL, Arity::Raw, WHY),
    ],
};
