//! The configuration language of httpd: bytes -> lines -> tree -> typed, scoped configuration.
//!
//! Says what a line means, not what is done about it. Text in, (configuration, diagnostics) out; the files
//! themselves come through [`files::Files`], everything else about the surroundings through [`facts::Facts`].

pub mod config;
pub mod diag;
pub mod envvars;
pub mod expand;
pub mod expr;
pub mod facts;
pub mod files;
pub mod filters;
pub mod fnmatch;
pub mod htaccess;
pub mod interpret;
pub mod log_destination;
pub mod methods;
pub mod modules;
pub mod pattern;
mod percent;
pub mod regex;
pub mod registry;
pub mod span;
pub mod subnet;
pub mod syntax;
pub mod tls_names;
pub mod values;
pub mod words;
