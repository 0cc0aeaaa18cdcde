//! A client behind TLS, a plain backend: what closing means in TLS is what it means without.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::spawn_local;
use tokio_rustls::{TlsAcceptor, TlsConnector, client};
use wsgate_wstunnel::{Cause, Drive, Mode};

use crate::support::{Opaque, Plan, Rig, expect, noise, on_worker, reset, rest, send, tcp_pair};

fn configs() -> (Arc<ServerConfig>, Arc<ClientConfig>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = CertificateDer::from(made.cert.der().to_vec());
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let server =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    (Arc::new(server), Arc::new(client))
}

/// A tunnel with a TLS client: the far ends.
async fn secured(rig: &Rig, drive: Drive) -> (client::TlsStream<TcpStream>, TcpStream) {
    let (server, client) = configs();
    let (far, near) = tcp_pair().await;
    let name = ServerName::try_from("localhost").unwrap();
    let (far, near) =
        tokio::join!(TlsConnector::from(client).connect(name, far), TlsAcceptor::from(server).accept(near));
    let (backend, near_backend) = tcp_pair().await;
    rig.start(Opaque(near.unwrap()), near_backend, &Plan { drive, ..Plan::default() });
    (far.unwrap(), backend)
}

const DRIVES: [Drive; 3] = [Drive::Worker, Drive::Thread, Drive::ThreadUntilQuiet(Duration::from_millis(5))];

#[test]
fn bulk_goes_both_ways_at_once() {
    on_worker(async |mut rig| {
        for drive in DRIVES {
            let (client, backend) = secured(&rig, drive).await;
            let (up, down) = (noise(1, 3 << 20), noise(2, 3 << 20));
            let (mut client_read, mut client_write) = tokio::io::split(client);
            let (mut backend_read, mut backend_write) = tokio::io::split(backend);
            let (to_backend, to_client) = (up.clone(), down.clone());
            let client = spawn_local(async move {
                send(&mut client_write, &to_backend).await;
                client_write.flush().await.unwrap();
                client_write
            });
            let backend = spawn_local(async move {
                send(&mut backend_write, &to_client).await;
                backend_write
            });
            tokio::join!(expect(&mut client_read, &down), expect(&mut backend_read, &up));
            drop((client.await, backend.await, client_read, backend_read));
            let info = rig.ended().await.info;
            assert_eq!((info.from_client, info.from_backend), (3 << 20, 3 << 20));
            assert_ne!(info.mode, Mode::Engine);
        }
    });
}

#[test]
fn a_close_notify_is_a_half_close() {
    on_worker(async |mut rig| {
        for drive in DRIVES {
            let (mut client, mut backend) = secured(&rig, drive).await;
            send(&mut client, b"a question").await;
            client.shutdown().await.unwrap();
            assert_eq!(rest(&mut backend).await, b"a question");
            send(&mut backend, b"the answer").await;
            backend.shutdown().await.unwrap();
            assert_eq!(rest(&mut client).await, b"the answer");
            assert_eq!(rig.ended().await.cause, Cause::ClientClosed);
        }
    });
}

#[test]
fn a_backends_end_is_a_close_notify() {
    on_worker(async |mut rig| {
        for drive in DRIVES {
            let (mut client, mut backend) = secured(&rig, drive).await;
            send(&mut backend, b"last words").await;
            expect(&mut client, b"last words").await;
            reset(backend);
            // An end without close_notify would be an error here.
            assert!(rest(&mut client).await.is_empty());
            assert_eq!(rig.ended().await.cause, Cause::BackendReset);
        }
    });
}

#[test]
fn a_client_that_goes_without_close_notify_has_closed() {
    on_worker(async |mut rig| {
        for drive in DRIVES {
            let (mut client, mut backend) = secured(&rig, drive).await;
            send(&mut client, b"last words").await;
            expect(&mut backend, b"last words").await;
            // Reading takes in the session tickets as well; left unread they would make the close a reset.
            send(&mut backend, b"heard").await;
            expect(&mut client, b"heard").await;
            drop(client);
            assert!(rest(&mut backend).await.is_empty());
            drop(backend);
            assert_eq!(rig.ended().await.cause, Cause::ClientClosed);
        }
    });
}
