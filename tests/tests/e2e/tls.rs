//! TLS towards clients and towards backends.

use wsgate_tests::{Authority, Backend, Configuration, Gateway, Identity, WebSocket};

fn server(identity: &Identity) -> String {
    let (certificate, key) = (identity.certificate.display(), identity.key.display());
    format!("SSLEngine On\nSSLCertificateFile {certificate}\nSSLCertificateKeyFile {key}")
}

#[tokio::test]
async fn both_sides_speak_tls() {
    let authority = Authority::new();
    let backend = Backend::echo_by_tls(authority.sign("127.0.0.1").acceptor()).await;
    let gateway = Configuration::new()
        .with(&server(&authority.sign("localhost")))
        .with("SSLProxyEngine On\nSSLProxyVerify require\nSSLProxyCheckPeerName Off\nSSLProxyCheckPeerCN Off")
        .with(&format!("SSLProxyCACertificateFile {}", authority.file().display()))
        .with(&format!("ProxyPass /ws wss://{backend}/"))
        .serve()
        .await;
    let stream = gateway.tls(&authority.trusting_client(), "localhost").await.unwrap();
    let mut client = WebSocket::open(stream, "localhost", "/ws").await;
    client.echoes("sealed twice").await;
    client.send(vec![7; 1 << 20]).await;
    assert_eq!(client.next().await.into_data(), vec![7; 1 << 20]);
}

#[tokio::test]
async fn a_backend_of_another_authority_is_refused() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let backend = Backend::echo_by_tls(theirs.sign("127.0.0.1").acceptor()).await;
    let gateway = Configuration::new()
        .with("SSLProxyEngine On\nSSLProxyVerify require")
        .with(&format!("SSLProxyCACertificateFile {}", ours.file().display()))
        .with(&format!("ProxyPass /ws wss://{backend}/"))
        .serve()
        .await;
    refuses(&gateway, "is not trusted: ").await;
}

#[tokio::test]
async fn a_backend_by_another_name_is_refused() {
    let authority = Authority::new();
    let backend = Backend::echo_by_tls(authority.sign("elsewhere.test").acceptor()).await;
    let gateway = Configuration::new()
        .with("SSLProxyEngine On\nSSLProxyVerify require")
        .with(&format!("SSLProxyCACertificateFile {}", authority.file().display()))
        .with(&format!("ProxyPass /ws wss://{backend}/"))
        .serve()
        .await;
    refuses(&gateway, "certificate is not for 127.").await;
}

/// No tunnel is opened, and the log says why.
async fn refuses(gateway: &Gateway, why: &str) {
    let mut client = gateway.connect().await;
    client.ask_for_websocket("/ws").await;
    let head = client.head().await;
    assert!(head.starts_with("HTTP/1.1 50"), "{head}");
    gateway.says(why).await;
}

#[tokio::test]
async fn the_name_that_the_client_says_picks_certificate_and_server() {
    let authority = Authority::new();
    let backend = Backend::echo().await;
    let host = |name: &str, rest: &str| {
        let server = server(&authority.sign(name));
        format!("<VirtualHost *:9080>\nServerName {name}\n{server}\n{rest}\n</VirtualHost>")
    };
    let gateway = Configuration::new()
        .with(&host("first.test", ""))
        .with(&host("second.test", &format!("ProxyPass /ws ws://{backend}/")))
        .serve()
        .await;
    let client = authority.trusting_client();
    let stream = gateway.tls(&client, "second.test").await.unwrap();
    WebSocket::open(stream, "second.test", "/ws").await.echoes("second").await;
    // first.test has a certificate of its own, and no route.
    let mut stream = wsgate_tests::Raw::from(gateway.tls(&client, "first.test").await.unwrap());
    stream.send("GET /ws HTTP/1.1\r\nHost: first.test\r\nUpgrade: websocket\r\n\r\n").await;
    assert!(stream.head().await.starts_with("HTTP/1.1 404 "));
    assert!(
        gateway.tls(&client, "third.test").await.is_err(),
        "first.test's certificate is not third.test's"
    );
}

#[tokio::test]
async fn who_speaks_plain_http_to_it_is_told() {
    let gateway = Configuration::new().with(&server(&Authority::new().sign("localhost"))).serve().await;
    let mut client = gateway.connect().await;
    client.request("GET /", &[]).await;
    let (head, page) = client.answer().await;
    assert!(head.starts_with("HTTP/1.1 400 "), "{head}");
    assert!(page.contains("speaking plain HTTP to an SSL-enabled server port"), "{page}");
}
