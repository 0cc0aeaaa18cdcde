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
        Row::refused("AuthLDAPAuthorizePrefix", Contexts::ACCESS, Arity::ONE, WHY),
        Row::refused("AuthLDAPBindAuthoritative", Contexts::ACCESS, Arity::Flag, WHY),
        Row::refused("AuthLDAPBindDN", Contexts::ACCESS, Arity::ONE, WHY),
        Row::refused("AuthLDAPBindPassword", Contexts::ACCESS, Arity::ONE, WHY),
        Row::refused("AuthLDAPCharsetConfig", Contexts::SERVER, Arity::ONE, WHY),
        Row::refused("AuthLDAPCompareAsUser", Contexts::ACCESS, Arity::Flag, WHY),
        Row::refused("AuthLDAPCompareDNOnServer", Contexts::ACCESS, Arity::Flag, WHY),
        Row::refused("AuthLDAPDereferenceAliases", Contexts::ACCESS, Arity::ONE, WHY),
        Row::refused("AuthLDAPGroupAttribute", Contexts::ACCESS, Arity::Many, WHY),
        Row::refused("AuthLDAPGroupAttributeIsDN", Contexts::ACCESS, Arity::Flag, WHY),
        Row::refused("AuthLDAPInitialBindAsUser", Contexts::ACCESS, Arity::Flag, WHY),
        Row::refused("AuthLDAPInitialBindPattern", Contexts::ACCESS, Arity::Between(2, 2), WHY),
        Row::refused("AuthLDAPMaxSubGroupDepth", Contexts::ACCESS, Arity::ONE, WHY),
        Row::refused("AuthLDAPRemoteUserAttribute", Contexts::ACCESS, Arity::ONE, WHY),
        Row::refused("AuthLDAPRemoteUserIsDN", Contexts::ACCESS, Arity::Flag, WHY),
        Row::refused("AuthLDAPSearchAsUser", Contexts::ACCESS, Arity::Flag, WHY),
        Row::refused("AuthLDAPSubGroupAttribute", Contexts::ACCESS, Arity::Many, WHY),
        Row::refused("AuthLDAPSubGroupClass", Contexts::ACCESS, Arity::Many, WHY),
        Row::refused("AuthLDAPURL", Contexts::ACCESS, Arity::Between(1, 2), WHY),
    ],
};
