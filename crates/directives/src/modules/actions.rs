//! mod_actions: scripts that handle a media type or a method.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_actions",
    identifier: "actions_module",
    file: "mod_actions.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused(
            "Action",
            Contexts::FILE_INFO,
            Arity::Between(2, 3),
            "wsgate runs no scripts; let an application server do it and use ProxyPass",
        ),
        Row::refused(
            "Script",
            Contexts::CONFIG,
            Arity::Between(2, 2),
            "wsgate runs no scripts; let an application server do it and use ProxyPass",
        ),
    ],
};
