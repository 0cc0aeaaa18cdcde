//! Decides what is done about a request: virtual hosts, sections, mapping, headers. Pure: no sockets, no clock, no files.

pub mod host;
pub mod http;
pub mod target;
