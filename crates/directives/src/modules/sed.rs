//! mod_sed: edits bodies by sed scripts.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate has no sed filter; use Substitute";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_sed",
    identifier: "sed_module",
    file: "mod_sed.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("InputSed", Contexts::SECTION, Arity::ONE, WHY),
        Row::refused("OutputSed", Contexts::SECTION, Arity::ONE, WHY),
    ],
};
