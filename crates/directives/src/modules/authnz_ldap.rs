//! mod_authnz_ldap: users and groups in an LDAP directory.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str =
    "wsgate asks no LDAP directory; use AuthType Basic with an AuthUserFile, or let the backend decide";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_authnz_ldap",
    identifier: "authnz_ldap_module",
    file: "mod_authnz_ldap.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("AuthLDAPAuthorizePrefix", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthLDAPBindAuthoritative", Contexts::AUTH_CONFIG, Arity::Flag, WHY),
        Row::refused("AuthLDAPBindDN", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthLDAPBindPassword", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthLDAPCharsetConfig", Contexts::SERVER, Arity::ONE, WHY),
        Row::refused("AuthLDAPCompareAsUser", Contexts::AUTH_CONFIG, Arity::Flag, WHY),
        Row::refused("AuthLDAPCompareDNOnServer", Contexts::AUTH_CONFIG, Arity::Flag, WHY),
        Row::refused("AuthLDAPDereferenceAliases", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthLDAPGroupAttribute", Contexts::AUTH_CONFIG, Arity::Many, WHY),
        Row::refused("AuthLDAPGroupAttributeIsDN", Contexts::AUTH_CONFIG, Arity::Flag, WHY),
        Row::refused("AuthLDAPInitialBindAsUser", Contexts::AUTH_CONFIG, Arity::Flag, WHY),
        Row::refused("AuthLDAPInitialBindPattern", Contexts::AUTH_CONFIG, Arity::Between(2, 2), WHY),
        Row::refused("AuthLDAPMaxSubGroupDepth", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthLDAPRemoteUserAttribute", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthLDAPRemoteUserIsDN", Contexts::AUTH_CONFIG, Arity::Flag, WHY),
        Row::refused("AuthLDAPSearchAsUser", Contexts::AUTH_CONFIG, Arity::Flag, WHY),
        Row::refused("AuthLDAPSubGroupAttribute", Contexts::AUTH_CONFIG, Arity::Many, WHY),
        Row::refused("AuthLDAPSubGroupClass", Contexts::AUTH_CONFIG, Arity::Many, WHY),
        Row::refused("AuthLDAPURL", Contexts::AUTH_CONFIG, Arity::Between(1, 2), WHY),
    ],
};
