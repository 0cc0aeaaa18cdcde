//! mod_lbmethod_heartbeat: balances by heartbeats.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_lbmethod_heartbeat",
    identifier: "lbmethod_heartbeat_module",
    file: "mod_lbmethod_heartbeat.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::refused(
        "HeartbeatStorage",
        Contexts::GLOBAL,
        Arity::ONE,
        "wsgate listens to no heartbeats; use lbmethod=bybusyness",
    )],
};
