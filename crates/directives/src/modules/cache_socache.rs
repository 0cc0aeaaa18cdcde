//! mod_cache_socache: the cache's store in shared memory.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate keeps no cache: every answer comes fresh from the backend";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_cache_socache",
    identifier: "cache_socache_module",
    file: "mod_cache_socache.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect("CacheSocache", Contexts::SERVER, Arity::ONE, WHY),
        Row::no_effect("CacheSocacheMaxSize", Contexts::CONFIG, Arity::ONE, WHY),
        Row::no_effect("CacheSocacheMaxTime", Contexts::CONFIG, Arity::ONE, WHY),
        Row::no_effect("CacheSocacheMinTime", Contexts::CONFIG, Arity::ONE, WHY),
        Row::no_effect("CacheSocacheReadSize", Contexts::CONFIG, Arity::ONE, WHY),
        Row::no_effect("CacheSocacheReadTime", Contexts::CONFIG, Arity::ONE, WHY),
    ],
};
