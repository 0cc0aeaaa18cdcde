//! mod_allowmethods: the methods that may be used.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_allowmethods",
    identifier: "allowmethods_module",
    file: "mod_allowmethods.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[Row::refused("AllowMethods", Contexts::SECTION, Arity::Raw, NOT_YET)],
};
