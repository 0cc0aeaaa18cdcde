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
        Row::refused("SessionCookieName", Contexts::SERVER_AUTH, Arity::Raw, WHY),
        Row::refused("SessionCookieName2", Contexts::SERVER_AUTH, Arity::Raw, WHY),
        Row::refused("SessionCookieRemove", Contexts::SERVER_AUTH, Arity::Flag, WHY),
    ],
};
