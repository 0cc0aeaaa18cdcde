//! mod_dbd: connections to SQL databases, for other modules.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate opens no SQL connections; directives that need one are refused by themselves";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_dbd",
    identifier: "dbd_module",
    file: "mod_dbd.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect("DBDExptime", Contexts::SERVER, Arity::ONE, WHY),
        Row::no_effect("DBDInitSQL", Contexts::SERVER, Arity::ONE, WHY),
        Row::no_effect("DBDKeep", Contexts::SERVER, Arity::ONE, WHY),
        Row::no_effect("DBDMax", Contexts::SERVER, Arity::ONE, WHY),
        Row::no_effect("DBDMin", Contexts::SERVER, Arity::ONE, WHY),
        Row::no_effect("DBDParams", Contexts::SERVER, Arity::ONE, WHY),
        Row::no_effect("DBDPersist", Contexts::SERVER, Arity::Flag, WHY),
        Row::no_effect("DBDPrepareSQL", Contexts::SERVER, Arity::Between(1, 2), WHY),
        Row::no_effect("DBDriver", Contexts::SERVER, Arity::ONE, WHY),
    ],
};
