//! The connection to an attempt's backend, and what its failures mean to the client.

use tokio::time::timeout;
use wsgate_core::reply::{Reply, Status};
use wsgate_core::request::Request;
use wsgate_proxy::{Error, Kind};

use super::{Attempt, Channel};
use crate::stream::BackendStream;

impl Attempt<'_> {
    /// Connects to the attempt's backend, by TLS where its scheme wants that.
    pub(super) async fn connect(&self, request: &Request) -> Result<BackendStream, Error> {
        let source = request.server.conf.proxy.source_address.as_ref().map(|address| **address);
        let generation = &self.exchange.generation;
        let secure = if self.leg.authority.secure() {
            // Without SSLProxyEngine httpd has no handler for https://, and the backend is not contacted.
            Some(generation.backend_tls.of(&request.dir).ok_or(Kind::NoEngine)?)
        } else {
            None
        };
        let socket = generation.upstreams.connect(self.leg, source).await.map_err(opening)?;
        let Some(tls) = secure else { return Ok(BackendStream::Plain(socket)) };
        let name = self.tls_name(request);
        // Boxed, so that requests without TLS are not as large as those with it.
        match timeout(self.leg.times.io, Box::pin(tls.connect(socket, &name))).await {
            Ok(Ok(stream)) => Ok(BackendStream::Tls(Box::new(stream))),
            Ok(Err(error)) => Err(Error::new(Kind::Tls, error)),
            Err(_) => Err(Kind::Silent.into()),
        }
    }

    /// The name that the backend's certificate must bear: the URL's host, or the client's with ProxyPreserveHost.
    pub(super) fn tls_name(&self, request: &Request) -> String {
        let preserve = request.dir.proxy.preserve_host.as_ref().is_some_and(|on| **on);
        match &request.host {
            Some(host) if preserve => String::from_utf8_lossy(&host.name).into_owned(),
            _ => self.leg.authority.host.to_string(),
        }
    }

    /// The answer to a failure, as httpd gives it.
    pub(super) fn failure(&self, error: &Error) -> Reply {
        let backend = self.leg.authority.host_field();
        log::error!(target: "proxy_http", "{backend}: {error:#}");
        self.timed_out.set(error.kind.timed_out());
        self.unanswered.set(error.kind == Kind::Closed);
        match error.kind {
            Kind::RequestBody => Reply::late(body_status(&self.exchange.channel)),
            kind => {
                let outcome = kind.outcome();
                let status = Status(outcome.status);
                if outcome.proxy_error {
                    Reply::proxy_error(status, kind.text())
                } else {
                    Reply { late: kind.is_late(), ..Reply::page(status) }
                }
            }
        }
    }
}

/// What is wrong with a request body that cannot be read.
pub(super) fn body_status(channel: &Channel) -> Status {
    channel.body_flaw().map_or(Status::BAD_REQUEST, Status)
}

/// A failure to open a tunnel, as failures of backends are told.
pub(super) fn opening(error: wsgate_wstunnel::Error) -> Error {
    use wsgate_wstunnel::Kind as Opening;
    let kind = match error.kind {
        Opening::Unresolvable => Kind::Unresolvable,
        Opening::Refused => Kind::Refused,
        Opening::ConnectTimeout => Kind::ConnectTimeout,
        Opening::Unreachable => Kind::Unreachable,
        Opening::NoSocket => Kind::NoSocket,
        Opening::Closed => Kind::Closed,
        Opening::HeadCut => Kind::HeadCut,
        Opening::Silent => Kind::Silent,
        Opening::HeadTooLarge => Kind::HeadTooLarge,
        Opening::Malformed => Kind::StatusLine,
        Opening::UpgradeMissing | Opening::UpgradeOther => Kind::UnexpectedUpgrade,
    };
    Error::new(kind, error)
}
