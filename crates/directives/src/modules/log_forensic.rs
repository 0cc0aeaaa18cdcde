//! mod_log_forensic: a line before and behind each request.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_log_forensic",
    identifier: "log_forensic_module",
    file: "mod_log_forensic.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::refused(
        "ForensicLog",
        Contexts::SERVER,
        Arity::ONE,
        "wsgate keeps no forensic log; use CustomLog",
    )],
};
