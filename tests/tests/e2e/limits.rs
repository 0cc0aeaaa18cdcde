//! Many tunnels, and too many.

use wsgate_tests::{Backend, Configuration, Raw, all_descriptors, soon};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_tunnels_live_at_once() {
    const MANY: usize = 2000;
    // The clients' ends and the backend's are this process's; the gateway has as many.
    assert!(all_descriptors() >= 2 * MANY as u64 + 500, "too few descriptors for this test");
    let backend = Backend::echo().await;
    let gateway = Configuration::new().tunnelling("/ws", &backend).serve().await;
    let mut clients = Vec::with_capacity(MANY);
    for number in 0..MANY {
        let mut client = gateway.websocket("/ws").await;
        client.send(format!("hello from {number}")).await;
        clients.push(client);
    }
    // All are open before the first is read from.
    for (number, client) in clients.iter_mut().enumerate() {
        let message = client.next().await;
        assert_eq!(message.to_text().unwrap(), format!("hello from {number}"));
    }
    for client in clients.iter_mut().rev() {
        client.echoes("and back").await;
    }
}

#[tokio::test]
async fn out_of_descriptors_is_503_and_passes() {
    let backend = Backend::echo().await;
    let gateway = Configuration::new().tunnelling("/ws", &backend).descriptors(64).serve().await;
    let mut tunnels = Vec::new();
    let busy = loop {
        assert!(tunnels.len() < 64, "more tunnels than descriptors");
        let mut client = gateway.connect().await;
        client.ask_for_websocket("/ws").await;
        let head = client.head().await;
        if head.starts_with("HTTP/1.1 101 ") {
            tunnels.push(client);
        } else {
            break head;
        }
    };
    assert!(busy.starts_with("HTTP/1.1 503 "), "{busy}");
    assert!(tunnels.len() >= 5, "{} tunnels", tunnels.len());
    // A tunnel that is open is not disturbed.
    tunnels[0].send(frame("alive")).await;
    assert_eq!(tunnels[0].bytes(7).await[2..], *b"alive");
    let full = gateway.open_descriptors();
    drop(tunnels);
    let fewer = async {
        while gateway.open_descriptors() + 10 > full {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    soon("descriptors to be given back", fewer).await;
    for _ in 0..5 {
        gateway.websocket("/ws").await.echoes("recovered").await;
    }
}

#[tokio::test]
async fn tunnels_leave_room_for_plain_requests() {
    let backend = Backend::echo().await;
    let plain = Backend::answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain").await;
    let both = Configuration::new().tunnelling("/ws", &backend).tunnelling("/plain", &plain);
    let gateway = both.descriptors(256).serve().await;
    let mut tunnels = Vec::new();
    let full = loop {
        let mut client = gateway.connect().await;
        client.ask_for_websocket("/ws").await;
        let head = client.head().await;
        if !head.starts_with("HTTP/1.1 101 ") {
            break head;
        }
        tunnels.push(client);
    };
    assert!(full.starts_with("HTTP/1.1 503 ") && full.contains("\r\nRetry-After: "), "{full}");
    assert!(tunnels.len() > 60, "{} tunnels", tunnels.len());
    for _ in 0..3 {
        let mut client = gateway.connect().await;
        client.request("GET /plain", &[]).await;
        assert!(client.answer().await.0.starts_with("HTTP/1.1 200 "));
    }
}

#[tokio::test]
async fn who_is_turned_away_tells_nothing_of_the_backend() {
    let saying = |name: &'static str| {
        Backend::scripted(move |mut connection| async move {
            connection.switch(name).await;
            connection.rest().await;
        })
    };
    let (one, other) = (saying("1").await, saying("2").await);
    let balancer = format!(
        "<Proxy balancer://two>\nBalancerMember ws://{one}\nBalancerMember ws://{other}\n\
         ProxySet failonstatus=503\n</Proxy>\nProxyPass / balancer://two/"
    );
    let gateway = Configuration::new().with(&balancer).descriptors(128).serve().await;
    let ask = async || {
        let mut client = gateway.connect().await;
        client.ask_for_websocket("/ws").await;
        let head = client.head().await;
        head.starts_with("HTTP/1.1 101 ").then_some(client).ok_or(head)
    };
    let mut tunnels = Vec::new();
    while let Ok(tunnel) = ask().await {
        tunnels.push(tunnel);
    }
    let full = gateway.open_descriptors();
    tunnels.truncate(tunnels.len() - 5);
    let fewer = async {
        while gateway.open_descriptors() + 10 > full {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    soon("descriptors to be given back", fewer).await;
    // A member that had failed would stay out for a minute.
    let mut said = Vec::new();
    for _ in 0..4 {
        tunnels.push(ask().await.unwrap());
        said.extend(tunnels.last_mut().unwrap().bytes(1).await);
    }
    said.sort_unstable();
    assert_eq!(said, b"1122");
}

#[tokio::test]
async fn a_client_that_sends_half_a_head_holds_nobody_up() {
    let backend = Backend::echo().await;
    let gateway = Configuration::new().tunnelling("/ws", &backend).serve().await;
    let mut slow: Vec<Raw> = Vec::new();
    for _ in 0..50 {
        let mut client = gateway.connect().await;
        client.send("GET /ws HTTP/1.1\r\nHo").await;
        slow.push(client);
    }
    gateway.websocket("/ws").await.echoes("no queue").await;
}

/// A text frame as clients send it, with a mask of zeroes.
fn frame(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    [&[0x81, 0x80 | length, 0, 0, 0, 0], text.as_bytes()].concat()
}
