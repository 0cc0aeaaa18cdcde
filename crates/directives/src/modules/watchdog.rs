//! mod_watchdog: background tasks of other modules.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_watchdog",
    identifier: "watchdog_module",
    file: "mod_watchdog.c",
    maker: Maker::HttpdStatic,
    implemented: false,
    rows: &[Row::no_effect("WatchdogInterval", Contexts::GLOBAL, Arity::ONE, "wsgate has no watchdog tasks")],
};
