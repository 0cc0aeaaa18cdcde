//! Why tunnels end, and that the log says so.

use wsgate_tests::{Backend, Configuration};

#[tokio::test]
async fn a_silent_tunnel_ends_where_a_limit_is_set_and_nowhere_else() {
    let backend = Backend::echo().await;
    let gateway = Configuration::new()
        .with(&format!("ProxyPass /short ws://{backend}/\nProxyPass /long ws://{backend}/"))
        .with("<Location /short>\nProxyWebsocketIdleTimeout 300ms\n</Location>")
        .with("<Location /long>\nProxyWebsocketIdleTimeout 0\n</Location>")
        .serve()
        .await;
    let mut long = gateway.websocket("/long").await;
    let mut short = gateway.websocket("/short").await;
    short.echoes("one word, then silence").await;
    short.ends().await;
    gateway.says("ended: idle timeout").await;
    long.echoes("still open").await;
}

#[tokio::test]
async fn both_ends_are_told_apart() {
    let backend = Backend::scripted(|mut connection| async move {
        let head = connection.switch("").await;
        if !head.starts_with("GET /ws/leave ") {
            connection.rest().await;
        }
    })
    .await;
    let gateway = Configuration::new().tunnelling("/ws", &backend).serve().await;
    let mut left = gateway.connect().await;
    left.open_tunnel("/ws/leave").await;
    left.rest().await;
    left.finish().await;
    gateway.says("ended: backend closed").await;
    let mut leaving = gateway.connect().await;
    leaving.open_tunnel("/ws/stay").await;
    leaving.finish().await;
    leaving.rest().await;
    gateway.says("ended: client closed").await;
}

#[tokio::test]
async fn the_log_names_the_line_that_made_the_route() {
    let backend = Backend::echo().await;
    let gateway = Configuration::new().with("# a line before").tunnelling("/ws", &backend).serve().await;
    let mut client = gateway.websocket("/ws").await;
    client.echoes("x").await;
    let open = gateway.says("open: 127.").await;
    assert!(open.contains("host localhost") && open.contains("httpd.conf:4"), "{open}");
}
