//! mod_case_filter_in: an example of an input filter.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_case_filter_in",
    identifier: "case_filter_in_module",
    file: "mod_case_filter_in.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::only_off(
        "CaseFilterIn",
        Contexts::SERVER,
        Arity::Flag,
        "an example filter of httpd's sources; wsgate does not change letters",
    )],
};
