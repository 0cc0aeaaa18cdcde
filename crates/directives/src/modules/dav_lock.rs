//! mod_dav_lock: WebDAV's generic locks.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_dav_lock",
    identifier: "dav_lock_module",
    file: "mod_dav_lock.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::no_effect(
        "DavGenericLockDB",
        Contexts::SECTION,
        Arity::ONE,
        "only matters for the methods of WebDAV, which are not served",
    )],
};
