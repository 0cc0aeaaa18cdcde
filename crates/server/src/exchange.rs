//! One request and its answer: the core decides, this file performs.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use hyper::Response;
use wsgate_core::passwords::Pending;
use wsgate_core::plan::{Hop, Leg, Plan, Upgrade};
use wsgate_core::reply::{Body as ReplyBody, Reply, Status};
use wsgate_core::request::{Connection, Decided, Decision, Request, decide, fail, resume};
use wsgate_core::snapshot::Backend;
use wsgate_proxy::Picked;

use crate::client_body::ClientBody;
use crate::clock;
use crate::counted::Wire;
use crate::generation::Generation;
use crate::http1::{Bad, Received};
use crate::logs::{ConnectionLog, Scope};
use crate::manager;
use crate::passwords::Busy;
use crate::status;
use crate::tls::SniVerdict;
use crate::worker::Worker;

mod answer;
mod balance;
mod body;
mod channel;
mod connect;
mod file;
mod forward;
mod listing;
mod record;
mod tunnel;

pub(crate) use body::Body;
pub(crate) use channel::Channel;
use forward::Upload;
pub(crate) use record::Recorded;

/// What one exchange holds on to.
pub(crate) struct Exchange {
    /// The worker that serves the connection.
    pub(crate) worker: Rc<Worker>,
    /// The configuration that serves it.
    pub(crate) generation: Arc<Generation>,
    /// The connection.
    pub(crate) connection: Arc<Connection>,
    /// The way to the client.
    pub(crate) channel: Channel,
    /// The connection closes behind the answer.
    pub(crate) last: Cell<bool>,
    /// What its socket carries.
    pub(crate) wire: Arc<Wire>,
    /// What the error log knows of the connection.
    pub(crate) log: Arc<ConnectionLog>,
}

/// Why hyper gets no answer: the client's stream is a tunnel's now, or is closed without a word.
#[derive(Debug)]
pub(crate) struct Taken;

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection became a tunnel")
    }
}

impl std::error::Error for Taken {}

/// How an exchange ends.
pub(crate) type Outcome = Result<Response<Recorded>, Taken>;

/// Serves one request.
pub(crate) async fn serve(exchange: Exchange, received: Received, body: ClientBody) -> Outcome {
    let (scope, task) = exchange.decide(received);
    scope.run(exchange.perform(task, body)).await
}

/// What was decided. The request has a place of its own: it is large, and futures that hold it would be, too.
struct Task {
    request: Box<Request>,
    decision: Decision,
}

impl From<Decided> for Task {
    fn from(Decided { request, decision }: Decided) -> Self {
        Self { request: Box::new(request), decision }
    }
}

/// A page with a clause of its own.
fn described(status: Status, note: Option<&str>) -> Reply {
    Reply { body: ReplyBody::Page(note.map(str::to_owned)), ..Reply::page(status) }
}

impl Exchange {
    /// Decides what is done about a request, in the scope of what is logged about it.
    fn decide(&self, received: Received) -> (Scope, Task) {
        let (head, flaw) = match received {
            Ok(head) => (head, None),
            Err(bad) => {
                let Bad { status, note, head } = *bad;
                (head, Some((status, note)))
            }
        };
        let snapshot = &self.generation.snapshot;
        let (request, selected) = Request::receive(snapshot, self.connection.clone(), head, clock::now());
        self.channel.adopt(&self.front(&request).settings);
        let errors = self.generation.logs.errors(request.server.index).clone();
        let scope = Scope::request(errors, self.log.clone(), &request, self.channel.served());
        let decided = scope.enter(|| {
            let refusal = match flaw {
                Some((status, note)) => Some(described(Status(status), note)),
                None => selected.err().or_else(|| self.misdirected(&request)),
            };
            match refusal {
                Some(reply) => fail(snapshot, request, reply),
                None => decide(snapshot, request),
            }
        });
        scope.adopt(&decided.request);
        (scope, decided.into())
    }

    fn front(&self, request: &Request) -> &crate::generation::Front {
        &self.generation.fronts[request.server.index]
    }

    /// Whether the connection is not for this request: it is not of the kind that its port is for (mod_ssl's
    /// `ssl_hook_ReadReq`), or the address is served no more.
    fn misdirected(&self, request: &Request) -> Option<Reply> {
        let Some(tls) = &self.connection.tls else {
            let local = self.connection.local;
            if self.generation.tls.speaks_tls(self.generation.default_server(local)) {
                // Clients and httpd's own tests know the case by these words of mod_ssl's.
                let note =
                    "This is speaking plain HTTP to an SSL-enabled server port: use https:// to reach it.";
                return Some(described(Status::BAD_REQUEST, Some(note)));
            }
            let gone = !self.generation.listens_at(local);
            return gone.then(|| Reply::page(Status::MISDIRECTED_REQUEST));
        };
        // A name for the handshake and none for the request (`ssl_hook_Access`'s first check).
        if tls.sni().is_some() && request.host.is_none() {
            return Some(Reply::page(Status::BAD_REQUEST));
        }
        match self.generation.tls.judge(tls.server(), tls.sni().is_some(), request.server.index) {
            SniVerdict::Serve => None,
            SniVerdict::Misdirected => Some(Reply::page(Status::MISDIRECTED_REQUEST)),
            SniVerdict::Forbidden => Some(Reply::page(Status::FORBIDDEN)),
        }
    }

