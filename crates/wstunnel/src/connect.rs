//! The connection to the backend, under a timeout. What is said over it is not this file's matter.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream, UnixStream};
use tokio::time::timeout;

use crate::error::{Error, Kind};
use crate::liveness::Liveness;
use crate::socket::Socket;

/// Where the backend is.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// Its addresses, tried in turn (`localhost` is often two).
    Tcp(&'a [SocketAddr]),
    /// The path of its socket.
    Unix(&'a Path),
}

/// How to reach it.
#[derive(Debug, Clone, Copy)]
pub struct Reach {
    /// For each address tried, as httpd counts it (`ap_proxy_connect_to_backend`).
    pub timeout: Duration,
    /// The local address to connect from.
    pub source: Option<IpAddr>,
    /// How a vanished backend is noticed.
    pub liveness: Liveness,
}

impl Default for Reach {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(60), source: None, liveness: Liveness::default() }
    }
}

/// Connects to the first address that answers. The socket has `TCP_NODELAY`: a relay never waits for more.
///
/// # Errors
/// The last address's failure.
pub async fn connect(target: Target<'_>, reach: &Reach) -> Result<Socket, Error> {
    match target {
        Target::Unix(path) => match timeout(reach.timeout, UnixStream::connect(path)).await {
            Ok(unix) => unix.map(Socket::Unix).map_err(failed),
            Err(_) => Err(Kind::ConnectTimeout.into()),
        },
        Target::Tcp(addresses) => {
            let mut last = Kind::Unresolvable.into();
            for &address in addresses {
                match tcp(address, reach).await {
                    Ok(tcp) => return Ok(Socket::Tcp(tcp)),
                    Err(error) => last = error,
                }
            }
            Err(last)
        }
    }
}

async fn tcp(address: SocketAddr, reach: &Reach) -> Result<TcpStream, Error> {
    let socket = prepare(address, reach).map_err(|e| Error::io(Kind::NoSocket, e))?;
    match timeout(reach.timeout, socket.connect(address)).await {
        Ok(tcp) => tcp.map_err(failed),
        Err(_) => Err(Kind::ConnectTimeout.into()),
    }
}

fn prepare(address: SocketAddr, reach: &Reach) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_nodelay(true)?;
    // A peer on this machine cannot vanish: its kernel is ours.
    if !address.ip().to_canonical().is_loopback() {
        reach.liveness.apply(&socket)?;
    }
    if let Some(source) = reach.source.filter(|s| s.is_ipv4() == address.is_ipv4()) {
        socket.bind(SocketAddr::new(source, 0))?;
    }
    Ok(socket)
}

fn failed(error: io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => Kind::Refused,
        io::ErrorKind::TimedOut => Kind::ConnectTimeout,
        io::ErrorKind::AddrNotAvailable | io::ErrorKind::AddrInUse => Kind::NoSocket,
        _ => match error.raw_os_error().map(rustix::io::Errno::from_raw_os_error) {
            Some(rustix::io::Errno::MFILE | rustix::io::Errno::NFILE | rustix::io::Errno::NOBUFS) => {
                Kind::NoSocket
            }
            _ => Kind::Unreachable,
        },
    };
    Error::io(kind, error)
}
