//! An upgrade: the backend is asked, and if it agrees the client's stream and the backend's become a tunnel.

use std::pin::pin;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use wsgate_core::answer::{AnswerHead, switching};
use wsgate_core::http::{Headers, Version};
use wsgate_core::plan::Upgrade;
use wsgate_core::reply::{Reply, Status};
use wsgate_core::request::Request;
use wsgate_proxy::{Backend, Handover, MOST_INTERIM, Permit};
use wsgate_wstunnel::{
    Answer, Drive, End, Handshake, Head, HeadLimits, Switched, Terms, Unframed, Upgrade as Asking,
};

use super::answer::head_bytes;
use super::connect::{body_status, opening as error_of};
use super::forward::{Interims, Upload};
use super::record::TunnelRecord;
use super::{Attempt, Outcome, Taken};
use crate::client_body::ClientBody;
use crate::stream::BackendStream;

/// The largest body that an upgrade request may carry; there are hardly any with one.
const LARGEST_BODY: usize = 1 << 20;

/// A connection on which the upgrade is to be asked for.
struct Opening<'a> {
    stream: BackendStream,
    permit: Permit,
    pool: Backend,
    body: &'a Bytes,
    token: &'a [u8],
}

impl Attempt<'_> {
    /// Asks the backend for the tunnel.
    pub(super) async fn tunnel(&self, request: &mut Request, body: &mut Upload) -> Result<Outcome, Reply> {
        let body = body.whole(async |incoming| self.whole(request, incoming).await).await?;
        let pool = self.pool(request);
        let (shared, state) = (&self.exchange.worker.shared, pool.state.clone());
        let _admitted = shared.admission.enter(&shared.tunnels, &state).await.inspect_err(|_| {
            self.unasked.set(true);
        })?;
        let pools = &self.exchange.worker.pools;
        let opened = pools.connect(&pool, self.leg.times.io, async || self.connect(request).await).await;
        let (stream, permit) = opened.map_err(|error| self.failure(&error))?;
        match &self.leg.upgrade {
            Upgrade::Raw(_) => self.relay_unread(request, stream, &body, permit),
            Upgrade::Framed(token) => {
                self.shake_hands(request, Opening { stream, permit, pool, body: &body, token }).await
            }
            Upgrade::None => Err(Reply::page(Status::INTERNAL_SERVER_ERROR)),
        }
    }

    /// The whole request body: it goes out with the head.
    async fn whole(&self, request: &Request, body: ClientBody) -> Result<Bytes, Reply> {
        self.go_on(request).await;
        match Limited::new(body, LARGEST_BODY).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => {
                Err(Reply::page(Status::REQUEST_ENTITY_TOO_LARGE))
            }
            Err(_) => Err(Reply::page(body_status(&self.exchange.channel))),
        }
    }

    fn head(&self, request: &Request, body: &Bytes) -> Result<Bytes, Reply> {
        let fields = self.leg.headers.iter().map(|field| (&field.name[..], &field.value[..]));
        let mut head = self.line().head(fields).map_err(|kind| self.failure(&kind.into()))?;
        if !body.is_empty() || request.head.headers.contains("Content-Length") {
            head.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        Ok(head.into())
    }

    /// mod_proxy_http's way: the answer is read, and only a valid 101 makes a tunnel.
    async fn shake_hands(&self, request: &mut Request, opening: Opening<'_>) -> Result<Outcome, Reply> {
        let Opening { stream, permit, pool, body, token } = opening;
        let head = self.head(request, body)?;
        let line = self.longest_line();
        let limits = HeadLimits { line, interim: MOST_INTERIM, ..HeadLimits::default() };
        let asking = Asking { head: &head, body, protocol: token, timeout: self.leg.times.io, limits };
        let failed = |error| self.failure(&error_of(error));
        let mut handshake = Handshake::send(stream, &asking).await.map_err(failed)?;
        loop {
            match handshake.answer().await.map_err(failed)? {
                Answer::Interim(interim, next) => {
                    if self.pass_interim(request, answer_head(&interim)).await.is_err() {
                        return Ok(Err(Taken));
                    }
                    handshake = next;
                }
                Answer::Switching(switched) => return self.switch(request, switched, permit).await,
                Answer::Plain(unframed) => {
                    // Boxed: it is rare, and larger than all the rest.
                    return Box::pin(self.refused(request, unframed, permit, &pool)).await;
                }
            }
        }
    }

    /// The backend answers something else: it goes back as any answer does.
    async fn refused(
        &self,
        request: &mut Request,
        unframed: Unframed<BackendStream>,
        permit: Permit,
        pool: &Backend,
    ) -> Result<Outcome, Reply> {
        let Unframed { stream, read } = unframed;
        let of_head = request.is_method("HEAD");
        let handover = Handover { stream, read, permit, of_head, keep: self.leg.reusable };
        let notes = Interims::default();
        let mut on_interim = |head| notes.borrow_mut().push_back(head);
        let pools = &self.exchange.worker.pools;
        let receiving = pools.receive(pool, handover, self.reading(request), &mut on_interim);
        let answer = self.with_interims(request, pin!(receiving), &notes).await;
        let answer = answer.map_err(|error| self.failure(&error))?;
        self.pass_back(request, answer).await
    }

    /// The backend agreed: the client is told, and the relay begins.
    async fn switch(
        &self,
        request: &Request,
        switched: Switched<BackendStream>,
        permit: Permit,
    ) -> Result<Outcome, Reply> {
        let mut head = answer_head(&switched.head);
        head.headers = switching(request, &self.leg.upgrade, head.headers)?;
        head.headers.remove("Content-Length");
        let Some((mut client, early)) = self.exchange.channel.detach() else { return Ok(Err(Taken)) };
        // Clients of HTTP/1.0 know no interim answers: httpd gives them the tunnel without a head, too.
        if request.head.version >= Version::HTTP_11 {
            let head = head_bytes(&head, false);
            let told = async {
                client.write_all(&head).await?;
                client.flush().await
            };
            // Who takes nothing must not keep others out who wait for the backend.
            let patience = self.exchange.front(request).settings.timeouts.io;
            if !timeout(patience, told).await.is_ok_and(|told| told.is_ok()) {
                log::debug!("gone before its tunnel");
                return Ok(Err(Taken));
            }
        }
        let record = self.exchange.tunnel_record(request, self.plan, &head.headers, early.len());
        let backend = End { stream: switched.stream, early: switched.early };
        let terms = self.terms(request, permit, record);
        self.exchange.worker.relay.start(End { stream: client, early }, backend, terms);
        Ok(Err(Taken))
    }

    /// mod_proxy_wstunnel's way: the request goes out, and whatever comes back is the client's.
    fn relay_unread(
        &self,
        request: &Request,
        stream: BackendStream,
        body: &Bytes,
        permit: Permit,
    ) -> Result<Outcome, Reply> {
        let head = self.head(request, body)?;
        let Some((client, early)) = self.exchange.channel.detach() else { return Ok(Err(Taken)) };
        let early: Bytes = [&head[..], body, &early].concat().into();
        let record = self.exchange.tunnel_record(request, self.plan, &Headers::new(), early.len());
        let backend = End { stream, early: Bytes::new() };
        let terms = self.terms(request, permit, record);
        self.exchange.worker.relay.start(End { stream: client, early }, backend, terms);
        Ok(Err(Taken))
    }

    fn terms(&self, request: &Request, permit: Permit, record: TunnelRecord) -> Terms {
        let wstunnel = &request.dir.proxy_wstunnel;
        let drive = match (wstunnel.asynchronous.as_ref().is_none_or(|on| **on), &wstunnel.async_delay) {
            (false, _) => Drive::Thread,
            (true, Some(delay)) if !delay.is_zero() => Drive::ThreadUntilQuiet(**delay),
            (true, _) => Drive::Worker,
        };
        let picked = self.picked.cloned();
        Terms {
            label: self.exchange.generation.label(&request.server, self.plan.route),
            client: request.client,
            backend: self.leg.authority.host_field().into(),
            idle: self.leg.times.idle,
            half_close: !request.env.contains("proxy-nohalfclose"),
            drive,
            on_end: Box::new(move |ended| {
                drop((permit, picked));
                record.finish(ended);
            }),
        }
    }
}

/// A head as the core has it.
fn answer_head(head: &Head) -> AnswerHead {
    let mut headers = Headers::with_capacity(head.fields().len() + 2);
    for (name, value) in head.fields() {
        headers.add(name.clone(), value.clone());
    }
    AnswerHead { status: Status(head.status), reason: Bytes::copy_from_slice(head.reason()), headers }
}
