//! mod_authn_anon: guests that are let in without a password.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_authn_anon",
    identifier: "authn_anon_module",
    file: "mod_authn_anon.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused("Anonymous", Contexts::ACCESS, Arity::Many, NOT_YET),
        Row::refused("Anonymous_LogEmail", Contexts::ACCESS, Arity::Flag, NOT_YET),
        Row::refused("Anonymous_MustGiveEmail", Contexts::ACCESS, Arity::Flag, NOT_YET),
        Row::refused("Anonymous_NoUserID", Contexts::ACCESS, Arity::Flag, NOT_YET),
        Row::refused("Anonymous_VerifyEmail", Contexts::ACCESS, Arity::Flag, NOT_YET),
    ],
};
