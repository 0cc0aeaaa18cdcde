//! mod_imagemap: image maps on the server.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate serves no server-side image maps; the handler imap-file is refused by itself";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_imagemap",
    identifier: "imagemap_module",
    file: "mod_imagemap.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect("ImapBase", Contexts::INDEXES, Arity::ONE, WHY),
        Row::no_effect("ImapDefault", Contexts::INDEXES, Arity::ONE, WHY),
        Row::no_effect("ImapMenu", Contexts::INDEXES, Arity::ONE, WHY),
    ],
};
