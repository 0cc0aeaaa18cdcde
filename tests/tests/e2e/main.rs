//! End-to-end tests: the built binary, real sockets, clients and backends that share no code with it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where and ends")]

mod answers;
mod attacks;
mod check;
mod debian;
mod demo;
mod ends;
mod files;
mod filters;
mod htaccess;
mod http2;
mod limits;
mod modes;
mod processes;
mod reload;
mod scale;
mod signals;
mod tls;
mod tunnels;
