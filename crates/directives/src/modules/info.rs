//! mod_info: a page with the server's configuration.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_info",
    identifier: "info_module",
    file: "mod_info.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::no_effect(
        "AddModuleInfo",
        Contexts::SERVER,
        Arity::Between(2, 2),
        "adds to mod_info's page only",
    )],
};
