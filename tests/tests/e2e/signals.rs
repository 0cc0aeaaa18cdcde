//! Signals that end the server.

use nix::sys::signal::Signal;
use wsgate_tests::{Backend, Configuration};

async fn ends_by(signal: Signal) {
    let backend = Backend::echo().await;
    let gateway = Configuration::new().tunnelling("/ws", &backend).serve().await;
    let mut client = gateway.websocket("/ws").await;
    client.echoes("before").await;
    gateway.signal(signal);
    client.ends().await;
    assert_eq!(gateway.ends().await.code(), Some(0));
}

#[tokio::test]
async fn sigterm_ends_tunnels_and_server() {
    ends_by(Signal::SIGTERM).await;
}

#[tokio::test]
async fn sigint_ends_tunnels_and_server() {
    ends_by(Signal::SIGINT).await;
}
