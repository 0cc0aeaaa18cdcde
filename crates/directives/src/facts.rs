//! What the configuration language asks about its surroundings beside files.

use std::collections::BTreeMap;

/// The process's environment: name to value.
pub type Environment = BTreeMap<String, String>;

/// The version of httpd whose language and behaviour wsgate follows: what `<IfVersion>` compares with.
pub const HTTPD_VERSION: [u32; 3] = [2, 4, 71];

/// Facts fixed before the first line is read.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Environment variables: for `${NAME}` that no Define sets, PassEnv and `%{osenv:NAME}`.
    pub environment: Environment,
    /// `-D NAME` or `-D NAME=VALUE` of the command line; the value of a bare name is empty.
    pub defines: BTreeMap<String, String>,
    /// ServerRoot before any directive sets it (`-d`).
    pub server_root: String,
    /// `-C` lines: processed before the root file.
    pub before: Vec<String>,
    /// `-c` lines: processed behind the root file.
    pub after: Vec<String>,
}
