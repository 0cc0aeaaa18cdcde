//! mod_cern_meta: header fields in files beside the documents.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_cern_meta",
    identifier: "cern_meta_module",
    file: "mod_cern_meta.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect(
            "MetaDir",
            Contexts::INDEXES,
            Arity::ONE,
            "only matters with MetaFiles On, which is refused",
        ),
        Row::only_off(
            "MetaFiles",
            Contexts::INDEXES,
            Arity::Flag,
            "wsgate reads no header files beside documents; use Header",
        ),
        Row::no_effect(
            "MetaSuffix",
            Contexts::INDEXES,
            Arity::ONE,
            "only matters with MetaFiles On, which is refused",
        ),
    ],
};