    /// Does what was decided. What fails on the way is decided anew: an ErrorDocument may stand in.
    async fn perform(&self, mut task: Task, body: ClientBody) -> Outcome {
        let mut body = Upload::new(body);
        loop {
            let Task { mut request, decision } = task;
            if request.failed.is_some() {
                body = self.without(&request, body).await;
            }
            let failure = match decision {
                Decision::Reply(reply) => return Ok(self.reply(&mut request, *reply, body.take()).await),
                Decision::File(plan) => match self.file(&mut request, *plan, &mut body).await {
                    Ok(answer) => return Ok(answer),
                    Err(failure) => failure,
                },
                Decision::Listing => match self.listing(&request).await {
                    Ok(reply) => return Ok(self.reply(&mut request, reply, body.take()).await),
                    Err(failure) => failure,
                },
                Decision::Status => {
                    let reply = status::reply(&self.worker.shared.tunnels, request.query.as_deref());
                    return Ok(self.reply(&mut request, reply, body.take()).await);
                }
                Decision::Balancers => {
                    let reply = manager::reply(&self.generation, &request);
                    return Ok(self.reply(&mut request, reply, body.take()).await);
                }
                Decision::Check(pending) => {
                    task = self.check(request, *pending).await;
                    continue;
                }
                Decision::Proxy(plan) => match self.pass_on(&mut request, &plan, &mut body).await {
                    Ok(outcome) => return outcome,
                    Err(failure) => failure,
                },
            };
            task = fail(&self.generation.snapshot, *request, failure).into();
        }
    }

    /// An ErrorDocument is asked for without the body of the request that failed.
    async fn without(&self, request: &Request, mut body: Upload) -> Upload {
        // A flawed body is no second failure.
        let _ = self.discard(request, body.take(), u64::MAX).await;
        Upload::nothing()
    }

    /// Finds out whether a password is right, and decides again.
    async fn check(&self, request: Box<Request>, pending: Pending) -> Task {
        let snapshot = &self.generation.snapshot;
        let decided = match Box::pin(self.worker.shared.passwords.check(&pending.check)).await {
            Ok(right) => resume(snapshot, *request, pending, right),
            Err(Busy) => fail(snapshot, *request, Reply::page(Status::SERVICE_UNAVAILABLE)),
        };
        decided.into()
    }

    /// Passes a request to the backend of its plan.
    async fn pass_on(&self, request: &mut Request, plan: &Plan, body: &mut Upload) -> Result<Outcome, Reply> {
        let backend = match &plan.to {
            Hop::Backend(backend, _) => Some(&**backend),
            Hop::Unnamed(_) => None,
            Hop::Balancer(balancer) => return self.balance(request, plan, balancer, body).await,
        };
        let leg = plan.leg(request, backend)?;
        let attempt = Attempt::new(self, plan, &leg, backend);
        let outcome = attempt.run(request, body).await;
        attempt.conclude(request, outcome)
    }
}

/// A request on its way to one particular backend.
pub(crate) struct Attempt<'a> {
    exchange: &'a Exchange,
    plan: &'a Plan,
    leg: &'a Leg,
    backend: Option<&'a Backend>,
    /// Who the backend is to its balancer.
    picked: Option<&'a Arc<Picked>>,
    /// The status that the backend answered with.
    answered: Cell<Option<u16>>,
    /// Whether the backend did not answer in time.
    timed_out: Cell<bool>,
    /// Whether the backend closed the connection instead of answering.
    unanswered: Cell<bool>,
    /// Whether the backend was not asked, for reasons that it has no part in.
    unasked: Cell<bool>,
}

impl<'a> Attempt<'a> {
    fn new(exchange: &'a Exchange, plan: &'a Plan, leg: &'a Leg, backend: Option<&'a Backend>) -> Self {
        let (answered, timed_out, unanswered, unasked) = Default::default();
        Self { exchange, plan, leg, backend, picked: None, answered, timed_out, unanswered, unasked }
    }

    async fn run(&self, request: &mut Request, body: &mut Upload) -> Result<Outcome, Reply> {
        match self.leg.upgrade {
            Upgrade::None => self.forward(request, body).await,
            // A stream of HTTP/2 cannot become one, whatever a configuration adds to its request.
            _ if !self.exchange.channel.is_switchable() => Err(Reply::page(Status::NOT_IMPLEMENTED)),
            Upgrade::Framed(_) | Upgrade::Raw(_) => self.tunnel(request, body).await,
        }
    }

    /// What becomes of an outcome that is the last. Where a backend closed instead of answering, a client that kept its
    /// connection sees the same: it may try again, and knows whether it should (`ap_proxy_http_process_response`).
    fn conclude(&self, request: &Request, outcome: Result<Outcome, Reply>) -> Result<Outcome, Reply> {
        let channel = &self.exchange.channel;
        let closes = self.unanswered.get() && channel.is_switchable() && channel.served() > 1;
        match outcome {
            Err(_) if closes => Ok(Ok(self.exchange.hang_up(request, self.plan))),
            outcome => outcome,
        }
    }
}
