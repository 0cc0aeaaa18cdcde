//! mod_authn_dbd: passwords in an SQL database.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate asks no SQL database; export the users to an AuthUserFile";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_authn_dbd",
    identifier: "authn_dbd_module",
    file: "mod_authn_dbd.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("AuthDBDUserPWQuery", Contexts::SECTION, Arity::ONE, WHY),
        Row::refused("AuthDBDUserRealmQuery", Contexts::SECTION, Arity::ONE, WHY),
    ],
};
