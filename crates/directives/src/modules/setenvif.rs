//! mod_setenvif: environment variables by the request.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_setenvif",
    identifier: "setenvif_module",
    file: "mod_setenvif.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused("BrowserMatch", Contexts::ANYWHERE, Arity::Raw, NOT_YET),
        Row::refused("BrowserMatchNoCase", Contexts::ANYWHERE, Arity::Raw, NOT_YET),
        Row::refused("SetEnvIf", Contexts::ANYWHERE, Arity::Raw, NOT_YET),
        Row::refused("SetEnvIfExpr", Contexts::ANYWHERE, Arity::Raw, NOT_YET),
        Row::refused("SetEnvIfNoCase", Contexts::ANYWHERE, Arity::Raw, NOT_YET),
    ],
};
