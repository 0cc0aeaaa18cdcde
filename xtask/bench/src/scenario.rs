//! What is measured: the scenarios, and the load of each.

use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::{JoinSet, LocalSet};

use crate::client::{Client, Front};
use crate::cost::{Cost, Meter};

/// A measurement that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) conns: usize,
    pub(crate) tls: bool,
}

/// What the load does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One message of this size on its way in each tunnel.
    Echo(usize),
    /// Each tunnel takes as much as it can get.
    Down,
    /// Each tunnel gives as much as is taken.
    Up,
    /// Tunnels that do nothing.
    Idle,
    /// Connect, upgrade, close.
    Handshake,
    /// Plain requests over connections that are kept.
    Get,
}

const fn of(name: &'static str, kind: Kind, conns: usize, tls: bool) -> Scenario {
    Scenario { name, kind, conns, tls }
}

/// All of them.
pub(crate) const ALL: &[Scenario] = &[
    of("echo-32", Kind::Echo(32), 64, false),
    of("echo-1k", Kind::Echo(1 << 10), 64, false),
    of("echo-16k", Kind::Echo(16 << 10), 64, false),
    of("echo-32-1000", Kind::Echo(32), 1000, false),
    of("echo-1k-1000", Kind::Echo(1 << 10), 1000, false),
    of("echo-16k-1000", Kind::Echo(16 << 10), 1000, false),
    of("bulk-down", Kind::Down, 8, false),
    of("bulk-up", Kind::Up, 8, false),
    of("idle", Kind::Idle, 4000, false),
    of("handshake", Kind::Handshake, 32, false),
    of("get", Kind::Get, 64, false),
    of("tls-echo-1k", Kind::Echo(1 << 10), 64, true),
    of("tls-bulk-down", Kind::Down, 8, true),
    of("tls-bulk-up", Kind::Up, 8, true),
    of("tls-idle", Kind::Idle, 2000, true),
    of("tls-handshake", Kind::Handshake, 32, true),
    of("tls-get", Kind::Get, 64, true),
];

/// How much of each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amount {
    /// How long echoes, handshakes and requests go on.
    pub(crate) time: Duration,
    /// What each bulk tunnel carries.
    pub(crate) bytes: usize,
}

/// What came of one round.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    /// Operations: round trips, pieces of 64 KiB, handshakes, requests, or open tunnels.
    pub(crate) operations: u64,
    pub(crate) errors: u64,
    pub(crate) seconds: f64,
    /// Of each operation, in microseconds; not of bulk.
    pub(crate) times: Vec<u32>,
    /// What it cost the peer.
    pub(crate) cost: Cost,
}

/// The load's own connections wait so long before it counts.
const SETTLE: Duration = Duration::from_secs(3);
/// For so long idle tunnels are watched.
const WATCHED: Duration = Duration::from_secs(10);
/// Connections that are opened at once.
const AT_ONCE: usize = 128;

type Shared = Rc<RefCell<Outcome>>;

