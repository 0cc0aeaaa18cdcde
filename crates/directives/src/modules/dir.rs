//! mod_dir: index files and slashes of folders.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_dir",
    identifier: "dir_module",
    file: "mod_dir.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused("DirectoryCheckHandler", Contexts::ANYWHERE, Arity::Flag, NOT_YET),
        Row::refused("DirectoryIndex", Contexts::ANYWHERE, Arity::Raw, NOT_YET),
        Row::refused("DirectoryIndexRedirect", Contexts::ANYWHERE, Arity::ONE, NOT_YET),
        Row::refused("DirectorySlash", Contexts::ANYWHERE, Arity::Flag, NOT_YET),
        Row::refused("FallbackResource", Contexts::ANYWHERE, Arity::ONE, NOT_YET),
    ],
};
