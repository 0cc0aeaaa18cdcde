//! Listening sockets: one for each worker and address, by SO_REUSEPORT, so that workers share nothing.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};
use wsgate_wstunnel::Liveness;

/// httpd's `DEFAULT_LISTENBACKLOG`.
pub(crate) const BACKLOG: u32 = 511;

/// The sockets of one address.
#[derive(Debug)]
pub(crate) struct Door {
    /// The address.
    pub(crate) address: SocketAddr,
    /// One for each worker.
    pub(crate) sockets: Vec<TcpListener>,
}

/// How doors are made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doorway {
    /// How many sockets a door has.
    pub(crate) workers: usize,
    /// How many clients may wait at each of them.
    pub(crate) backlog: u32,
}

impl Doorway {
    /// Opens all that is wanted and not held yet, or nothing.
    ///
    /// # Errors
    /// An address that is in use, not permitted, or not this machine's, or wanted twice.
    pub(crate) fn open(self, wanted: &[SocketAddr], held: &[SocketAddr]) -> io::Result<Vec<Door>> {
        let mut doors = Vec::new();
        for (index, address) in wanted.iter().enumerate() {
            let named = |error: io::Error| {
                io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
            };
            if wanted[..index].iter().any(|other| overlap(*other, *address)) {
                return Err(named(io::ErrorKind::AddrInUse.into()));
            }
            if held.contains(address) {
                continue;
            }
            // A wildcard and an address of ours share a port while one takes the other's place.
            if held.iter().all(|held| held.port() != address.port()) {
                probe(*address).map_err(named)?;
            }
            let sockets = (0..self.workers).map(|_| open(*address, self.backlog));
            let sockets = sockets.collect::<io::Result<_>>().map_err(named)?;
            doors.push(Door { address: *address, sockets });
        }
        Ok(doors)
    }
}

/// The addresses to serve: IPv6's wildcard stands for IPv4's, too, so that one beside it is not opened
/// (`open_listeners` in server/listen.c).
pub(crate) fn settle(mut addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let covered = |address: &SocketAddr, all: &[SocketAddr]| {
        let wide = SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), address.port());
        address.ip() == Ipv4Addr::UNSPECIFIED && all.contains(&wide)
    };
    let all = addresses.clone();
    addresses.retain(|address| !covered(address, &all));
    addresses
}

/// Whether a client could reach both by one address.
fn overlap(a: SocketAddr, b: SocketAddr) -> bool {
    let takes_in = |wide: IpAddr, other: IpAddr| {
        wide == Ipv6Addr::UNSPECIFIED || wide == Ipv4Addr::UNSPECIFIED && other.is_ipv4() || wide == other
    };
    a.port() == b.port() && (takes_in(a.ip(), b.ip()) || takes_in(b.ip(), a.ip()))
}

/// Opens a listener. The IPv6 wildcard takes IPv4 in, as httpd's does on Linux.
fn open(address: SocketAddr, backlog: u32) -> io::Result<TcpListener> {
    match bind(address, backlog) {
        // A machine without IPv6: the IPv4 wildcard then.
        Err(error)
            if address.ip() == Ipv6Addr::UNSPECIFIED
                && error.raw_os_error() == Some(nix::libc::EAFNOSUPPORT) =>
        {
            bind(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port()), backlog)
        }
        outcome => outcome,
    }
}

fn bind(address: SocketAddr, backlog: u32) -> io::Result<TcpListener> {
    let socket = bare(address)?;
    socket.set_reuse_port(true)?;
    // Accepted sockets inherit both: no system call for each connection.
    socket.set_tcp_nodelay(true)?;
    Liveness::default().apply(&socket)?;
    socket.bind(&address.into())?;
    socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// Whether anyone else serves the address already: SO_REUSEPORT would hide it, and requests would be shared with
/// a stranger. A trial without it tells.
fn probe(address: SocketAddr) -> io::Result<()> {
    match bare(address) {
        // Binding fails where anyone listens. Nobody may find a door here that closes at once, so it does not listen.
        Ok(socket) => socket.bind(&address.into()),
        Err(error) if error.raw_os_error() == Some(nix::libc::EAFNOSUPPORT) => Ok(()),
        Err(error) => Err(error),
    }
}

fn bare(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOORWAY: Doorway = Doorway { workers: 2, backlog: 8 };

    fn any_port() -> SocketAddr {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap()
    }

    #[test]
    fn what_is_held_is_not_opened_again() {
        let address = any_port();
        let doors = DOORWAY.open(&[address], &[]).unwrap();
        assert_eq!(doors[0].sockets.len(), 2);
        assert!(DOORWAY.open(&[address], &[address]).unwrap().is_empty());
        let wildcard = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port());
        assert_eq!(DOORWAY.open(&[wildcard], &[address]).unwrap().len(), 1);
    }

    #[test]
    fn one_wildcard_takes_the_other_in() {
        let [v4, v6, other] = ["0.0.0.0:80", "[::]:80", "0.0.0.0:81"].map(|text| text.parse().unwrap());
        assert_eq!(settle(vec![v4, v6, other]), [v6, other]);
        assert!(overlap(v6, v4) && overlap(v4, "127.0.0.1:80".parse().unwrap()));
        assert!(!overlap(v4, other) && !overlap(v4, "[::1]:80".parse().unwrap()));
    }

    #[test]
    fn an_address_is_served_once() {
        let address = any_port();
        let kind = |outcome: io::Result<Vec<Door>>| outcome.unwrap_err().kind();
        assert_eq!(kind(DOORWAY.open(&[address, address], &[])), io::ErrorKind::AddrInUse);
        let doors = DOORWAY.open(&[address], &[]).unwrap();
        assert_eq!(kind(DOORWAY.open(&[address], &[])), io::ErrorKind::AddrInUse);
        drop(doors);
        assert_eq!(DOORWAY.open(&[address], &[]).unwrap().len(), 1);
    }
}
