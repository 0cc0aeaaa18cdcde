//! mod_case_filter: an example of an output filter.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_case_filter",
    identifier: "case_filter_module",
    file: "mod_case_filter.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::only_off(
        "CaseFilter",
        Contexts::SERVER,
        Arity::Flag,
        "an example filter of httpd's sources; wsgate does not change letters",
    )],
};
