//! mod_request: keeps request bodies for handlers.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_request",
    identifier: "request_module",
    file: "mod_request.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::no_effect(
        "KeptBodySize",
        Contexts::SECTION,
        Arity::ONE,
        "keeps request bodies for login forms and server-side includes, which wsgate does not have",
    )],
};
