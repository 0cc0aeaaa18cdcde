//! mod_substitute: replaces text in answers.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_substitute",
    identifier: "substitute_module",
    file: "mod_substitute.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused("Substitute", Contexts::FILE_INFO, Arity::ONE, NOT_YET),
        Row::refused("SubstituteInheritBefore", Contexts::FILE_INFO, Arity::Flag, NOT_YET),
        Row::refused("SubstituteMaxLineLength", Contexts::FILE_INFO, Arity::ONE, NOT_YET),
    ],
};
