//! Addresses that no other test has: the loopback interface is 127.0.0.0/8, and each listener gets an address of its own
//! in it, with other ports where there are very many. Ports are then fixed, and nothing that connects can be given one by
//! chance.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};

/// The port of the first that tests listen on.
const PORT: u16 = 9080;
/// How many listeners there are by one port; those of others are some way off, for tests that want a neighbour.
const BY_ONE_PORT: u16 = 250;

static NEXT: AtomicU16 = AtomicU16::new(1);

/// An address for one listener of this process.
pub(crate) fn own() -> SocketAddr {
    let number = NEXT.fetch_add(1, Relaxed);
    // Processes that run at the same time differ in the lowest bits of their numbers.
    let process = std::process::id() % 0x3f00;
    let [high, low] = u16::try_from(process + 0x4000).unwrap().to_be_bytes();
    let last = u8::try_from(number % BY_ONE_PORT + 1).expect("it is small");
    let port = PORT + 10 * (number / BY_ONE_PORT);
    SocketAddr::new(Ipv4Addr::new(127, high, low, last).into(), port)
}
