//! What goes through a tunnel arrives: frames of all kinds, early bytes, half-closes, floods.

use wsgate_tests::message::{CloseCode, CloseFrame, Message};
use wsgate_tests::{Backend, Configuration, soon};

#[tokio::test]
async fn text_and_binary_messages_come_back() {
    let backend = Backend::echo().await;
    let gateway = Configuration::new().tunnelling("/ws", &backend).serve().await;
    let mut client = gateway.websocket("/ws").await;
    client.echoes("hello").await;
    let binary = Message::binary((0..=255).cycle().take(300_000).collect::<Vec<u8>>());
    client.send(binary.clone()).await;
    assert_eq!(client.next().await, binary);
    client.echoes("still there").await;
}

#[tokio::test]
async fn fragments_are_one_message() {
    let backend = Backend::echo().await;
    let gateway = Configuration::new().tunnelling("/ws", &backend).serve().await;
    let mut client = gateway.websocket("/ws").await;
    client.send_fragments(&["in ", "three ", "pieces"]).await;
    assert_eq!(client.next().await, Message::text("in three pieces"));
}

#[tokio::test]
async fn a_ping_reaches_the_backend() {
    let backend = Backend::echo().await;
    let gateway = Configuration::new().tunnelling("/ws", &backend).serve().await;
    let mut client = gateway.websocket("/ws").await;
    client.send(Message::Ping("are you there".into())).await;
    assert_eq!(client.next().await, Message::Pong("are you there".into()));
}

#[tokio::test]
async fn a_close_is_answered_with_its_code() {
    let backend = Backend::echo().await;
    let gateway = Configuration::new().tunnelling("/ws", &backend).serve().await;
    let mut client = gateway.websocket("/ws").await;
    let frame = CloseFrame { code: CloseCode::Library(4321), reason: "enough".into() };
    assert_eq!(client.close(frame.clone()).await, Some(frame));
    drop(client);
    gateway.says("closed after").await;
}

#[tokio::test]
async fn each_way_to_write_a_tunnel_opens_one() {
    let backend = Backend::echo().await;
    let gateway = Configuration::new()
        .with(&format!("ProxyPass /a ws://{backend}/"))
        .with(&format!("ProxyPass /b http://{backend}/ upgrade=websocket"))
        .with(&format!("<Location /c>\nProxyPass http://{backend}/ upgrade=ANY\n</Location>"))
        .with(&format!("ProxyPassMatch ^/d/(.*)$ ws://{backend}/$1"))
        .with(&format!(
            "RewriteEngine On\nRewriteCond %{{HTTP:Upgrade}} =websocket [NC]\nRewriteRule ^/e ws://{backend}/ [P,L]"
        ))
        .serve()
        .await;
    for path in ["/a", "/b", "/c", "/d/x", "/e"] {
        gateway.websocket(path).await.echoes(path).await;
    }
}

#[tokio::test]
async fn early_bytes_reach_both_sides() {
    let backend = Backend::scripted(|mut connection| async move {
        // What stands behind the 101 in the same write belongs to the tunnel.
        connection.switch("early answer;").await;
        let early = connection.bytes(11).await;
        connection.send(early).await;
        connection.rest().await;
    })
    .await;
    let gateway = Configuration::new().tunnelling("/ws", &backend).serve().await;
    let mut client = gateway.connect().await;
    client
        .send("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly bytes")
        .await;
    assert!(client.head().await.starts_with("HTTP/1.1 101 "));
    assert_eq!(client.bytes(24).await, b"early answer;early bytes");
}

#[tokio::test]
async fn a_client_of_http_1_0_gets_the_tunnel_without_its_head() {
    let backend = Backend::scripted(|mut connection| async move {
        connection.switch("first words").await;
        let words = connection.bytes(4).await;
        connection.send(words).await;
    })
    .await;
    let gateway = Configuration::new().tunnelling("/ws", &backend).serve().await;
    let mut client = gateway.connect().await;
    client.send("GET /ws HTTP/1.0\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n").await;
    assert_eq!(client.bytes(11).await, b"first words");
    client.send("back").await;
    assert_eq!(client.bytes(4).await, b"back");
}

#[tokio::test]
async fn nothing_goes_to_the_backend_before_its_101() {
    let (told, mut heard) = tokio::sync::mpsc::channel(1);
    let backend = Backend::scripted(move |mut connection| {
        let told = told.clone();
        async move {
            connection.head().await;
            connection
                .send("HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n")
                .await;
            connection.finish().await;
            told.send(connection.rest().await).await.unwrap();
        }
    })
    .await;
    let gateway = Configuration::new().tunnelling("/ws", &backend).serve().await;
    let mut client = gateway.connect().await;
    client
        .send("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nGET /secret HTTP/1.1\r\n\r\n")
        .await;
    assert!(client.head().await.starts_with("HTTP/1.1 403 "));
    assert_eq!(soon("what the backend got", heard.recv()).await.unwrap(), b"");
}

