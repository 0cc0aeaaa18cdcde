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
        Row::no_effect("CookieDomain", Contexts::FILE_INFO, Arity::ONE, WHY),
        Row::no_effect("CookieExpires", Contexts::FILE_INFO, Arity::ONE, WHY),
        Row::no_effect("CookieHTTPOnly", Contexts::FILE_INFO, Arity::Flag, WHY),
        Row::no_effect("CookieName", Contexts::FILE_INFO, Arity::ONE, WHY),
        Row::no_effect("CookieSameSite", Contexts::FILE_INFO, Arity::ONE, WHY),
        Row::no_effect("CookieSecure", Contexts::FILE_INFO, Arity::Flag, WHY),
        Row::no_effect("CookieStyle", Contexts::FILE_INFO, Arity::ONE, WHY),
        Row::only_off(
            "CookieTracking",
            Contexts::FILE_INFO,
            Arity::Flag,
            "wsgate sets no tracking cookies; use Header set Set-Cookie",
        ),
    ],
};
