//! mod_logio: counts bytes for access logs.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_logio",
    identifier: "logio_module",
    file: "mod_logio.c",
    maker: Maker::HttpdStatic,
    implemented: true,
    rows: &[Row::refused("LogIOTrackTTFB", Contexts::ANYWHERE, Arity::Flag, NOT_YET)],
};
