//! mod_session_crypto: encrypted sessions.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate keeps no sessions; let the backend keep them";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_session_crypto",
    identifier: "session_crypto_module",
    file: "mod_session_crypto.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("SessionCryptoCipher", Contexts::SERVER_AUTH, Arity::ONE, WHY),
        Row::refused("SessionCryptoDriver", Contexts::GLOBAL, Arity::Raw, WHY),
        Row::refused("SessionCryptoPassphrase", Contexts::SERVER_AUTH, Arity::Many, WHY),
        Row::refused("SessionCryptoPassphraseFile", Contexts::CONFIG, Arity::ONE, WHY),
    ],
};
