//! mod_reqtimeout: how long a request may take to arrive.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_reqtimeout",
    identifier: "reqtimeout_module",
    file: "mod_reqtimeout.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[Row::refused("RequestReadTimeout", Contexts::SERVER, Arity::Raw, NOT_YET)],
};
