//! mod_xml2enc: character sets of pages for filters.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "only matters for the filter xml2enc, which is refused";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_xml2enc",
    identifier: "xml2enc_module",
    file: "mod_xml2enc.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect("xml2EncAlias", Contexts::GLOBAL, Arity::Between(2, u8::MAX), WHY),
        Row::no_effect("xml2EncDefault", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::no_effect("xml2StartParse", Contexts::ANYWHERE, Arity::Many, WHY),
    ],
};
