//! mod_auth_digest: Digest authentication.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate has no Digest authentication; use AuthType Basic over TLS";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_auth_digest",
    identifier: "auth_digest_module",
    file: "mod_auth_digest.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("AuthDigestAlgorithm", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthDigestDomain", Contexts::AUTH_CONFIG, Arity::Many, WHY),
        Row::refused("AuthDigestNcCheck", Contexts::AUTH_CONFIG, Arity::Flag, WHY),
        Row::refused("AuthDigestNonceFormat", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthDigestNonceLifetime", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthDigestProvider", Contexts::AUTH_CONFIG, Arity::Many, WHY),
        Row::refused("AuthDigestQop", Contexts::AUTH_CONFIG, Arity::Many, WHY),
        Row::refused("AuthDigestShmemSize", Contexts::SERVER, Arity::ONE, WHY),
    ],
};
