//! mod_authz_core: Require and how rules combine.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_authz_core",
    identifier: "authz_core_module",
    file: "mod_authz_core.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused(
            "<AuthzProviderAlias>",
            Contexts::GLOBAL,
            Arity::Block,
            "rules have no second names here; write the Require line itself",
        ),
        Row::refused("<RequireAll>", Contexts::ACCESS, Arity::Block, NOT_YET),
        Row::refused("<RequireAny>", Contexts::ACCESS, Arity::Block, NOT_YET),
        Row::refused("<RequireNone>", Contexts::ACCESS, Arity::Block, NOT_YET),
        Row::refused(
            "<RequireNotAll>",
            Contexts::ACCESS,
            Arity::Block,
            "httpd as it is commonly built does not know it; use <RequireNone> or Require not",
        ),
        Row::refused("AuthMerging", Contexts::ACCESS, Arity::ONE, NOT_YET),
        Row::refused("AuthzSendForbiddenOnFailure", Contexts::ACCESS, Arity::Flag, NOT_YET),
        Row::refused("Require", Contexts::ACCESS, Arity::Raw, NOT_YET),
    ],
};
