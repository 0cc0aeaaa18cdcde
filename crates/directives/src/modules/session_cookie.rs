//! mod_session_cookie: sessions in a cookie.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate keeps no sessions; let the backend keep them";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_session_cookie",
    identifier: "session_cookie_module",
    file: "mod_session_cookie.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("SessionCookieName", Contexts::ANYWHERE, Arity::Raw, WHY),
        Row::refused("SessionCookieName2", Contexts::ANYWHERE, Arity::Raw, WHY),
        Row::refused("SessionCookieRemove", Contexts::ANYWHERE, Arity::Flag, WHY),
    ],
};
