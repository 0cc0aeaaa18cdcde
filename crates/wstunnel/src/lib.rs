//! Opens and runs one tunnel.
//!
//! A tunnel is two connected sides and the bytes between them. This crate connects the backend's side, asks it
//! for the upgrade, and relays until both sides are done. It knows no configuration, no route and no client's HTTP:
//! whoever has those hands over two streams and the terms.
//!
//! # Opening
//!
//! ```text
//! connect(target, reach) -> Socket          TCP (several addresses) or unix, under a timeout
//!     (the caller wraps it in TLS, or not)
//! Handshake::send(stream, &upgrade)         head and body in one write
//!     .answer() -> Answer::Interim(head, handshake)   1xx to pass on (100 is swallowed)
//!                  Answer::Switching(Switched { head, stream, early })   a valid 101
//!                  Answer::Plain(Unframed { stream, read })   anything else, read from its beginning
//! ```
//!
//! Each failure is an [`Error`] with a [`Kind`] and a [`Side`]. Nothing of the client's reaches the backend as
//! tunnel bytes before `Switching`: only that state gives the stream away as a tunnel's side.
//!
//! # Relaying
//!
//! One [`Tunnels`] per process, one [`Worker`] per worker thread (within its `LocalSet`):
//!
//! ```text
//! let tunnels = Tunnels::new(most_threads);                       // anywhere
//! let worker = Worker::new(&tunnels)?;                            // on the worker's thread
//! worker.start(
//!     End { stream: client, early: read_behind_the_request },
//!     End { stream: switched.stream, early: switched.early },
//!     Terms { label, client, backend, idle, half_close, drive, on_end },
//! ) -> TunnelId
//! ```
//!
//! The caller has written the 101 to the client before `start`. A tunnel without handshake (the answer is forwarded
//! unread) is `start` right after `connect`, with the request in front of the client's `early` bytes.
//!
//! Sides are [`Stream`]s: a side that is nothing but a socket says so (`into_socket`), and two such sides are
//! relayed by the worker's engine outside tokio; any other pair by a task. [`Drive`] puts a tunnel on a thread of its
//! own. `on_end` is called exactly once, with the [`Cause`] and the counters, perhaps on another thread, and must not block.
//!
//! [`Tunnels`] lists, kills, drains and stops, from any thread.
//!
//! # The life of a tunnel
//!
//! ```text
//!   Worker::start ── both sides plain sockets ──> engine: out of tokio, one epoll for all; 0.3 KB, no buffer
//!        │                                           ▲ quiet
//!        ├── Drive::Thread ───────────────────> thread: the same Tunnel, driven by poll(2)
//!        │                                           ▼
//!        └── a side is more (TLS) ─────────────> pump: a task (or a thread), two async streams
//!
//!   Tunnel = two ways; a way: read into the thread's buffer, write at once,
//!                             keep what was refused, read nothing until it is out;
//!                             after three big reads splice(2), until a small one
//!   end:     both ways ended ─> Life::end(cause): off the register, log line, on_end
//!            a side may linger 2 s (FIN sent, bytes dropped), so that no reset overtakes what was delivered
//! ```

mod buffer;
mod connect;
mod engine;
mod entry;
mod error;
mod fate;
mod handshake;
mod head;
mod hop;
mod life;
mod liveness;
mod pipe;
mod pump;
mod socket;
mod thread;
mod tunnel;
mod tunnels;
mod way;
mod wheel;
mod worker;

pub use connect::{Reach, Target, connect};
pub use error::{Error, Kind, Side};
pub use handshake::{Answer, Handshake, Switched, Unframed, Upgrade};
pub use head::{Head, HeadLimits};
pub use life::{Cause, Ended, Mode, OnEnd, RouteLabel, TunnelId, TunnelInfo};
pub use liveness::Liveness;
pub use socket::{Socket, Stream};
pub use tunnels::{Totals, Tunnels};
pub use worker::{Drive, End, Terms, Worker};