#[tokio::test]
async fn a_client_that_has_finished_still_hears_the_answer() {
    let backend = Backend::scripted(|mut connection| async move {
        connection.switch("").await;
        let all = connection.rest().await;
        connection.send(format!("{} bytes, then the end", all.len())).await;
    })
    .await;
    let gateway = Configuration::new().tunnelling("/ws", &backend).serve().await;
    let mut client = gateway.connect().await;
    client.open_tunnel("/ws").await;
    client.send("12345").await;
    client.finish().await;
    assert_eq!(client.rest().await, b"5 bytes, then the end");
}

#[tokio::test]
async fn a_backend_that_has_finished_still_hears_the_client() {
    let (told, mut heard) = tokio::sync::mpsc::channel(1);
    let backend = Backend::scripted(move |mut connection| {
        let told = told.clone();
        async move {
            connection.switch("that was all").await;
            connection.finish().await;
            told.send(connection.rest().await).await.unwrap();
        }
    })
    .await;
    let gateway = Configuration::new().tunnelling("/ws", &backend).serve().await;
    let mut client = gateway.connect().await;
    client.open_tunnel("/ws").await;
    assert_eq!(client.rest().await, b"that was all");
    client.send("an answer to nobody?").await;
    client.finish().await;
    assert_eq!(soon("what the client said", heard.recv()).await.unwrap(), b"an answer to nobody?");
}

#[tokio::test]
async fn a_slow_reader_stops_its_sender_and_nobody_else() {
    const MOST: usize = 256 << 20;
    let (told, mut heard) = tokio::sync::mpsc::channel(1);
    let flooding = Backend::scripted(move |mut connection| {
        let told = told.clone();
        async move {
            connection.switch("").await;
            let sent = connection.flood(b"x", MOST).await;
            told.send(sent).await.unwrap();
            connection.finish().await;
        }
    })
    .await;
    let echo = Backend::echo().await;
    let gateway = Configuration::new().tunnelling("/flood", &flooding).tunnelling("/ws", &echo).serve().await;
    let mut slow = gateway.connect().await;
    slow.open_tunnel("/flood").await;
    let sent = soon("the flood to stop", heard.recv()).await.unwrap();
    assert!(sent < MOST, "nothing stopped the sender");
    gateway.websocket("/ws").await.echoes("the others go on").await;
    // Everything that was taken from the sender arrives, and nothing else.
    assert_eq!(slow.rest().await.len(), sent);
}

#[tokio::test]
async fn an_upgrade_s_body_is_asked_for() {
    let backend = Backend::scripted(|mut connection| async move {
        let head = connection.switch("").await;
        assert!(head.contains("\r\nContent-Length: 4\r\n"), "{head}");
        assert_eq!(connection.bytes(4).await, b"body");
        connection.send("heard").await;
    })
    .await;
    let gateway = Configuration::new().tunnelling("/ws", &backend).serve().await;
    let mut client = gateway.connect().await;
    let fields = ["Connection: Upgrade", "Upgrade: websocket", "Content-Length: 4", "Expect: 100-continue"];
    client.request("POST /ws", &fields).await;
    assert!(client.head().await.starts_with("HTTP/1.1 100 "));
    client.send("body").await;
    assert!(client.head().await.starts_with("HTTP/1.1 101 "));
    assert_eq!(client.bytes(5).await, b"heard");
}

#[tokio::test]
async fn guesses_of_passwords_do_not_hold_them_up() {
    // A hash as slow as they come: a worker that computed it itself would do nothing else for longer than a test waits.
    let users = "u:$2y$12$6vF62qEfMdvb850SXSZQx.C0Tr7wQHWO4r.fYvejf5Gg/y/cdEG3K\n";
    let configuration = Configuration::new().file("users", users);
    let users = configuration.path("users").display().to_string();
    let backend = Backend::echo().await;
    let gateway = configuration
        .tunnelling("/ws", &backend)
        .with(&format!(
            "<Location /kept>\nAuthType Basic\nAuthName r\nAuthUserFile {users}\nRequire valid-user\n</Location>"
        ))
        .serve()
        .await;
    let mut client = gateway.websocket("/ws").await;
    let mut guesses = Vec::new();
    for guess in 0..200 {
        let mut connection = gateway.connect().await;
        // `u:a` and three bytes that differ.
        connection.request("GET /kept", &[&format!("Authorization: Basic dTph{guess:04}")]).await;
        guesses.push(connection);
    }
    for round in 0..100 {
        client.echoes(&round.to_string()).await;
    }
    // Beyond those that wait, guesses are turned away at once.
    let head = guesses.last_mut().unwrap().head().await;
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
}
