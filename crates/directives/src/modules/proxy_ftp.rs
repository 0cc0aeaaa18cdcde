//! mod_proxy_ftp: FTP through a forward proxy.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate speaks no FTP; ftp:// backends are refused by themselves";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_proxy_ftp",
    identifier: "proxy_ftp_module",
    file: "mod_proxy_ftp.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect("ProxyFtpDirCharset", Contexts::CONFIG, Arity::ONE, WHY),
        Row::no_effect("ProxyFtpEscapeWildcards", Contexts::CONFIG, Arity::Flag, WHY),
        Row::no_effect("ProxyFtpListOnWildcard", Contexts::CONFIG, Arity::Flag, WHY),
    ],
};
