//! mod_charset_lite: conversion of character sets.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str =
    "wsgate converts no character sets; store the files in the charset that is wanted and use AddCharset";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_charset_lite",
    identifier: "charset_lite_module",
    file: "mod_charset_lite.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("CharsetDefault", Contexts::FILE_INFO, Arity::ONE, WHY),
        Row::no_effect(
            "CharsetOptions",
            Contexts::FILE_INFO,
            Arity::Many,
            "only matters with CharsetSourceEnc, which is refused",
        ),
        Row::refused("CharsetSourceEnc", Contexts::FILE_INFO, Arity::ONE, WHY),
    ],
};
