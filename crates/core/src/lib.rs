//! Decides what is done about a request: virtual hosts, sections, mapping, headers. Pure: no sockets, no clock, no files.
//!
//! [`snapshot::resolve`] makes a configuration ready; [`request::Request::receive`] finds the server of a request;
//! [`request::decide`] runs the phases; [`plan::Plan::leg`] is the request as one particular backend gets it;
//! [`answer`] makes the answer's head of what a backend or wsgate itself says.

mod access;
pub mod answer;
mod coding;
pub mod connection;
mod credentials;
pub mod error_line;
pub mod expr;
mod facts;
pub mod filters;
mod hex;
pub mod host;
mod htaccess;
pub mod http;
mod http_date;
pub mod lint;
mod mapped;
pub mod modules;
pub mod moment;
pub mod passwords;
pub mod path;
mod phases;
pub mod plan;
pub mod ranges;
mod redirect;
pub mod reply;
pub mod request;
pub mod snapshot;
pub mod strftime;
pub mod target;
mod text_files;
pub mod url;
mod validators;
pub mod vhost;
mod walk;
pub mod world;
