//! mod_brotli: Brotli compression.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_brotli",
    identifier: "brotli_module",
    file: "mod_brotli.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused("BrotliAlterETag", Contexts::SERVER, Arity::ONE, NOT_YET),
        Row::refused("BrotliCompressionMaxInputBlock", Contexts::SERVER, Arity::ONE, NOT_YET),
        Row::refused("BrotliCompressionQuality", Contexts::SERVER, Arity::ONE, NOT_YET),
        Row::refused("BrotliCompressionWindow", Contexts::SERVER, Arity::ONE, NOT_YET),
        Row::refused("BrotliFilterNote", Contexts::SERVER, Arity::Between(1, 2), NOT_YET),
    ],
};
