//! mod_headers: header fields of requests and answers.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_headers",
    identifier: "headers_module",
    file: "mod_headers.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused("Header", Contexts::ANYWHERE, Arity::Raw, NOT_YET),
        Row::refused("RequestHeader", Contexts::ANYWHERE, Arity::Raw, NOT_YET),
    ],
};
