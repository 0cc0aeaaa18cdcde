//! mod_cgid: scripts, started by a helper process.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate runs no scripts; what would start one is refused by itself";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_cgid",
    identifier: "cgid_module",
    file: "mod_cgid.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect("CGIDScriptTimeout", Contexts::CONFIG, Arity::ONE, WHY),
        Row::no_effect("ScriptLog", Contexts::SERVER, Arity::ONE, WHY),
        Row::no_effect("ScriptLogBuffer", Contexts::SERVER, Arity::ONE, WHY),
        Row::no_effect("ScriptLogLength", Contexts::SERVER, Arity::ONE, WHY),
        Row::no_effect("ScriptSock", Contexts::GLOBAL, Arity::ONE, WHY),
    ],
};
