//! mod_ext_filter: programs as filters.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_ext_filter",
    identifier: "ext_filter_module",
    file: "mod_ext_filter.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused(
            "ExtFilterDefine",
            Contexts::SERVER,
            Arity::Raw,
            "wsgate runs no external programs on answers; filter in the backend",
        ),
        Row::no_effect(
            "ExtFilterOptions",
            Contexts::SECTION,
            Arity::Many,
            "only matters with a filter of ExtFilterDefine, which is refused",
        ),
    ],
};
