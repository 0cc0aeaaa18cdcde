//! mod_alias: maps paths to folders and redirects.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_alias",
    identifier: "alias_module",
    file: "mod_alias.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused(
            "Alias",
            Contexts::SERVER.or(Contexts::LOCATION).or(Contexts::PROXY),
            Arity::Between(1, 2),
            NOT_YET,
        ),
        Row::refused("AliasMatch", Contexts::SERVER, Arity::Between(2, 2), NOT_YET),
        Row::refused("AliasPreservePath", Contexts::ANYWHERE, Arity::Flag, NOT_YET),
        Row::refused("Redirect", Contexts::ANYWHERE, Arity::Between(1, 3), NOT_YET),
        Row::refused("RedirectMatch", Contexts::ANYWHERE, Arity::Between(2, 3), NOT_YET),
        Row::refused("RedirectPermanent", Contexts::ANYWHERE, Arity::Between(2, 2), NOT_YET),
        Row::refused("RedirectRelative", Contexts::ANYWHERE, Arity::Flag, NOT_YET),
        Row::refused("RedirectTemp", Contexts::ANYWHERE, Arity::Between(2, 2), NOT_YET),
        Row::refused(
            "ScriptAlias",
            Contexts::SERVER.or(Contexts::LOCATION).or(Contexts::PROXY),
            Arity::Between(1, 2),
            "wsgate runs no scripts; let an application server do it and use ProxyPass",
        ),
        Row::refused(
            "ScriptAliasMatch",
            Contexts::SERVER,
            Arity::Between(2, 2),
            "wsgate runs no scripts; let an application server do it and use ProxyPassMatch",
        ),
    ],
};
