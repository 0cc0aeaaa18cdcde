//! The connection to an attempt's backend, and what its failures mean to the client.

use wsgate_core::reply::{Reply, Status};
use wsgate_core::request::Request;
use wsgate_wstunnel::{Error, Kind};

use super::Attempt;
use crate::stream::BackendStream;

impl Attempt<'_> {
    /// Connects to the attempt's backend, by TLS where its scheme wants that.
    pub(super) async fn connect(&self, request: &Request) -> Result<BackendStream, Reply> {
        let source = request.server.conf.proxy.source_address.as_ref().map(|address| **address);
        let generation = &self.exchange.generation;
        let secure = if self.leg.authority.secure() {
            // httpd's SSLProxyEngine Off has no handler for https://, and the backend is not contacted.
            let engine = generation.backend_tls.of(&request.dir);
            Some(engine.ok_or_else(|| self.no_engine())?)
        } else {
            None
        };
        let socket = generation.upstreams.connect(self.leg, source).await;
        let socket = socket.map_err(|error| self.failure(request, &error))?;
        let Some(tls) = secure else { return Ok(BackendStream::Plain(socket)) };
        let host = self.tls_name(request);
        match tokio::time::timeout(self.leg.times.io, tls.connect(socket, &host)).await {
            Ok(Ok(stream)) => Ok(BackendStream::Tls(Box::new(stream))),
            Ok(Err(error)) => {
                log::error!("{}: {}: {error}", request.connection.peer, self.leg.authority.host_field());
                Err(Reply::proxy_error(
                    Status::INTERNAL_SERVER_ERROR,
                    "Error during SSL Handshake with remote server",
                ))
            }
            Err(_) => Err(self.failure(request, &Kind::Silent.into())),
        }
    }

    /// The name that the backend's certificate must bear: the URL's host, or the client's with ProxyPreserveHost.
    fn tls_name(&self, request: &Request) -> String {
        let preserve = request.dir.proxy.preserve_host.as_ref().is_some_and(|on| **on);
        match &request.host {
            Some(host) if preserve => String::from_utf8_lossy(&host.name).into_owned(),
            _ => self.leg.authority.host.to_string(),
        }
    }

    fn no_engine(&self) -> Reply {
        log::error!("{}://: SSLProxyEngine is not On here", self.leg.authority.scheme);
        Reply {
            reason: None,
            ..Reply::proxy_error(Status::INTERNAL_SERVER_ERROR, "no TLS towards this backend")
        }
    }

    /// The answer to a failure, as httpd gives it.
    pub(super) fn failure(&self, request: &Request, error: &Error) -> Reply {
        let backend = self.leg.authority.host_field();
        log::error!("{}: {backend}: {error}", request.connection.peer);
        match error.kind {
            Kind::Refused | Kind::ConnectTimeout | Kind::Unreachable | Kind::NoSocket => {
                Reply::page(Status::SERVICE_UNAVAILABLE)
            }
            Kind::Unresolvable => {
                Reply::proxy_error(Status::INTERNAL_SERVER_ERROR, "DNS lookup failure for the backend")
            }
            Kind::HeadTooLarge => Reply::page(Status::BAD_GATEWAY),
            Kind::Closed | Kind::Silent | Kind::Malformed | Kind::UpgradeMissing | Kind::UpgradeOther => {
                Reply::proxy_error(Status::BAD_GATEWAY, "Error reading from remote server")
            }
        }
    }
}
