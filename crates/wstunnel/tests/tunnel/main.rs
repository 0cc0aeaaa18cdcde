//! Tunnels through the crate's public face: in-memory streams with paused time, and real sockets.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod early;
mod ends;
mod flow;
mod opening;
mod register;
mod schedule;
mod streams;
mod support;
mod threads;
mod tls;
