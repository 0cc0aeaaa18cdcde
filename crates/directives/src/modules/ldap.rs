//! mod_ldap: connections to LDAP servers, for other modules.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate opens no LDAP connections; directives that need one are refused by themselves";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_ldap",
    identifier: "ldap_module",
    file: "util_ldap.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect("LDAPCacheEntries", Contexts::GLOBAL, Arity::ONE, WHY),
        Row::no_effect("LDAPCacheTTL", Contexts::GLOBAL, Arity::ONE, WHY),
        Row::no_effect("LDAPConnectionPoolTTL", Contexts::SERVER, Arity::ONE, WHY),
        Row::no_effect("LDAPConnectionTimeout", Contexts::GLOBAL, Arity::ONE, WHY),
        Row::no_effect("LDAPLibraryDebug", Contexts::GLOBAL, Arity::ONE, WHY),
        Row::no_effect("LDAPOpCacheEntries", Contexts::GLOBAL, Arity::ONE, WHY),
        Row::no_effect("LDAPOpCacheTTL", Contexts::GLOBAL, Arity::ONE, WHY),
        Row::no_effect("LDAPReferralHopLimit", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::no_effect("LDAPReferrals", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::no_effect("LDAPRetries", Contexts::GLOBAL, Arity::ONE, WHY),
        Row::no_effect("LDAPRetryDelay", Contexts::GLOBAL, Arity::ONE, WHY),
        Row::no_effect("LDAPSharedCacheFile", Contexts::GLOBAL, Arity::ONE, WHY),
        Row::no_effect("LDAPSharedCacheSize", Contexts::GLOBAL, Arity::ONE, WHY),
        Row::no_effect("LDAPTimeout", Contexts::GLOBAL, Arity::ONE, WHY),
        Row::no_effect("LDAPTrustedClientCert", Contexts::AUTH_CONFIG, Arity::Between(2, 3), WHY),
        Row::no_effect("LDAPTrustedGlobalCert", Contexts::GLOBAL, Arity::Between(2, 3), WHY),
        Row::no_effect("LDAPTrustedMode", Contexts::SERVER, Arity::ONE, WHY),
        Row::no_effect("LDAPVerifyServerCert", Contexts::GLOBAL, Arity::Flag, WHY),
    ],
};
