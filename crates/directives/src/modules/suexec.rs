//! mod_suexec: which user scripts run as.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_suexec",
    identifier: "suexec_module",
    file: "mod_suexec.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::no_effect(
        "SuexecUserGroup",
        Contexts::SERVER,
        Arity::Between(2, 2),
        "wsgate runs no scripts, so there is no user to run them as",
    )],
};
