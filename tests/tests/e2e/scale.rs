//! Much of what is allowed: long bodies, many clients. Memory is bounded by what is under way, not by what has passed.

use wsgate_tests::{Backend, Configuration, all_descriptors, figures};

const CHUNK: usize = 64 << 10;
const MIB: usize = 1 << 20;

/// Sends a body up and gets one as long back, byte by byte as it was sent.
async fn bodies_of(length: usize) {
    let backend = Backend::scripted(move |mut connection| async move {
        let head = connection.head().await;
        if head.starts_with("POST ") {
            for at in 0..length / CHUNK {
                assert_eq!(connection.bytes(CHUNK).await, pattern(at));
            }
            connection.send("HTTP/1.1 204 No Content\r\n\r\n").await;
        } else {
            connection.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n")).await;
            for at in 0..length / CHUNK {
                connection.send(pattern(at)).await;
            }
        }
    })
    .await;
    let gateway = Configuration::new().with(&format!("ProxyPass / http://{backend}/")).serve().await;
    let mut client = gateway.connect().await;
    let before = gateway.most_memory();
    client.request("POST /", &[&format!("Content-Length: {length}")]).await;
    for at in 0..length / CHUNK {
        client.send(pattern(at)).await;
    }
    assert!(client.head().await.starts_with("HTTP/1.1 204 "));
    let uploaded = gateway.most_memory();
    let mut client = gateway.connect().await;
    client.request("GET /", &[]).await;
    assert!(client.head().await.starts_with("HTTP/1.1 200 "));
    for at in 0..length / CHUNK {
        assert_eq!(client.bytes(CHUNK).await, pattern(at));
    }
    let most = gateway.most_memory();
    figures(&format!("{} MiB each way: {before} KiB, {uploaded} KiB, {most} KiB", length / MIB));
    assert!(most < before + 8 * 1024, "{most} KiB after {before}");
}

/// A piece of a body that differs from its neighbours.
fn pattern(at: usize) -> Vec<u8> {
    let byte = u8::try_from(at % 251).unwrap();
    vec![byte; CHUNK]
}

#[tokio::test]
async fn long_bodies_pass_through_little_memory() {
    bodies_of(64 * MIB).await;
}

#[tokio::test]
#[ignore = "takes a minute"]
async fn bodies_of_a_gibibyte_pass_through_little_memory() {
    bodies_of(1024 * MIB).await;
}

#[tokio::test]
async fn a_thousand_clients_keep_their_connections() {
    const CLIENTS: usize = 1000;
    assert!(all_descriptors() >= 3 * CLIENTS as u64 + 100, "too few descriptors for this test");
    let backend = Backend::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
    let lines = format!("KeepAliveTimeout 60\nProxyPass / http://{backend}/");
    let gateway = Configuration::new().with(&lines).serve().await;
    let before = gateway.memory();
    let mut clients = Vec::with_capacity(CLIENTS);
    for _ in 0..CLIENTS {
        clients.push(gateway.connect().await);
    }
    for _ in 0..3 {
        // All have asked before the first answer is read.
        for client in &mut clients {
            client.request("GET /", &[]).await;
        }
        for client in &mut clients {
            let (head, body) = client.answer().await;
            assert_eq!((&head[..15], &*body), ("HTTP/1.1 200 OK", "ok"));
        }
    }
    let (after, most) = (gateway.memory(), gateway.most_memory());
    figures(&format!("{CLIENTS} clients: {before} KiB, {after} KiB, at most {most} KiB"));
    assert!(most < before + 128 * CLIENTS, "{most} KiB after {before}");
    assert!(gateway.open_descriptors() >= CLIENTS);
}
