//! mod_authn_dbm: passwords in a DBM file.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate reads no DBM files; export the users to an AuthUserFile";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_authn_dbm",
    identifier: "authn_dbm_module",
    file: "mod_authn_dbm.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("AuthDBMType", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthDBMUserFile", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
    ],
};
