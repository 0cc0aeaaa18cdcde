//! mod_usertrack: cookies that track users.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "only matters with CookieTracking On, which is refused";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_usertrack",
    identifier: "usertrack_module",
    file: "mod_usertrack.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect("CookieDomain", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::no_effect("CookieExpires", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::no_effect("CookieHTTPOnly", Contexts::ANYWHERE, Arity::Flag, WHY),
        Row::no_effect("CookieName", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::no_effect("CookieSameSite", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::no_effect("CookieSecure", Contexts::ANYWHERE, Arity::Flag, WHY),
        Row::no_effect("CookieStyle", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::only_off(
            "CookieTracking",
            Contexts::ANYWHERE,
            Arity::Flag,
            "wsgate sets no tracking cookies; use Header set Set-Cookie",
        ),
    ],
};
