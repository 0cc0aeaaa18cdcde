//! Another configuration for a server that runs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use nix::sys::signal::Signal;
use tokio::net::TcpStream;
use wsgate_tests::{Backend, Configuration, Raw, figures, soon};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn leads_to(target: &str) -> String {
    format!("Redirect /where http://{target}/\n")
}

async fn ask(client: &mut Raw) -> String {
    client.request("GET /where", &[]).await;
    let (head, _) = client.answer().await;
    head.lines().find_map(|line| line.strip_prefix("Location: ")).unwrap_or(&head).to_owned()
}

#[tokio::test]
async fn tunnels_stay_and_requests_see_the_new_configuration() {
    let backend = Backend::echo().await;
    let proxy = format!("ProxyPass /ws ws://{backend}/ws\n");
    let mut gateway = Configuration::new().with(&proxy).with(&leads_to("one.test")).serve().await;
    let mut tunnel = gateway.websocket("/ws").await;
    tunnel.echoes("before").await;
    let mut kept = gateway.connect().await;
    assert_eq!(ask(&mut kept).await, "http://one.test/");
    gateway.reload(&leads_to("two.test")).await;
    assert_eq!(ask(&mut kept).await, "http://two.test/");
    assert_eq!(ask(&mut gateway.connect().await).await, "http://two.test/");
    tunnel.echoes("the path is gone, the tunnel is not").await;
    gateway.signal(Signal::SIGHUP);
    tunnel.echoes("nor does a restart end it").await;
}

