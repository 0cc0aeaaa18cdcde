//! mod_authn_file: passwords in a text file.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_authn_file",
    identifier: "authn_file_module",
    file: "mod_authn_file.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[Row::refused("AuthUserFile", Contexts::ACCESS, Arity::ONE, NOT_YET)],
};
