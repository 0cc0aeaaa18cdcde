//! The demo's backend: the page, and a WebSocket that echoes. A backend like any other:
//! the gateway knows it by its port only.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::thread;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Message, Role, WebSocketConfig};

const PAGE: &str = include_str!("../../../../conf/demo/index.html");
/// Messages may be as large; a demo echoes no more.
const LARGEST: usize = 1 << 20;

/// Serves on a thread of its own for as long as the process lives.
pub(super) fn start(listener: TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let serve = move || runtime.block_on(accept(listener));
    thread::Builder::new().name("demo-backend".to_owned()).spawn(serve).map(drop)
}

async fn accept(listener: TcpListener) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return log::error!("the demo's backend cannot listen: {error}"),
    };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(serve(stream))),
            Err(error) => {
                log::warn!("the demo's backend: {error}");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream) {
    let service = service_fn(|request| {
        let answer = answer(request);
        async { Ok::<_, Infallible>(answer) }
    });
    let builder = {
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder.timer(TokioTimer::new());
        builder
    };
    if let Err(error) = builder.serve_connection(TokioIo::new(stream), service).with_upgrades().await {
        log::debug!("the demo's backend: {error}");
    }
}

fn answer(request: Request<Incoming>) -> Response<Full<Bytes>> {
    if request.method() != Method::GET {
        return typed(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "GET only\n");
    }
    match request.uri().path() {
        "/" => typed(StatusCode::OK, "text/html; charset=utf-8", PAGE),
        "/echo" => upgrade(request),
        _ => typed(StatusCode::NOT_FOUND, "text/plain", "there are / and /echo\n"),
    }
}

fn typed(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Agrees to a WebSocket (RFC 6455, section 4.2.2), and echoes on it.
fn upgrade(request: Request<Incoming>) -> Response<Full<Bytes>> {
    let key = request.headers().get(header::SEC_WEBSOCKET_KEY).map(|key| derive_accept_key(key.as_bytes()));
    let accept = key.and_then(|key| HeaderValue::from_str(&key).ok());
    let Some(accept) = accept.filter(|_| request.headers().contains_key(header::UPGRADE)) else {
        return typed(StatusCode::UPGRADE_REQUIRED, "text/plain", "a WebSocket is served here\n");
    };
    tokio::spawn(async move {
        match hyper::upgrade::on(request).await {
            Ok(stream) => echo(stream).await,
            Err(error) => log::debug!("the demo's backend: {error}"),
        }
    });
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response
}

/// Every message goes back as it came; the library answers pings and the close itself.
async fn echo(stream: hyper::upgrade::Upgraded) {
    let limits = WebSocketConfig::default().max_message_size(Some(LARGEST)).max_frame_size(Some(LARGEST));
    let stream = TokioIo::new(stream);
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(limits)).await;
    while let Some(Ok(message)) = socket.next().await {
        let sent = match message {
            Message::Text(_) | Message::Binary(_) => socket.send(message).await,
            _ => socket.flush().await,
        };
        if sent.is_err() {
            break;
        }
    }
}
