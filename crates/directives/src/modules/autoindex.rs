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
        Row::no_effect("AddAlt", Contexts::ANYWHERE, Arity::Between(2, u8::MAX), WHY),
        Row::no_effect("AddAltByEncoding", Contexts::ANYWHERE, Arity::Between(2, u8::MAX), WHY),
        Row::no_effect("AddAltByType", Contexts::ANYWHERE, Arity::Between(2, u8::MAX), WHY),
        Row::no_effect("AddDescription", Contexts::ANYWHERE, Arity::Between(2, u8::MAX), WHY),
        Row::no_effect("AddIcon", Contexts::ANYWHERE, Arity::Between(2, u8::MAX), WHY),
        Row::no_effect("AddIconByEncoding", Contexts::ANYWHERE, Arity::Between(2, u8::MAX), WHY),
        Row::no_effect("AddIconByType", Contexts::ANYWHERE, Arity::Between(2, u8::MAX), WHY),
        Row::no_effect("DefaultIcon", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::no_effect("FancyIndexing", Contexts::ANYWHERE, Arity::Raw, WHY),
        Row::no_effect("HeaderName", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::no_effect("IndexHeadInsert", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::no_effect("IndexIgnore", Contexts::ANYWHERE, Arity::Many, WHY),
        Row::no_effect("IndexIgnoreReset", Contexts::ANYWHERE, Arity::Flag, WHY),
        Row::no_effect("IndexOptions", Contexts::ANYWHERE, Arity::Raw, WHY),
        Row::no_effect("IndexOrderDefault", Contexts::ANYWHERE, Arity::Between(2, 2), WHY),
        Row::no_effect("IndexStyleSheet", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::no_effect("ReadmeName", Contexts::ANYWHERE, Arity::ONE, WHY),
    ],
};
