//! The configuration language of httpd: bytes -> lines -> tree -> typed, scoped configuration.
//!
//! Says what a line means, not what is done about it. Text in, (configuration, diagnostics) out; the files
//! themselves come through [`files::Files`], everything else about the surroundings through [`facts::Facts`].

pub mod diag;
pub mod expand;
pub mod facts;
pub mod files;
pub mod regex;
pub mod span;
pub mod subnet;
pub mod syntax;
pub mod tls_names;
pub mod words;
