//! mod_dav_fs: WebDAV's files on disk.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_dav_fs",
    identifier: "dav_fs_module",
    file: "mod_dav_fs.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::no_effect(
        "DavLockDB",
        Contexts::SERVER,
        Arity::ONE,
        "only matters for the methods of WebDAV, which are not served",
    )],
};
