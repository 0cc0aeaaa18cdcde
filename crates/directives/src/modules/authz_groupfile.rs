//! mod_authz_groupfile: groups in a text file.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_authz_groupfile",
    identifier: "authz_groupfile_module",
    file: "mod_authz_groupfile.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[Row::refused("AuthGroupFile", Contexts::ACCESS, Arity::ONE, NOT_YET)],
};
