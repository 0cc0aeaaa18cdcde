//! The idle connections of one thread, and the way to a connection: an idle one, one that somebody hands over, or a
//! new one.
//!
//! Idle connections stay on their thread; how many connections a backend has counts over the process. When a thread
//! waits for one, the others give up theirs. Like httpd, a pool is a stack: what was used last is used next.
//!
//! `min=` has no effect: in httpd it keeps structures, not connections.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, timeout};

use crate::error::{Error, Kind};
use crate::live::{Live, Stream};
use crate::state::{BackendState, Permit};

/// How often idle connections are looked at.
const SWEEP: Duration = Duration::from_secs(1);

/// A backend as a request finds it configured.
#[derive(Clone, Debug)]
pub struct Backend {
    /// What is counted of it.
    pub state: Arc<BackendState>,
    /// What tells connections to it apart: the TLS settings, and the TLS name where it depends on the request.
    pub identity: Arc<str>,
    /// Its parameters.
    pub params: PoolParams,
}

/// The parameters of a worker that govern its pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolParams {
    /// Whether the worker is disabled or stopped (`status=+D`, `+S`).
    pub disabled: bool,
    /// Whether connections are not kept (`disablereuse=`).
    pub disable_reuse: bool,
    /// Idle connections above this number are closed once they are older than `ttl` (`smax=`).
    pub smax: Option<u32>,
    /// Idle connections older than this are not used (`ttl=`).
    pub ttl: Option<Duration>,
    /// How long to wait for one of `max=` connections (`acquire=`). httpd waits without limit where it is not set;
    /// here it is then the request's timeout.
    pub acquire: Option<Duration>,
}

/// The idle connections of one thread.
pub struct Pools<S: Stream> {
    shelves: Rc<RefCell<Shelves<S>>>,
}

struct Shelves<S: Stream> {
    by_backend: HashMap<usize, Shelf<S>>,
    /// Rung when there is something to look after.
    keeper: Arc<Notify>,
    age: Age,
}

/// How often the pools had been cleared when a connection was asked for: it is not kept beyond the next time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Age(u64);

/// What one thread keeps of one backend.
struct Shelf<S: Stream> {
    state: Arc<BackendState>,
    idle: VecDeque<Idle<S>>,
    waiting: VecDeque<Waiter<S>>,
}

struct Idle<S: Stream> {
    live: Live<S>,
    identity: Arc<str>,
    since: Instant,
    params: PoolParams,
}

struct Waiter<S: Stream> {
    identity: Arc<str>,
    hand: oneshot::Sender<Live<S>>,
}

impl<S: Stream> Clone for Pools<S> {
    fn clone(&self) -> Self {
        Self { shelves: Rc::clone(&self.shelves) }
    }
}

impl<S: Stream> Default for Pools<S> {
    fn default() -> Self {
        let shelves = Shelves { by_backend: HashMap::new(), keeper: Arc::default(), age: Age::default() };
        Self { shelves: Rc::new(RefCell::new(shelves)) }
    }
}

impl<S: Stream> Pools<S> {
    /// Empty pools.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the pools in order, for ever: to be spawned once on the pools' thread.
    pub async fn tend(self) {
        let keeper = Arc::clone(&self.shelves.borrow().keeper);
        loop {
            if self.shelves.borrow().by_backend.is_empty() {
                keeper.notified().await;
            } else {
                // Whether it was time or somebody waits: the same is to be done.
                let _ = timeout(SWEEP, keeper.notified()).await;
            }
            self.sweep(Instant::now());
        }
    }

    /// Closes all idle connections, and those in use when they have served their request: after a reload, as httpd
    /// does.
    pub fn clear(&self) {
        let mut shelves = self.shelves.borrow_mut();
        shelves.age.0 += 1;
        for shelf in shelves.by_backend.values_mut() {
            shelf.idle.clear();
        }
    }

    /// The age of what is asked for now.
    pub(crate) fn age(&self) -> Age {
        self.shelves.borrow().age
    }

    /// How many connections are idle.
    #[must_use]
    pub fn idle(&self) -> usize {
        self.shelves.borrow().by_backend.values().map(|shelf| shelf.idle.len()).sum()
    }

    fn sweep(&self, now: Instant) {
        self.shelves.borrow_mut().by_backend.retain(|_, shelf| {
            shelf.sweep(now);
            !shelf.idle.is_empty() || !shelf.waiting.is_empty()
        });
    }

    /// A connection for a tunnel, an idle one or a new one, with its place among the backend's connections.
    /// `patience` is for a place where `acquire=` is not set.
    ///
    /// # Errors
    /// All `max=` connections are in use, or `connect` fails.
    pub async fn connect(
        &self,
        backend: &Backend,
        patience: Duration,
        connect: impl AsyncFnOnce() -> Result<S, Error>,
    ) -> Result<(S, Permit), Error> {
        loop {
            match self.seek(backend, patience).await? {
                Granted::Slot(permit) => return Ok((connect().await?, permit)),
                Granted::Live(live) => {
                    if let Some(found) = live.into_stream() {
                        return Ok(found);
                    }
                }
            }
        }
    }

