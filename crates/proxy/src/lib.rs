//! Connections to backends for plain HTTP: pools, forwarding, and what balancers pick by.
//!
//! Knows no configuration, no route and no client: whoever has those says what to send, to which backend, how to
//! connect, and what a worker's parameters are. hyper frames the bodies; heads go out and come in as httpd has them.
//!
//! ```text
//! let backends = Backends::default();                              // once a process, across reloads
//! let pools = Pools::<S>::new();                                   // once a worker thread
//! spawn_local(pools.clone().tend());
//! let state = backends.state("http://10.0.0.1:8080", max);         // once a worker of a configuration
//!
//! let mut body = RequestBody::prepare(source, declared, rules).await?;
//! let backend = Backend { state, identity, params };
//! let request = Request { line, fields, body: &mut body, ... };
//! let answer = pools.send(&backend, request, async || connect().await).await?;
//! answer.head.status; answer.body                                  // a hyper Body
//! ```
//!
//! A tunnel counts among a worker's connections: [`Pools::connect`] gives it a stream and the [`Permit`] that it holds
//! for as long as it lives. An upgrade that the backend refuses is read as an ordinary answer by [`Pools::receive`].
//!
//! `flushpackets=` has no effect: nothing is held back on the way to the client.

mod balancer;
mod body;
mod error;
mod forward;
mod head;
mod line;
mod live;
mod opening;
mod pool;
mod spool;
mod state;
mod sticky;
mod turn;
mod wire;

pub use balancer::{
    Asked, Attempts, Balancer, BalancerParams, Member, MemberParams, Method, Picked, Unpicked,
};
pub use body::{BodyRules, Declared, RequestBody, SourceBody};
pub use error::{BoxError, Error, Kind, Outcome, Side};
pub use forward::{Answer, AnswerBody, Handover, Reading, Request};
pub use head::{AnswerHead, BadHeader, HeadRules};
pub use line::RequestLine;
pub use live::Stream;
pub use opening::{Crowded, Turn};
pub use pool::{Backend, PoolParams, Pools};
pub use state::{BackendState, Backends, Permit};
pub use sticky::{Session, Sticky};
pub use wire::MOST_INTERIM;