impl Scenario {
    /// Puts its load on a front, and measures.
    pub(crate) fn run(&self, front: &Front, amount: Amount, meter: &Meter) -> io::Result<Outcome> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        LocalSet::new().block_on(&runtime, async {
            match self.kind {
                Kind::Echo(size) => self.echoes(front, size, amount, meter).await,
                Kind::Down | Kind::Up => self.bulk(front, amount, meter).await,
                Kind::Idle => self.idle(front, meter).await,
                Kind::Handshake => self.handshakes(front, amount, meter).await,
                Kind::Get => self.gets(front, amount, meter).await,
            }
        })
    }

    /// Opens all connections, a few at a time.
    async fn open(&self, front: &Front, path: &'static str) -> io::Result<Vec<Client>> {
        let (mut opening, mut open, mut begun) = (JoinSet::new(), Vec::new(), 0);
        while open.len() < self.conns {
            while begun < self.conns && opening.len() < AT_ONCE {
                let front = front.clone();
                opening.spawn_local(async move { Client::open(&front, path).await });
                begun += 1;
            }
            let Some(next) = opening.join_next().await else { break };
            open.push(next.map_err(io::Error::other)??);
        }
        Ok(open)
    }

    async fn echoes(&self, front: &Front, size: usize, amount: Amount, meter: &Meter) -> io::Result<Outcome> {
        let clients = self.open(front, "/echo").await?;
        let payload: Rc<[u8]> = (0..size).map(|at| at as u8).collect();
        all(meter, clients, move |mut client, shared| {
            let payload = payload.clone();
            async move {
                repeat(&shared, amount.time, async || client.echo(&payload).await).await;
            }
        })
        .await
    }

    async fn gets(&self, front: &Front, amount: Amount, meter: &Meter) -> io::Result<Outcome> {
        let mut clients = Vec::new();
        for _ in 0..self.conns {
            let mut client = Client::connect(front).await?;
            client.get().await?;
            clients.push(client);
        }
        all(meter, clients, move |mut client, shared| async move {
            repeat(&shared, amount.time, async || client.get().await).await;
        })
        .await
    }

    async fn handshakes(&self, front: &Front, amount: Amount, meter: &Meter) -> io::Result<Outcome> {
        all(meter, vec![front.clone(); self.conns], move |front, shared| async move {
            repeat(&shared, amount.time, async || Client::open(&front, "/echo").await?.close().await).await;
        })
        .await
    }

    async fn bulk(&self, front: &Front, amount: Amount, meter: &Meter) -> io::Result<Outcome> {
        let pieces = (amount.bytes / crate::backend::PIECE) as u64;
        let down = self.kind == Kind::Down;
        let path: Rc<str> = if down { format!("/source?{}", amount.bytes).into() } else { "/sink".into() };
        all(meter, vec![front.clone(); self.conns], move |front, shared| {
            let path = path.clone();
            async move {
                let moved = async {
                    let mut client = Client::open(&front, &path).await?;
                    if down { client.take(amount.bytes).await } else { client.give(amount.bytes).await }
                };
                match moved.await {
                    Ok(()) => shared.borrow_mut().operations += pieces,
                    Err(error) => failed(&shared, &error),
                }
            }
        })
        .await
    }

    async fn idle(&self, front: &Front, meter: &Meter) -> io::Result<Outcome> {
        let before = meter.memory();
        let mut clients = self.open(front, "/echo").await?;
        tokio::time::sleep(SETTLE).await;
        let memory = meter.memory().saturating_sub(before);
        let span = meter.begin();
        tokio::time::sleep(WATCHED).await;
        let cost = Cost { memory: Some(memory), ..span.end() };
        let mut errors = 0;
        for client in &mut clients {
            errors += u64::from(client.echo(b"still there?").await.is_err());
        }
        Ok(Outcome {
            operations: clients.len() as u64,
            errors,
            seconds: WATCHED.as_secs_f64(),
            cost,
            ..Outcome::default()
        })
    }
}

/// Lets all connections do their work at the same time.
async fn all<C, F: Future<Output = ()> + 'static>(
    meter: &Meter,
    clients: Vec<C>,
    work: impl Fn(C, Shared) -> F,
) -> io::Result<Outcome> {
    let shared = Shared::default();
    let span = meter.begin();
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for client in clients {
        tasks.spawn_local(work(client, shared.clone()));
    }
    while let Some(done) = tasks.join_next().await {
        done.map_err(io::Error::other)?;
    }
    let mut outcome = shared.take();
    outcome.seconds = begun.elapsed().as_secs_f64();
    outcome.cost = span.end();
    Ok(outcome)
}

/// The same again and again for as long as it goes well.
async fn repeat(shared: &Shared, time: Duration, mut once: impl AsyncFnMut() -> io::Result<()>) {
    let end = Instant::now() + time;
    loop {
        let begun = Instant::now();
        if begun >= end {
            return;
        }
        if let Err(error) = once().await {
            return failed(shared, &error);
        }
        let mut outcome = shared.borrow_mut();
        outcome.operations += 1;
        outcome.times.push(u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
}

fn failed(shared: &Shared, error: &io::Error) {
    crate::note(format_args!("an error of the load: {error}"));
    shared.borrow_mut().errors += 1;
}
