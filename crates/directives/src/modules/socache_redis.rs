//! mod_socache_redis: a store of small objects in Redis.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_socache_redis",
    identifier: "socache_redis_module",
    file: "mod_socache_redis.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect(
            "RedisConnPoolTTL",
            Contexts::SERVER,
            Arity::ONE,
            "wsgate needs no cache shared between machines",
        ),
        Row::no_effect(
            "RedisTimeout",
            Contexts::SERVER,
            Arity::ONE,
            "wsgate needs no cache shared between machines",
        ),
    ],
};
