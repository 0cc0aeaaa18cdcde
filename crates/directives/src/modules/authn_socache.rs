//! mod_authn_socache: a cache of verified passwords.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate remembers verified passwords by itself";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_authn_socache",
    identifier: "authn_socache_module",
    file: "mod_authn_socache.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect("AuthnCacheContext", Contexts::SECTION, Arity::ONE, WHY),
        Row::no_effect("AuthnCacheEnable", Contexts::GLOBAL, Arity::Raw, WHY),
        Row::no_effect("AuthnCacheProvideFor", Contexts::AUTH_CONFIG, Arity::Many, WHY),
        Row::no_effect("AuthnCacheSOCache", Contexts::GLOBAL, Arity::ONE, WHY),
        Row::no_effect("AuthnCacheTimeout", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
    ],
};
