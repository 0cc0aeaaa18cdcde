//! mod_dialup: answers at the speed of a modem.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_dialup",
    identifier: "dialup_module",
    file: "mod_dialup.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::refused(
        "ModemStandard",
        Contexts::SECTION,
        Arity::ONE,
        "wsgate imitates no modems; mod_ratelimit slows answers down",
    )],
};
