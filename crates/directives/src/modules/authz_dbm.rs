//! mod_authz_dbm: groups in a DBM file.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate reads no DBM files; export the groups to an AuthGroupFile";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_authz_dbm",
    identifier: "authz_dbm_module",
    file: "mod_authz_dbm.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("AuthDBMGroupFile", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthzDBMType", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
    ],
};
