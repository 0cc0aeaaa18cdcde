//! mod_cache_disk: the cache's store on disk.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate keeps no cache: every answer comes fresh from the backend";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_cache_disk",
    identifier: "cache_disk_module",
    file: "mod_cache_disk.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect("CacheDirLength", Contexts::SERVER, Arity::ONE, WHY),
        Row::no_effect("CacheDirLevels", Contexts::SERVER, Arity::ONE, WHY),
        Row::no_effect("CacheMaxFileSize", Contexts::CONFIG, Arity::ONE, WHY),
        Row::no_effect("CacheMinFileSize", Contexts::CONFIG, Arity::ONE, WHY),
        Row::no_effect("CacheReadSize", Contexts::CONFIG, Arity::ONE, WHY),
        Row::no_effect("CacheReadTime", Contexts::CONFIG, Arity::ONE, WHY),
        Row::no_effect("CacheRoot", Contexts::SERVER, Arity::ONE, WHY),
    ],
};
