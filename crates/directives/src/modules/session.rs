//! mod_session: sessions of users.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate keeps no sessions; let the backend keep them";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_session",
    identifier: "session_module",
    file: "mod_session.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::only_off("Session", Contexts::SERVER_AUTH, Arity::Flag, WHY),
        Row::refused("SessionEnv", Contexts::SERVER_AUTH, Arity::Flag, WHY),
        Row::refused("SessionExclude", Contexts::SERVER_AUTH, Arity::ONE, WHY),
        Row::refused("SessionExpiryUpdateInterval", Contexts::SERVER_AUTH, Arity::ONE, WHY),
        Row::refused("SessionHeader", Contexts::SERVER_AUTH, Arity::ONE, WHY),
        Row::refused("SessionInclude", Contexts::SERVER_AUTH, Arity::ONE, WHY),
        Row::refused("SessionMaxAge", Contexts::SERVER_AUTH, Arity::ONE, WHY),
    ],
};
