//! Addresses that no other test has: the loopback interface is 127.0.0.0/8, and each listener gets an address of its own
//! in it. Ports are then free to be fixed, and nothing that connects can be given one by chance.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};

/// The port of everything that tests listen on.
const PORT: u16 = 9080;

static NEXT: AtomicU16 = AtomicU16::new(1);

/// An address for one listener of this process.
pub(crate) fn own() -> SocketAddr {
    let number = NEXT.fetch_add(1, Relaxed);
    // Processes that run at the same time differ in the lowest bits of their numbers.
    let process = std::process::id() % 0x3f00;
    let [high, low] = u16::try_from(process + 0x4000).unwrap().to_be_bytes();
    let last = u8::try_from(number).expect("fewer than 256 listeners in one test binary");
    SocketAddr::new(Ipv4Addr::new(127, high, low, last).into(), PORT)
}
