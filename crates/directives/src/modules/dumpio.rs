//! mod_dumpio: traffic in the error log.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_dumpio",
    identifier: "dumpio_module",
    file: "mod_dumpio.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect(
            "DumpIOInput",
            Contexts::SERVER,
            Arity::Flag,
            "traffic is not dumped into the error log; use tcpdump, or LogLevel trace",
        ),
        Row::no_effect(
            "DumpIOOutput",
            Contexts::SERVER,
            Arity::Flag,
            "traffic is not dumped into the error log; use tcpdump, or LogLevel trace",
        ),
    ],
};
