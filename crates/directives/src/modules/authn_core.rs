//! mod_authn_core: the kind and name of an authentication.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_authn_core",
    identifier: "authn_core_module",
    file: "mod_authn_core.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused(
            "<AuthnProviderAlias>",
            Contexts::GLOBAL,
            Arity::Block,
            "providers have no second names here; name the provider itself in AuthBasicProvider",
        ),
        Row::refused("AuthName", Contexts::ACCESS, Arity::ONE, NOT_YET),
        Row::refused("AuthType", Contexts::ACCESS, Arity::ONE, NOT_YET),
    ],
};
