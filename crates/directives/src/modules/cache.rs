//! mod_cache: the HTTP cache.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate keeps no cache: every answer comes fresh from the backend";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_cache",
    identifier: "cache_module",
    file: "mod_cache.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect("CacheDefaultExpire", Contexts::CONFIG, Arity::ONE, WHY),
        Row::no_effect("CacheDetailHeader", Contexts::CONFIG, Arity::Flag, WHY),
        Row::no_effect(
            "CacheDisable",
            Contexts::SERVER.or(Contexts::LOCATION).or(Contexts::PROXY),
            Arity::ONE,
            WHY,
        ),
        Row::no_effect(
            "CacheEnable",
            Contexts::SERVER.or(Contexts::LOCATION).or(Contexts::PROXY),
            Arity::Between(1, 2),
            WHY,
        ),
        Row::no_effect("CacheHeader", Contexts::CONFIG, Arity::Flag, WHY),
        Row::no_effect("CacheIgnoreCacheControl", Contexts::SERVER, Arity::Flag, WHY),
        Row::no_effect("CacheIgnoreHeaders", Contexts::SERVER, Arity::Many, WHY),
        Row::no_effect("CacheIgnoreNoLastMod", Contexts::CONFIG, Arity::Flag, WHY),
        Row::no_effect("CacheIgnoreQueryString", Contexts::SERVER, Arity::Flag, WHY),
        Row::no_effect("CacheIgnoreURLSessionIdentifiers", Contexts::SERVER, Arity::Many, WHY),
        Row::no_effect("CacheKeyBaseURL", Contexts::SERVER, Arity::ONE, WHY),
        Row::no_effect("CacheLastModifiedFactor", Contexts::CONFIG, Arity::ONE, WHY),
        Row::no_effect("CacheLock", Contexts::SERVER, Arity::Flag, WHY),
        Row::no_effect("CacheLockMaxAge", Contexts::SERVER, Arity::ONE, WHY),
        Row::no_effect("CacheLockPath", Contexts::SERVER, Arity::ONE, WHY),
        Row::no_effect("CacheMaxExpire", Contexts::CONFIG, Arity::ONE, WHY),
        Row::no_effect("CacheMinExpire", Contexts::CONFIG, Arity::ONE, WHY),
        Row::no_effect("CacheQuickHandler", Contexts::SERVER, Arity::Flag, WHY),
        Row::no_effect("CacheStaleOnError", Contexts::CONFIG, Arity::Flag, WHY),
        Row::no_effect("CacheStoreExpired", Contexts::CONFIG, Arity::Flag, WHY),
        Row::no_effect("CacheStoreNoStore", Contexts::CONFIG, Arity::Flag, WHY),
        Row::no_effect("CacheStorePrivate", Contexts::CONFIG, Arity::Flag, WHY),
    ],
};
