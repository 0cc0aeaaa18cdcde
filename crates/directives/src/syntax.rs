//! httpd's file syntax: bytes to logical lines, and a line to its name and raw arguments.
//!
//! Knows no directive and no nesting: what a line opens or closes is known only after `${NAME}` was substituted
//! in it, and a macro may open what the file closes. Nesting is therefore [`crate::expand`]'s. The rules are those
//! of ap_cfg_getline and ap_build_config_sub, quirks included.

mod lines;
mod statement;

pub use lines::{Line, Lines};
pub use statement::{Kind, Statement, statement};
