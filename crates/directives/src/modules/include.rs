//! mod_include: server-side includes.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate does not process server-side includes; what would start them is refused by itself";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_include",
    identifier: "include_module",
    file: "mod_include.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect("SSIEndTag", Contexts::SERVER, Arity::ONE, WHY),
        Row::no_effect("SSIErrorMsg", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::no_effect("SSIETag", Contexts::LIMIT, Arity::Flag, WHY),
        Row::no_effect("SSILastModified", Contexts::LIMIT, Arity::Flag, WHY),
        Row::no_effect("SSILegacyExprParser", Contexts::LIMIT, Arity::Flag, WHY),
        Row::no_effect("SSIStartTag", Contexts::SERVER, Arity::ONE, WHY),
        Row::no_effect("SSITimeFormat", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::no_effect("SSIUndefinedEcho", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::only_off(
            "XBitHack",
            Contexts::OPTIONS,
            Arity::ONE,
            "wsgate does not process server-side includes",
        ),
    ],
};
