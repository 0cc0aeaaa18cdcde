//! mod_mime_magic: types by a file's content.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_mime_magic",
    identifier: "mime_magic_module",
    file: "mod_mime_magic.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::no_effect(
        "MimeMagicFile",
        Contexts::SERVER,
        Arity::ONE,
        "types come from file names; a file with an unknown ending is sent without one",
    )],
};
