//! mod_auth_basic: Basic authentication.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_auth_basic",
    identifier: "auth_basic_module",
    file: "mod_auth_basic.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused("AuthBasicAuthoritative", Contexts::ACCESS, Arity::Flag, NOT_YET),
        Row::refused(
            "AuthBasicFake",
            Contexts::ACCESS,
            Arity::Between(1, 2),
            "wsgate invents no credentials; use RequestHeader set Authorization",
        ),
        Row::refused("AuthBasicProvider", Contexts::ACCESS, Arity::Many, NOT_YET),
        Row::refused(
            "AuthBasicUseDigestAlgorithm",
            Contexts::ACCESS,
            Arity::ONE,
            "wsgate reads no Digest password hashes; use an AuthUserFile of htpasswd",
        ),
    ],
};
