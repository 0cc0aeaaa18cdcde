//! mod_deflate: gzip compression.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_deflate",
    identifier: "deflate_module",
    file: "mod_deflate.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused("DeflateAlterETag", Contexts::SERVER, Arity::ONE, NOT_YET),
        Row::refused("DeflateBufferSize", Contexts::SERVER, Arity::ONE, NOT_YET),
        Row::refused("DeflateCompressionLevel", Contexts::SERVER, Arity::ONE, NOT_YET),
        Row::refused("DeflateFilterNote", Contexts::SERVER, Arity::Between(1, 2), NOT_YET),
        Row::refused("DeflateInflateLimitRequestBody", Contexts::ANYWHERE, Arity::ONE, NOT_YET),
        Row::refused("DeflateInflateRatioBurst", Contexts::ANYWHERE, Arity::ONE, NOT_YET),
        Row::refused("DeflateInflateRatioLimit", Contexts::ANYWHERE, Arity::ONE, NOT_YET),
        Row::refused("DeflateMemLevel", Contexts::SERVER, Arity::ONE, NOT_YET),
        Row::refused("DeflateWindowSize", Contexts::SERVER, Arity::ONE, NOT_YET),
    ],
};
