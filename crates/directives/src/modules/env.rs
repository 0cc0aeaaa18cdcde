//! mod_env: environment variables.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const NOT_YET: &str = "wsgate does not do this yet";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_env",
    identifier: "env_module",
    file: "mod_env.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused("PassEnv", Contexts::ANYWHERE, Arity::Many, NOT_YET),
        Row::refused("SetEnv", Contexts::ANYWHERE, Arity::Between(1, 2), NOT_YET),
        Row::refused("UnsetEnv", Contexts::ANYWHERE, Arity::Many, NOT_YET),
    ],
};
