//! mod_ident: asks the client's machine for the user's name.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_ident",
    identifier: "ident_module",
    file: "mod_ident.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::only_off(
            "IdentityCheck",
            Contexts::CONFIG,
            Arity::Flag,
            "clients are not asked for an identity (RFC 1413)",
        ),
        Row::no_effect(
            "IdentityCheckTimeout",
            Contexts::CONFIG,
            Arity::ONE,
            "only matters with IdentityCheck On, which is refused",
        ),
    ],
};
