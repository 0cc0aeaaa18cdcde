//! mod_dav: WebDAV.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "only matters with Dav On, which is refused";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_dav",
    identifier: "dav_module",
    file: "mod_dav.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::only_off(
            "Dav",
            Contexts::SECTION,
            Arity::ONE,
            "wsgate is no WebDAV server; use ProxyPass to one",
        ),
        Row::no_effect("DavBasePath", Contexts::SECTION, Arity::ONE, WHY),
        Row::no_effect("DavDepthInfinity", Contexts::CONFIG, Arity::Flag, WHY),
        Row::no_effect("DavLockDiscovery", Contexts::CONFIG, Arity::Flag, WHY),
        Row::no_effect("DavMinTimeout", Contexts::CONFIG, Arity::ONE, WHY),
    ],
};
