//! mod_negotiation: variants of a file by language, type and encoding.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate does not choose among variants of a file";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_negotiation",
    identifier: "negotiation_module",
    file: "mod_negotiation.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect("CacheNegotiatedDocs", Contexts::SERVER, Arity::Flag, WHY),
        Row::no_effect("ForceLanguagePriority", Contexts::FILE_INFO, Arity::Many, WHY),
        Row::no_effect("LanguagePriority", Contexts::FILE_INFO, Arity::Many, WHY),
    ],
};
