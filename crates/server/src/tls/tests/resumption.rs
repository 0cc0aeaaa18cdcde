//! Sessions go on where they began and nowhere else.

use std::sync::{Arc, Mutex};

use rustls::NamedGroup;
use rustls::client::{ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls_pki_types::ServerName;
use wsgate_directives::modules::ssl::Verify;
use wsgate_directives::tls_names::Protocols;

use super::certs::{Ca, Files, leaf};
use super::{backend, meet, table, trusting, vhost};
use crate::tls::params::{CaFiles, ClientAuth, Offer, ProxyTls, Resumption as Resume, ServerTls, Trust};

/// A client's memory that offers any server the session that it got from another.
#[derive(Debug, Default)]
struct Confused {
    tls12: Mutex<Option<Tls12ClientSessionValue>>,
    tls13: Mutex<Vec<Tls13ClientSessionValue>>,
}

impl ClientSessionStore for Confused {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, value: Tls12ClientSessionValue) {
        *self.tls12.lock().expect("not poisoned") = Some(value);
    }

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.tls12.lock().expect("not poisoned").clone()
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {
        *self.tls12.lock().expect("not poisoned") = None;
    }

    fn insert_tls13_ticket(&self, _: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.tls13.lock().expect("not poisoned").push(value);
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.tls13.lock().expect("not poisoned").pop()
    }
}

fn versions() -> [Offer; 2] {
    ["TLSv1.2", "TLSv1.3"].map(|version| {
        let protocols = Protocols::parse([version]).expect("valid").protocols;
        Offer { protocols, ..Offer::default() }
    })
}

#[tokio::test]
async fn a_client_resumes_at_its_virtual_host() {
    let files = Files::new();
    for offer in versions() {
        for resumption in [Resume::Tickets, Resume::Memory] {
            let table = table(vec![ServerTls { resumption, ..vhost(&files, "a.test") }]);
            let client = backend(&ProxyTls { offer: offer.clone(), ..trusting() });
            for resumed in [false, true, true] {
                let info = meet(&table, &[], &client, "a.test").await.info();
                assert_eq!(info.resumed, resumed, "{:?} {resumption:?}", info.protocol);
            }
        }
    }
}

/// CVE-2025-23048: a client whose certificate one virtual host trusts must not enter another by resuming.
#[tokio::test]
async fn no_session_crosses_virtual_hosts() {
    let files = Files::new();
    let names = ["a.test", "b.test"];
    let [first, second] = [Ca::new("First CA"), Ca::new("Second CA")];
    let asking = |name: &str, ca: &Ca, resumption: Resume| {
        let ca = CaFiles { file: Some(files.write(&format!("{name}-ca.pem"), &ca.pem())), path: None };
        let trust = Trust { ca, ..Trust::default() };
        let client = ClientAuth { verify: Verify::Require, trust, names: None };
        ServerTls { client, resumption, ..vhost(&files, name) }
    };
    let (certificate, key) = first.issue(&leaf("client.test"));
    let machine = CaFiles { file: Some(files.write("client.pem", &(certificate + &key))), path: None };
    for offer in versions() {
        for resumption in [Resume::Tickets, Resume::Memory] {
            let table =
                table(vec![asking("a.test", &first, resumption), asking("b.test", &second, resumption)]);
            let params = ProxyTls { offer: offer.clone(), machine: machine.clone(), ..trusting() };
            let client = backend(&params).remembering(Resumption::store(Arc::new(Confused::default())));
            assert!(!meet(&table, &names, &client, "a.test").await.info().resumed);
            assert!(meet(&table, &names, &client, "a.test").await.info().resumed, "it does hold a session");
            let outcome = meet(&table, &names, &client, "b.test").await;
            assert!(outcome.server.is_err(), "{resumption:?}: a session of a.test entered b.test");
        }
    }
}

/// The same names in the same table after a reload: nothing of the old generation is believed.
#[tokio::test]
async fn no_session_survives_its_configuration() {
    let files = Files::new();
    let params = vhost(&files, "a.test");
    let client = backend(&trusting());
    let old = table(vec![params.clone()]);
    assert!(!meet(&old, &[], &client, "a.test").await.info().resumed);
    let new = table(vec![params]);
    assert!(!meet(&new, &[], &client, "a.test").await.info().resumed);
    assert!(meet(&new, &[], &client, "a.test").await.info().resumed);
}

/// Names and dates are checked on a resumed session as on a full one.
#[tokio::test]
async fn a_resumed_backend_is_checked_again() {
    let files = Files::new();
    let table = table(vec![vhost(&files, "a.test")]);
    let client = backend(&ProxyTls::default()).remembering(Resumption::store(Arc::new(Confused::default())));
    assert!(!meet(&table, &[], &client, "a.test").await.info().resumed);
    assert!(meet(&table, &[], &client, "a.test").await.info().resumed);
    let complaint = meet(&table, &[], &client, "other.test").await.complaint();
    assert!(complaint.contains("not for other.test"), "{complaint}");
}
