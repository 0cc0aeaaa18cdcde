//! mod_socache_memcache: a store of small objects in memcached.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_socache_memcache",
    identifier: "socache_memcache_module",
    file: "mod_socache_memcache.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::no_effect(
        "MemcacheConnTTL",
        Contexts::SERVER,
        Arity::ONE,
        "wsgate needs no cache shared between machines",
    )],
};
