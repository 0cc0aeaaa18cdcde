//! What the end-to-end tests (tests/tests/e2e) are told in: a gateway that runs a configuration, backends behind it,
//! clients in front of it. Everything here starts the built binary and knows nothing of its insides.
//!
//! Tests own their addresses, wait for events under a deadline, and never for time to pass.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where and ends")]

use std::future::Future;
use std::time::Duration;

mod address;
mod backend;
mod binary;
mod certs;
mod gateway;
mod raw;
mod websocket;

pub use backend::Backend;
pub use binary::wsgate;
pub use certs::{Authority, Identity};
pub use gateway::{Configuration, Gateway};
pub use raw::Raw;
pub use websocket::{WebSocket, message};

/// What is not there after this time does not come: generous, since a busy machine is no failure.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for something that must happen.
///
/// # Panics
/// If it does not within [`PATIENCE`].
pub async fn soon<T>(what: &str, event: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, event).await {
        Ok(value) => value,
        Err(_) => panic!("waited in vain for {what}"),
    }
}

/// Tells what was measured, to whoever runs a test with `--nocapture`.
#[expect(clippy::print_stdout, reason = "that is what it is for")]
pub fn figures(text: &str) {
    println!("{text}");
}

/// Raises this process's limit on descriptors as far as the system lets it; gives the new limit.
///
/// # Panics
/// If the system does not tell its limits.
#[must_use]
pub fn all_descriptors() -> u64 {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
    hard
}
