//! mod_speling: guesses misspelt names.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_speling",
    identifier: "speling_module",
    file: "mod_speling.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect(
            "CheckBasenameMatch",
            Contexts::OPTIONS,
            Arity::Flag,
            "only matters with CheckSpelling On, which is refused",
        ),
        Row::no_effect(
            "CheckCaseOnly",
            Contexts::OPTIONS,
            Arity::Flag,
            "only matters with CheckSpelling On, which is refused",
        ),
        Row::only_off(
            "CheckSpelling",
            Contexts::OPTIONS,
            Arity::Flag,
            "wsgate does not guess misspelt names",
        ),
    ],
};
