//! Tunnels that are relayed synchronously: each on a thread of its own, which does nothing else.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::life::{Bell, Life, Mode};
use crate::pump::{Pump, Quiet};
use crate::socket::Stream;
use crate::tunnels::ThreadPermit;
use crate::worker;

/// A relay is shallow; rustls needs the most of it.
const STACK: usize = 256 * 1024;

/// Relays two streams on a thread. Their readiness still comes from the worker's poller, with which the streams
/// are registered; every byte is moved, and every record ciphered, here.
pub(crate) fn pump<C: Stream, B: Stream>(
    pump: Pump<C, B>,
    life: Life,
    bell: Arc<Notify>,
    quiet: Quiet,
    permit: ThreadPermit,
) {
    life.entry.hand_to(Mode::Thread, Bell::Task(Arc::clone(&bell)));
    let work = move || {
        let permit = permit;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let Ok(runtime) = runtime else { return life.end(crate::Cause::Failed) };
        let quiet_again = runtime.block_on(pump.run(life, Arc::clone(&bell), quiet));
        drop(permit);
        if let Some((pump, life)) = quiet_again {
            worker::hand_over(pump, life, bell, quiet.end);
        }
    };
    // A thread that cannot be made drops the closure, and with it the life.
    let _ = std::thread::Builder::new().name("tunnel".into()).stack_size(STACK).spawn(work);
}
