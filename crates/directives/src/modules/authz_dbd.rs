//! mod_authz_dbd: groups in an SQL database.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate asks no SQL database; export the groups to an AuthGroupFile";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_authz_dbd",
    identifier: "authz_dbd_module",
    file: "mod_authz_dbd.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("AuthzDBDLoginToReferer", Contexts::SECTION, Arity::Flag, WHY),
        Row::refused("AuthzDBDQuery", Contexts::SECTION, Arity::ONE, WHY),
        Row::refused("AuthzDBDRedirectQuery", Contexts::SECTION, Arity::ONE, WHY),
    ],
};
