//! mod_proxy_express: backends by host name from a DBM file.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_proxy_express",
    identifier: "proxy_express_module",
    file: "mod_proxy_express.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect(
            "ProxyExpressDBMFile",
            Contexts::FILE_INFO,
            Arity::ONE,
            "only matters with ProxyExpressEnable On, which is refused",
        ),
        Row::no_effect(
            "ProxyExpressDBMType",
            Contexts::FILE_INFO,
            Arity::ONE,
            "only matters with ProxyExpressEnable On, which is refused",
        ),
        Row::only_off(
            "ProxyExpressEnable",
            Contexts::FILE_INFO,
            Arity::Flag,
            "wsgate reads no DBM files; write a ProxyPass for each host",
        ),
    ],
};
