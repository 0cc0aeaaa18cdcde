//! mod_echo: an echo server instead of HTTP.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_echo",
    identifier: "echo_module",
    file: "mod_echo.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::only_off("ProtocolEcho", Contexts::SERVER, Arity::Flag, "wsgate speaks HTTP only")],
};
