//! Listening sockets: one for each worker and address, by SO_REUSEPORT, so that workers share nothing.

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

/// httpd's `DEFAULT_LISTENBACKLOG`.
pub(crate) const BACKLOG: u32 = 511;

/// Opens a listener. The IPv6 wildcard takes IPv4 in, as httpd's does on Linux.
///
/// # Errors
/// Whatever the kernel says: in use, not permitted, no such address.
pub(crate) fn open(address: SocketAddr, backlog: u32) -> io::Result<TcpListener> {
    match bind(address, backlog) {
        // A machine without IPv6: the IPv4 wildcard then.
        Err(error)
            if address.ip() == std::net::IpAddr::from(std::net::Ipv6Addr::UNSPECIFIED)
                && error.raw_os_error() == Some(nix::libc::EAFNOSUPPORT) =>
        {
            bind(SocketAddr::new(std::net::Ipv4Addr::UNSPECIFIED.into(), address.port()), backlog)
        }
        outcome => outcome,
    }
}

fn bind(address: SocketAddr, backlog: u32) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    socket.bind(&address.into())?;
    socket.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// Whether anyone else serves the address already: SO_REUSEPORT would hide it, and requests would be shared with
/// a stranger. A trial without it tells.
///
/// # Errors
/// The address is in use, or cannot be bound.
pub(crate) fn probe(address: SocketAddr) -> io::Result<()> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(!address.ip().is_unspecified())?;
    }
    socket.bind(&address.into())?;
    socket.listen(1)
}
