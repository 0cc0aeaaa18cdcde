//! Measures wsgate beside the other reverse proxies that are installed: the same backend, the same load, the same
//! tasks, one after the other in turns. Run as `cargo xtask bench`, which builds both first.
//!
//! Loopback only; nothing is installed or changed outside temporary folders; all ends by itself.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustls::client::Resumption;
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;

mod backend;
mod client;
mod cost;
mod peer;
mod scenario;
mod table;
mod ws;

use client::Front;
use peer::{Peer, Task};
use scenario::{ALL, Amount, Kind, Outcome, Scenario};
use table::{Row, table};

/// Measures wsgate beside nginx, haproxy and apache2, whichever is installed, and writes Markdown tables.
#[derive(Parser)]
#[command(name = "cargo xtask bench")]
struct Args {
    /// The wsgate to measure.
    #[arg(long)]
    wsgate: PathBuf,
    /// Scenarios, all by default; `list` names them.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Peers besides wsgate, all that are installed by default.
    #[arg(long, value_delimiter = ',')]
    peers: Option<Vec<String>>,
    /// How often each peer has its turn.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long each turn is, in seconds.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// MiB that each bulk tunnel carries.
    #[arg(long, default_value_t = 256)]
    mib: usize,
    /// Idle tunnels, instead of the scenario's number.
    #[arg(long)]
    idle: Option<usize>,
    /// Where the tables go, besides the terminal.
    #[arg(long)]
    out: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            note(format_args!("{error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> io::Result<()> {
    if args.only.iter().any(|name| name == "list") {
        ALL.iter().for_each(|scenario| note(scenario.name));
        return Ok(());
    }
    let wanted = |scenario: &&Scenario| args.only.is_empty() || args.only.iter().any(|n| n == scenario.name);
    let bench = Bench::prepare(args)?;
    let mut report = bench.heading(args);
    note(&report);
    for scenario in ALL.iter().filter(wanted) {
        let text = bench.measure(scenario, args);
        note(&text);
        report.push_str(&text);
    }
    args.out.as_ref().map_or(Ok(()), |path| fs::write(path, report))
}

/// What all measurements share.
struct Bench {
    peers: Vec<Peer>,
    backend: SocketAddr,
    keys: TempDir,
    tls: Arc<ClientConfig>,
    /// The processor that peers have to themselves.
    processor: Option<usize>,
    perf: bool,
}

impl Bench {
    fn prepare(args: &Args) -> io::Result<Self> {
        let mut peers = vec![Peer::wsgate(args.wsgate.clone())];
        let others = Peer::installed().into_iter();
        peers.extend(
            others.filter(|p| args.peers.as_ref().is_none_or(|named| named.iter().any(|n| n == p.name))),
        );
        raise_descriptor_limit()?;
        let processor = keep_one_processor_free()?;
        let backend = backend::start()?;
        let (keys, tls) = keys()?;
        Ok(Self { peers, backend, keys, tls, processor, perf: cost::perf_counts() })
    }

    fn heading(&self, args: &Args) -> String {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let model = read("/proc/cpuinfo");
        let model = model.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
        let mut out = format!(
            "Machine: {}, Linux {}. One worker each{}. {} rounds of {} s, in turns.{}\n\n",
            model.trim_start_matches([' ', '\t', ':']),
            read("/proc/sys/kernel/osrelease").trim(),
            self.processor.map(|_| ", with a processor to itself").unwrap_or_default(),
            args.rounds,
            args.seconds,
            if self.perf { "" } else { " No instructions are shown: perf cannot count them here." },
        );
        for peer in &self.peers {
            out.push_str(&format!("- {}: {}\n", peer.name, peer.version()));
        }
        out
    }

    fn measure(&self, scenario: &Scenario, args: &Args) -> String {
        let idle = args.idle.filter(|_| scenario.kind == Kind::Idle);
        let scenario = &Scenario { conns: idle.unwrap_or(scenario.conns), ..*scenario };
        let mut rows: Vec<_> = self.peers.iter().map(|p| Row { peer: p.name, rounds: Vec::new() }).collect();
        for _ in 0..args.rounds {
            for (peer, row) in self.peers.iter().zip(&mut rows) {
                match self.round(scenario, peer, args) {
                    Ok(outcome) => row.rounds.push(outcome),
                    Err(error) => {
                        note(format_args!("{} in {}: {error}", peer.name, scenario.name));
                        row.rounds.push(Outcome { errors: 1, ..Outcome::default() });
                    }
                }
            }
        }
        table(scenario, &rows)
    }

    fn round(&self, scenario: &Scenario, peer: &Peer, args: &Args) -> io::Result<Outcome> {
        let task = Task {
            backend: self.backend,
            keys: self.keys.path(),
            conns: scenario.conns,
            workers: 1,
            processor: self.processor,
        };
        let running = peer.start(&task)?;
        let (address, tls) =
            if scenario.tls { (running.tls, Some(self.tls.clone())) } else { (running.plain, None) };
        let amount = Amount { time: Duration::from_secs_f64(args.seconds), bytes: args.mib << 20 };
        scenario.run(&Front { address, tls }, amount, &running.meter(self.perf))
    }
}

/// Leaves the first processor to the peers, where there are more; the load has the others.
fn keep_one_processor_free() -> io::Result<Option<usize>> {
    let ours = sched_getaffinity(None)?;
    let all: Vec<_> = (0..CpuSet::MAX_CPU).filter(|at| ours.is_set(*at)).collect();
    let (Some(first), true) = (all.first(), all.len() > 1) else { return Ok(None) };
    let mut rest = CpuSet::new();
    all[1..].iter().for_each(|at| rest.set(*at));
    sched_setaffinity(None, &rest)?;
    Ok(Some(*first))
}

/// A tunnel of the load takes two descriptors, and the peer's inherit the limit.
fn raise_descriptor_limit() -> io::Result<()> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?)
}

/// A certificate for localhost, and a client that trusts it and never resumes.
fn keys() -> io::Result<(TempDir, Arc<ClientConfig>)> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).map_err(io::Error::other)?;
    let folder = tempfile::tempdir()?;
    let (cert, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let write = |name: &str, text: &str| fs::write(Path::new(folder.path()).join(name), text);
    write("cert.pem", &cert)?;
    write("key.pem", &key)?;
    write("both.pem", &format!("{cert}{key}"))?;
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).map_err(io::Error::other)?;
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok((folder, Arc::new(config)))
}

/// Speaks to the terminal.
#[expect(clippy::print_stdout, reason = "this is a tool for a terminal")]
fn note(line: impl std::fmt::Display) {
    println!("{line}");
}
