//! mod_expires: how long answers stay fresh.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_expires",
    identifier: "expires_module",
    file: "mod_expires.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused("ExpiresActive", Contexts::INDEXES, Arity::Flag, NOT_YET),
        Row::refused("ExpiresByType", Contexts::INDEXES, Arity::Between(2, 2), NOT_YET),
        Row::refused("ExpiresDefault", Contexts::INDEXES, Arity::ONE, NOT_YET),
    ],
};