    /// A connection for a request; a `fresh` one takes the place of an idle one.
    ///
    /// # Errors
    /// All `max=` connections are in use, or `connect` fails.
    pub(crate) async fn obtain(
        &self,
        backend: &Backend,
        fresh: bool,
        patience: Duration,
        connect: impl AsyncFnOnce() -> Result<S, Error>,
    ) -> Result<Live<S>, Error> {
        let permit = match self.seek(backend, patience).await? {
            Granted::Live(live) if !fresh => return Ok(live),
            Granted::Live(live) => live.into_permit(),
            Granted::Slot(permit) => permit,
        };
        Live::open(connect().await?, BytesMut::new(), permit).await
    }

    /// An idle connection, or the right to make one.
    async fn seek(&self, backend: &Backend, patience: Duration) -> Result<Granted<S>, Error> {
        if backend.params.disabled {
            return Err(Kind::Disabled.into());
        }
        if let Some(live) = self.take(backend) {
            return Ok(Granted::Live(live));
        }
        match backend.state.try_permit() {
            Some(permit) => Ok(Granted::Slot(permit)),
            None => self.wait(backend, backend.params.acquire.unwrap_or(patience)).await,
        }
    }

    fn take(&self, backend: &Backend) -> Option<Live<S>> {
        let now = Instant::now();
        let mut shelves = self.shelves.borrow_mut();
        let shelf = shelves.by_backend.get_mut(&key(backend))?;
        while let Some(at) = shelf.idle.iter().rposition(|idle| idle.identity == backend.identity) {
            let mut idle = shelf.idle.remove(at)?;
            if !idle.is_expired(now) && idle.live.is_fit() {
                return Some(idle.live);
            }
        }
        None
    }

    async fn wait(&self, backend: &Backend, patience: Duration) -> Result<Granted<S>, Error> {
        let (hand, handed) = oneshot::channel();
        self.shelf(backend, |shelf| {
            shelf.waiting.retain(|waiter| !waiter.hand.is_closed());
            shelf.waiting.push_back(Waiter { identity: Arc::clone(&backend.identity), hand });
        });
        tokio::select! {
            biased;
            Ok(live) = handed => Ok(Granted::Live(live)),
            permit = backend.state.permit(patience) => permit.map(Granted::Slot),
        }
    }

    fn shelf<T>(&self, backend: &Backend, use_it: impl FnOnce(&mut Shelf<S>) -> T) -> T {
        let mut shelves = self.shelves.borrow_mut();
        let Shelves { by_backend, keeper, .. } = &mut *shelves;
        let shelf = by_backend.entry(key(backend)).or_insert_with(|| {
            keeper.notify_one();
            backend.state.hold(keeper);
            let state = Arc::clone(&backend.state);
            Shelf { state, idle: VecDeque::new(), waiting: VecDeque::new() }
        });
        use_it(shelf)
    }

    /// Takes back a connection that has served its request.
    pub(crate) fn give_back(&self, backend: &Backend, live: Live<S>, age: Age) {
        if backend.params.disable_reuse || age != self.age() {
            return;
        }
        self.shelf(backend, |shelf| shelf.put(backend, live));
    }
}

/// What a request may go out on.
enum Granted<S: Stream> {
    Live(Live<S>),
    Slot(Permit),
}

fn key(backend: &Backend) -> usize {
    // The shelf holds the state, so the address cannot become another's.
    Arc::as_ptr(&backend.state).addr()
}

impl<S: Stream> Idle<S> {
    fn is_expired(&self, now: Instant) -> bool {
        self.params.ttl.is_some_and(|ttl| now.duration_since(self.since) >= ttl)
    }
}

impl<S: Stream> Shelf<S> {
    fn put(&mut self, backend: &Backend, mut live: Live<S>) {
        while let Some(at) = self.waiting.iter().position(|waiter| waiter.identity == backend.identity) {
            let Some(waiter) = self.waiting.remove(at) else { break };
            match waiter.hand.send(live) {
                Ok(()) => return,
                Err(back) => live = back,
            }
        }
        if self.state.wanted() > 0 {
            return;
        }
        let identity = Arc::clone(&backend.identity);
        self.idle.push_back(Idle { live, identity, since: Instant::now(), params: backend.params });
        self.trim(Instant::now());
    }

    /// `smax=` (`reslist_maint` in apr_reslist.c).
    fn trim(&mut self, now: Instant) {
        while let Some(oldest) = self.idle.front() {
            let surplus = oldest.params.smax.is_some_and(|smax| self.idle.len() > smax as usize);
            let old = oldest.params.ttl.is_none_or(|ttl| now.duration_since(oldest.since) >= ttl);
            if !(surplus && old) {
                break;
            }
            self.idle.pop_front();
        }
    }

    fn sweep(&mut self, now: Instant) {
        self.waiting.retain(|waiter| !waiter.hand.is_closed());
        self.idle.retain_mut(|idle| !idle.is_expired(now) && idle.live.is_fit());
        let surplus = self.state.wanted().min(self.idle.len());
        self.idle.drain(..surplus);
    }
}
