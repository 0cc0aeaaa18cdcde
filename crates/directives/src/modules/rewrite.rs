//! mod_rewrite: rewriting of URLs by rules.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_rewrite",
    identifier: "rewrite_module",
    file: "mod_rewrite.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused("RewriteBase", Contexts::ANYWHERE, Arity::ONE, NOT_YET),
        Row::refused("RewriteCond", Contexts::ANYWHERE, Arity::Raw, NOT_YET),
        Row::refused("RewriteEngine", Contexts::ANYWHERE, Arity::Flag, NOT_YET),
        Row::refused("RewriteMap", Contexts::SERVER, Arity::Between(2, 3), NOT_YET),
        Row::refused("RewriteOptions", Contexts::ANYWHERE, Arity::Many, NOT_YET),
        Row::refused("RewriteRule", Contexts::ANYWHERE, Arity::Raw, NOT_YET),
    ],
};