/// httpd's children take theirs with them.
#[tokio::test]
async fn connections_to_backends_are_made_anew() {
    let (told, mut heard) = tokio::sync::mpsc::channel(1);
    let backend = Backend::scripted(move |mut connection| {
        let told = told.clone();
        async move {
            connection.head().await;
            connection.send(OK).await;
            told.send(connection.rest().await).await.unwrap();
        }
    })
    .await;
    let proxy = format!("ProxyPass / http://{backend}/\n");
    let mut gateway = Configuration::new().with(&proxy).serve().await;
    let mut client = gateway.connect().await;
    client.request("GET /", &[]).await;
    client.answer().await;
    gateway.reload(&proxy).await;
    // The backend sees the end of the connection that was idle, and no other request on it.
    assert_eq!(soon("the end of the idle connection", heard.recv()).await.unwrap(), b"");
    client.request("GET /", &[]).await;
    assert!(client.answer().await.0.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn what_does_not_load_changes_nothing() {
    let mut gateway = Configuration::new().with(&leads_to("one.test")).serve().await;
    gateway.reload("Nonsense here").await;
    assert!(gateway.says("unknown-directive").await.contains("httpd.conf:3:1"));
    assert_eq!(ask(&mut gateway.connect().await).await, "http://one.test/");
    gateway.reload(&format!("Listen {}\n{}", gateway.address(), leads_to("two.test"))).await;
    gateway.says("cannot listen on").await;
    assert_eq!(ask(&mut gateway.connect().await).await, "http://one.test/");
    gateway.reload(&leads_to("three.test")).await;
    assert_eq!(ask(&mut gateway.connect().await).await, "http://three.test/");
}

#[tokio::test]
async fn addresses_come_and_go() {
    let mut gateway = Configuration::new().serve().await;
    let beside = SocketAddr::new(gateway.address().ip(), gateway.address().port() + 1);
    gateway.reload(&format!("Listen {beside}\n{}", leads_to("two.test"))).await;
    let mut kept = Raw::connect(beside).await;
    assert_eq!(ask(&mut kept).await, "http://two.test/");
    gateway.reload(&leads_to("one.test")).await;
    // A connection to an address that is served no more is for nothing else.
    assert!(ask(&mut kept).await.starts_with("HTTP/1.1 421 "));
    assert!(kept.rest().await.is_empty());
    is_given_up(beside).await;
    assert_eq!(ask(&mut gateway.connect().await).await, "http://one.test/");
}

/// Waits until nobody listens at an address: each worker closes its own listener, and none waits for the others.
async fn is_given_up(address: SocketAddr) {
    let refused = async {
        loop {
            match TcpStream::connect(address).await {
                Ok(_) => tokio::task::yield_now().await,
                Err(error) => return error,
            }
        }
    };
    let refused = soon("all workers to close the address", refused).await;
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
}

/// Asks again and again on a connection, or on one for each request, until told to stop.
async fn load(address: SocketAddr, keeps: bool, stop: Arc<AtomicBool>, answered: Arc<AtomicUsize>) {
    let close: &[&str] = if keeps { &[] } else { &["Connection: close"] };
    let mut client = Raw::connect(address).await;
    while !stop.load(Relaxed) {
        client.request("GET /", close).await;
        let (head, body) = client.answer().await;
        assert_eq!((head.starts_with("HTTP/1.1 200 "), &*body), (true, "ok"), "{head}");
        answered.fetch_add(1, Relaxed);
        if head.contains("Connection: close") {
            client = Raw::connect(address).await;
        }
    }
}

#[tokio::test]
async fn many_reloads_under_load_lose_no_request_and_leak_nothing() {
    reloads_under_load(100).await;
}

#[tokio::test]
#[ignore = "takes a minute"]
async fn a_thousand_reloads_under_load_lose_no_request_and_leak_nothing() {
    reloads_under_load(1000).await;
}

async fn reloads_under_load(number: usize) {
    let (plain, echo) = (Backend::answering(OK).await, Backend::echo().await);
    let lines = format!("ProxyPass /ws ws://{echo}/ws\nProxyPass / http://{plain}/\n");
    let mut gateway = Configuration::new().with(&lines).serve().await;
    let mut tunnel = gateway.websocket("/ws").await;
    let (stop, answered) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
    let clients: Vec<_> = [true, false]
        .map(|keeps| tokio::spawn(load(gateway.address(), keeps, stop.clone(), answered.clone())))
        .into();
    for _ in 0..20 {
        gateway.reload(&lines).await;
    }
    let (memory, descriptors) = (gateway.memory(), gateway.open_descriptors());
    for _ in 0..number {
        gateway.reload(&lines).await;
    }
    let busy = async {
        while answered.load(Relaxed) <= 100 {
            gateway.reload(&lines).await;
        }
    };
    soon("more than a hundred answers", busy).await;
    tunnel.echoes("after all of them").await;
    stop.store(true, Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    figures(&format!(
        "memory {memory} KiB, then {}; descriptors {descriptors}, then {}; {} answers",
        gateway.memory(),
        gateway.open_descriptors(),
        answered.load(Relaxed)
    ));
    // A generation is some hundred KiB, a client some descriptors.
    assert!(gateway.memory() < memory + 8192, "{} after {memory}", gateway.memory());
    assert!(
        gateway.open_descriptors() < descriptors + 20,
        "{} after {descriptors}",
        gateway.open_descriptors()
    );
}

#[tokio::test]
async fn a_graceful_stop_waits_for_the_last_tunnel() {
    let backend = Backend::echo().await;
    let gateway = Configuration::new().tunnelling("/ws", &backend).serve().await;
    let mut tunnel = gateway.websocket("/ws").await;
    let mut idle = gateway.connect().await;
    idle.request("GET /", &[]).await;
    idle.answer().await;
    gateway.signal(Signal::SIGWINCH);
    assert!(idle.rest().await.is_empty());
    is_given_up(gateway.address()).await;
    tunnel.echoes("still").await;
    drop(tunnel);
    assert_eq!(gateway.ends().await.code(), Some(0));
}

#[tokio::test]
async fn a_graceful_stop_has_an_end() {
    let backend = Backend::echo().await;
    let lines = "GracefulShutdownTimeout 1";
    let gateway = Configuration::new().with(lines).tunnelling("/ws", &backend).serve().await;
    let mut tunnel = gateway.websocket("/ws").await;
    gateway.signal(Signal::SIGWINCH);
    tunnel.ends().await;
    assert_eq!(gateway.ends().await.code(), Some(0));
}

/// Only root could become someone else.
#[tokio::test]
async fn a_user_that_a_reload_brings_is_not_passed_over_in_silence() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let mut gateway = Configuration::new().serve().await;
    gateway.reload("User #1").await;
    gateway.says("User and Group stay as they were until the server is started anew").await;
}
