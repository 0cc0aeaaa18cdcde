//! Who relays a tunnel: the event loop, or a thread of its own.

use wsgate_tests::message::{CloseCode, CloseFrame};
use wsgate_tests::{Backend, Configuration, Gateway};

async fn use_and_close(gateway: &Gateway, path: &str) {
    let mut client = gateway.websocket(path).await;
    client.echoes("first").await;
    client.echoes("second").await;
    client.close(CloseFrame { code: CloseCode::Normal, reason: "".into() }).await;
}

#[tokio::test]
async fn tunnels_are_asynchronous_unless_told_otherwise() {
    let backend = Backend::echo().await;
    let gateway = Configuration::new().tunnelling("/ws", &backend).serve().await;
    use_and_close(&gateway, "/ws").await;
    let line = gateway.says("closed after").await;
    assert!(line.contains(", engine)"), "{line}");
}

#[tokio::test]
async fn async_off_gives_each_tunnel_a_thread() {
    let backend = Backend::echo().await;
    let gateway =
        Configuration::new().with("ProxyWebsocketAsync Off").tunnelling("/ws", &backend).serve().await;
    use_and_close(&gateway, "/ws").await;
    let line = gateway.says("closed after").await;
    assert!(line.contains(", thread)"), "{line}");
}

#[tokio::test]
async fn threads_are_bounded_and_the_log_says_what_happens_beyond() {
    let backend = Backend::echo().await;
    let gateway = Configuration::new()
        .with("ProxyWebsocketAsync Off\nThreadsPerChild 1\nMaxRequestWorkers 1")
        .tunnelling("/ws", &backend)
        .serve()
        .await;
    let mut first = gateway.websocket("/ws").await;
    first.echoes("on a thread").await;
    let mut second = gateway.websocket("/ws").await;
    second.echoes("on the event loop").await;
    gateway.says("relayed asynchronously").await;
    first.echoes("both live").await;
}

#[tokio::test]
async fn a_delayed_tunnel_goes_to_the_event_loop_when_it_is_quiet() {
    let backend = Backend::echo().await;
    let gateway = Configuration::new()
        .with("ProxyWebsocketAsyncDelay 50ms\nProxyWebsocketIdleTimeout 500ms")
        .tunnelling("/ws", &backend)
        .serve()
        .await;
    let mut client = gateway.websocket("/ws").await;
    client.echoes("by a thread").await;
    // Quiet for so long that the limit ends it, which is long after the thread has handed it over.
    client.ends().await;
    let line = gateway.says("ended: idle timeout").await;
    assert!(line.contains(", engine)"), "{line}");
}
