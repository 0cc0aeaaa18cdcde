//! mod_example_hooks: an example of every hook.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_example_hooks",
    identifier: "example_hooks_module",
    file: "mod_example_hooks.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::refused(
        "Example",
        Contexts::OPTIONS,
        Arity::Between(0, 0),
        "an example handler of httpd's sources",
    )],
};
