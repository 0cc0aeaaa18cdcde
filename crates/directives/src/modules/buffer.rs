//! mod_buffer: collects bodies before they go on.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_buffer",
    identifier: "buffer_module",
    file: "mod_buffer.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::no_effect(
        "BufferSize",
        Contexts::SECTION,
        Arity::ONE,
        "buffering does not change an answer, and wsgate passes data on at once",
    )],
};
