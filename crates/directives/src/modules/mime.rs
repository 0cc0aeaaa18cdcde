//! mod_mime: types by file names.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_mime",
    identifier: "mime_module",
    file: "mod_mime.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused("AddCharset", Contexts::ANYWHERE, Arity::Between(2, u8::MAX), NOT_YET),
        Row::refused("AddEncoding", Contexts::ANYWHERE, Arity::Between(2, u8::MAX), NOT_YET),
        Row::refused("AddHandler", Contexts::ANYWHERE, Arity::Between(2, u8::MAX), NOT_YET),
        Row::refused("AddInputFilter", Contexts::ANYWHERE, Arity::Between(2, u8::MAX), NOT_YET),
        Row::refused("AddLanguage", Contexts::ANYWHERE, Arity::Between(2, u8::MAX), NOT_YET),
        Row::refused("AddOutputFilter", Contexts::ANYWHERE, Arity::Between(2, u8::MAX), NOT_YET),
        Row::refused("AddType", Contexts::ANYWHERE, Arity::Between(2, u8::MAX), NOT_YET),
        Row::refused("DefaultLanguage", Contexts::ANYWHERE, Arity::ONE, NOT_YET),
        Row::refused(
            "ModMimeUsePathInfo",
            Contexts::SECTION,
            Arity::Flag,
            "a file's type comes from its name only, never from what follows it in the URL",
        ),
        Row::no_effect(
            "MultiviewsMatch",
            Contexts::SERVER
                .or(Contexts::DIRECTORY)
                .or(Contexts::FILES)
                .or(Contexts::IF)
                .or(Contexts::PROXY)
                .or(Contexts::HTACCESS),
            Arity::Many,
            "wsgate does not choose among variants of a file",
        ),
        Row::refused("RemoveCharset", Contexts::ANYWHERE, Arity::Many, NOT_YET),
        Row::refused("RemoveEncoding", Contexts::ANYWHERE, Arity::Many, NOT_YET),
        Row::refused("RemoveHandler", Contexts::ANYWHERE, Arity::Many, NOT_YET),
        Row::refused("RemoveInputFilter", Contexts::ANYWHERE, Arity::Many, NOT_YET),
        Row::refused("RemoveLanguage", Contexts::ANYWHERE, Arity::Many, NOT_YET),
        Row::refused("RemoveOutputFilter", Contexts::ANYWHERE, Arity::Many, NOT_YET),
        Row::refused("RemoveType", Contexts::ANYWHERE, Arity::Many, NOT_YET),
        Row::refused("TypesConfig", Contexts::SERVER, Arity::ONE, NOT_YET),
    ],
};
