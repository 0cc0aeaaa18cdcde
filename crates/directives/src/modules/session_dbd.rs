//! mod_session_dbd: sessions in an SQL database.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate keeps no sessions; let the backend keep them";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_session_dbd",
    identifier: "session_dbd_module",
    file: "mod_session_dbd.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("SessionDBDCookieName", Contexts::ANYWHERE, Arity::Raw, WHY),
        Row::refused("SessionDBDCookieName2", Contexts::ANYWHERE, Arity::Raw, WHY),
        Row::refused("SessionDBDCookieRemove", Contexts::ANYWHERE, Arity::Flag, WHY),
        Row::refused("SessionDBDDeleteLabel", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::refused("SessionDBDInsertLabel", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::refused("SessionDBDPerUser", Contexts::ANYWHERE, Arity::Flag, WHY),
        Row::refused("SessionDBDSelectLabel", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::refused("SessionDBDUpdateLabel", Contexts::ANYWHERE, Arity::ONE, WHY),
    ],
};
