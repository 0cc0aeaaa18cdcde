//! mod_filter: chains of filters chosen by the answer.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate builds no filter chains of its own; use AddOutputFilterByType or SetOutputFilter";
const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_filter",
    identifier: "filter_module",
    file: "mod_filter.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused("AddOutputFilterByType", Contexts::ANYWHERE, Arity::Raw, NOT_YET),
        Row::refused("FilterChain", Contexts::ANYWHERE, Arity::Many, WHY),
        Row::refused("FilterDeclare", Contexts::ANYWHERE, Arity::Between(1, 2), WHY),
        Row::refused("FilterProtocol", Contexts::ANYWHERE, Arity::Between(2, 3), WHY),
        Row::refused("FilterProvider", Contexts::ANYWHERE, Arity::Between(3, 3), WHY),
        Row::no_effect(
            "FilterTrace",
            Contexts::CONFIG,
            Arity::Between(2, 2),
            "traces filter chains into the error log only",
        ),
    ],
};
