//! HTTP/2 without TLS and without asking (RFC 9113 section 3.3): a client that knows begins with the preface.

use std::borrow::Borrow;
use std::io;
use std::time::Duration;

use tokio::net::TcpStream;

/// No request of HTTP/1 begins so: the method is reserved.
const START: &[u8] = b"PRI * HTTP/2.0";
/// How long to wait for the rest of a start that came in pieces.
const PAUSE: Duration = Duration::from_millis(10);

/// Whether a client begins with the preface; nothing is taken off the stream.
pub(crate) async fn begins(stream: &impl Borrow<TcpStream>) -> io::Result<bool> {
    let mut start = [0; START.len()];
    loop {
        let come = stream.borrow().peek(&mut start).await?;
        if come == 0 || !START.starts_with(&start[..come]) {
            return Ok(false);
        }
        if come == START.len() {
            return Ok(true);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::*;

    #[track_caller]
    fn check(pieces: &[&[u8]], preface: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let found = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            client.set_nodelay(true).unwrap();
            let (stream, _) = listener.accept().await.unwrap();
            let send = async {
                for piece in pieces {
                    client.write_all(piece).await.unwrap();
                    tokio::task::yield_now().await;
                }
                std::future::pending::<()>().await;
            };
            tokio::select! {
                () = send => unreachable!(),
                found = begins(&stream) => found.unwrap(),
            }
        });
        assert_eq!(found, preface);
    }

    #[test]
    fn only_the_preface_is_the_preface() {
        check(&[b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], true);
        check(&[b"PR", b"I * HT", b"TP/2.0\r\n"], true);
        check(&[b"PROPFIND / HTTP/1.1\r\n"], false);
        check(&[b"P", b"OST / HTTP/1.1\r\n"], false);
        check(&[b"GET / HTTP/1.1\r\n"], false);
    }
}
