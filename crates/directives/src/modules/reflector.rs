//! mod_reflector: sends a request's body back through filters.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_reflector",
    identifier: "reflector_module",
    file: "mod_reflector.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::no_effect(
        "ReflectorHeader",
        Contexts::OPTIONS,
        Arity::Between(1, 2),
        "only matters for the handler reflector, which is refused",
    )],
};
