//! mod_log_debug: log messages for debugging a configuration.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_log_debug",
    identifier: "log_debug_module",
    file: "mod_log_debug.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::no_effect(
        "LogMessage",
        Contexts::CONFIG,
        Arity::Between(1, 3),
        "writes to httpd's error log only; use CustomLog",
    )],
};
