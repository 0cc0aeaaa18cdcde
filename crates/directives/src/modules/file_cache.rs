//! mod_file_cache: files kept open or in memory.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "files are read when they are asked for; the kernel caches them";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_file_cache",
    identifier: "file_cache_module",
    file: "mod_file_cache.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect("CacheFile", Contexts::SERVER, Arity::Many, WHY),
        Row::no_effect("MMapFile", Contexts::SERVER, Arity::Many, WHY),
    ],
};
