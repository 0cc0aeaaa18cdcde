//! mod_log_config: access logs.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_log_config",
    identifier: "log_config_module",
    file: "mod_log_config.c",
    maker: Maker::HttpdStatic,
    implemented: true,
    rows: &[
        Row::no_effect(
            "BufferedLogs",
            Contexts::SERVER,
            Arity::Flag,
            "log lines are written by a thread of their own, which collects them by itself",
        ),
        Row::refused("CustomLog", Contexts::SERVER, Arity::Between(2, 3), NOT_YET),
        Row::refused("GlobalLog", Contexts::GLOBAL, Arity::Between(2, 3), NOT_YET),
        Row::refused("LogFormat", Contexts::SERVER, Arity::Between(1, 2), NOT_YET),
        Row::refused("TransferLog", Contexts::SERVER, Arity::ONE, NOT_YET),
    ],
};
