//! mod_autoindex: listings of folders.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate makes no listings of folders";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_autoindex",
    identifier: "autoindex_module",
    file: "mod_autoindex.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::no_effect("AddAlt", Contexts::INDEXES, Arity::Between(2, u8::MAX), WHY),
        Row::no_effect("AddAltByEncoding", Contexts::INDEXES, Arity::Between(2, u8::MAX), WHY),
        Row::no_effect("AddAltByType", Contexts::INDEXES, Arity::Between(2, u8::MAX), WHY),
        Row::no_effect("AddDescription", Contexts::INDEXES, Arity::Between(2, u8::MAX), WHY),
        Row::no_effect("AddIcon", Contexts::INDEXES, Arity::Between(2, u8::MAX), WHY),
        Row::no_effect("AddIconByEncoding", Contexts::INDEXES, Arity::Between(2, u8::MAX), WHY),
        Row::no_effect("AddIconByType", Contexts::INDEXES, Arity::Between(2, u8::MAX), WHY),
        Row::no_effect("DefaultIcon", Contexts::INDEXES, Arity::ONE, WHY),
        Row::no_effect("FancyIndexing", Contexts::ANYWHERE, Arity::Raw, WHY),
        Row::no_effect("HeaderName", Contexts::INDEXES, Arity::ONE, WHY),
        Row::no_effect("IndexHeadInsert", Contexts::INDEXES, Arity::ONE, WHY),
        Row::no_effect("IndexIgnore", Contexts::INDEXES, Arity::Many, WHY),
        Row::no_effect("IndexIgnoreReset", Contexts::INDEXES, Arity::Flag, WHY),
        Row::no_effect("IndexOptions", Contexts::INDEXES, Arity::Raw, WHY),
        Row::no_effect("IndexOrderDefault", Contexts::INDEXES, Arity::Between(2, 2), WHY),
        Row::no_effect("IndexStyleSheet", Contexts::INDEXES, Arity::ONE, WHY),
        Row::no_effect("ReadmeName", Contexts::INDEXES, Arity::ONE, WHY),
    ],
};
