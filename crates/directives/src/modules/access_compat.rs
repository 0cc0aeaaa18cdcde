//! mod_access_compat: Order, Allow and Deny of httpd 2.2.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_access_compat",
    identifier: "access_compat_module",
    file: "mod_access_compat.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused("Allow", Contexts::ACCESS, Arity::Between(2, u8::MAX), NOT_YET),
        Row::refused("Deny", Contexts::ACCESS, Arity::Between(2, u8::MAX), NOT_YET),
        Row::refused("Order", Contexts::ACCESS, Arity::ONE, NOT_YET),
        Row::refused("Satisfy", Contexts::ACCESS, Arity::ONE, NOT_YET),
    ],
};
