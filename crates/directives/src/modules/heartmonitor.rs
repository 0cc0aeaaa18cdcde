//! mod_heartmonitor: listens for other servers' load.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate listens to no heartbeats; use lbmethod=bybusyness";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_heartmonitor",
    identifier: "heartmonitor_module",
    file: "mod_heartmonitor.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("HeartbeatListen", Contexts::GLOBAL, Arity::ONE, WHY),
        Row::refused("HeartbeatMaxServers", Contexts::GLOBAL, Arity::ONE, WHY),
        Row::refused("HeartbeatStorage", Contexts::GLOBAL, Arity::ONE, WHY),
    ],
};
