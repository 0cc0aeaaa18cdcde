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
        Row::refused("SessionDBDCookieName", Contexts::SERVER_AUTH, Arity::Raw, WHY),
        Row::refused("SessionDBDCookieName2", Contexts::SERVER_AUTH, Arity::Raw, WHY),
        Row::refused("SessionDBDCookieRemove", Contexts::SERVER_AUTH, Arity::Flag, WHY),
        Row::refused("SessionDBDDeleteLabel", Contexts::SERVER_AUTH, Arity::ONE, WHY),
        Row::refused("SessionDBDInsertLabel", Contexts::SERVER_AUTH, Arity::ONE, WHY),
        Row::refused("SessionDBDPerUser", Contexts::SERVER_AUTH, Arity::Flag, WHY),
        Row::refused("SessionDBDSelectLabel", Contexts::SERVER_AUTH, Arity::ONE, WHY),
        Row::refused("SessionDBDUpdateLabel", Contexts::SERVER_AUTH, Arity::ONE, WHY),
    ],
};
