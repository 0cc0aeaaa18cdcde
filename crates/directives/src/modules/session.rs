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
        Row::only_off("Session", Contexts::ANYWHERE, Arity::Flag, WHY),
        Row::refused("SessionEnv", Contexts::ANYWHERE, Arity::Flag, WHY),
        Row::refused("SessionExclude", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::refused("SessionExpiryUpdateInterval", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::refused("SessionHeader", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::refused("SessionInclude", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::refused("SessionMaxAge", Contexts::ANYWHERE, Arity::ONE, WHY),
    ],
};
