//! mod_heartbeat: tells other proxies of this server's load.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_heartbeat",
    identifier: "heartbeat_module",
    file: "mod_heartbeat.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::refused(
        "HeartbeatAddress",
        Contexts::GLOBAL,
        Arity::ONE,
        "wsgate sends no heartbeats to other proxies",
    )],
};
