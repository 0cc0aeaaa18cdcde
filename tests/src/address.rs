//! Addresses that no other test has: the loopback interface is 127.0.0.0/8, and each listener gets an address of its own
//! in it. The port is then fixed, and nothing that connects can be given one by chance.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};

/// The port that tests listen on; configurations of tests may name it.
const PORT: u16 = 9080;
/// How many listeners differ in the last byte only.
const IN_A_ROW: u16 = 250;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// An address for one listener of this process.
pub(crate) fn own() -> SocketAddr {
    let number = NEXT.fetch_add(1, Relaxed);
    // Processes that run at the same time differ in the lowest bits of their numbers.
    let process = std::process::id() % 0x3f00;
    let row = u32::from(number / IN_A_ROW + 1) * 0x4000;
    let [high, low] = u16::try_from(process + row).expect("a process has three rows").to_be_bytes();
    let last = u8::try_from(number % IN_A_ROW + 1).expect("it is small");
    SocketAddr::new(Ipv4Addr::new(127, high, low, last).into(), PORT)
}
