//! The PROXY protocol's header, versions 1 and 2: a proxy names the client before the client's first byte.
//!
//! <https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt>. Exactly the header is taken off the stream: TLS or HTTP
//! begins behind it.

use std::borrow::Borrow;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::TcpStream;

/// The longest version 1 header, and the part that tells the versions apart: the shortest one.
const LONGEST_LINE: usize = 107;
const SHORTEST: usize = 15;
/// The longest body of a version 2 header that is read: addresses and some extensions.
const LONGEST_BODY: usize = 1024;
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// Why there is no header to be had.
#[derive(Debug)]
pub(crate) enum Flaw {
    /// The connection broke or ended.
    Io(io::Error),
    /// What came is none.
    Malformed,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Malformed => f.write_str("malformed"),
        }
    }
}

impl std::error::Error for Flaw {}

impl From<io::Error> for Flaw {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads the header; `None` where the proxy speaks for itself (UNKNOWN, LOCAL).
///
/// # Errors
/// Anything but a header: the connection is to be closed then.
pub(crate) async fn read<S>(stream: &mut S) -> Result<Option<SocketAddr>, Flaw>
where
    S: AsyncRead + Borrow<TcpStream> + Unpin,
{
    let mut head = vec![0; SHORTEST];
    stream.read_exact(&mut head).await?;
    if head.starts_with(b"PROXY ") {
        while !head.ends_with(b"\r\n") {
            let room = LONGEST_LINE - head.len();
            take_line(stream, &mut head, room).await?;
        }
        return version1(&head);
    }
    if !head.starts_with(SIGNATURE) {
        return Err(Flaw::Malformed);
    }
    head.push(stream.read_u8().await?);
    let length = usize::from(u16::from_be_bytes([head[14], head[15]]));
    if length > LONGEST_BODY {
        return Err(Flaw::Malformed);
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    version2(head[12], head[13], &body)
}

/// Takes what has come of a line, up to its end.
async fn take_line<S>(stream: &mut S, head: &mut Vec<u8>, room: usize) -> Result<(), Flaw>
where
    S: AsyncRead + Borrow<TcpStream> + Unpin,
{
    let mut ahead = [0; LONGEST_LINE];
    let come = (*stream).borrow().peek(&mut ahead[..room]).await?;
    if come == 0 {
        // The end, or no room for one.
        return Err(Flaw::Malformed);
    }
    let line = ahead[..come].iter().position(|byte| *byte == b'\n').map_or(come, |end| end + 1);
    stream.read_exact(&mut ahead[..line]).await?;
    head.extend_from_slice(&ahead[..line]);
    if head.ends_with(b"\n") && !head.ends_with(b"\r\n") { Err(Flaw::Malformed) } else { Ok(()) }
}

fn version1(line: &[u8]) -> Result<Option<SocketAddr>, Flaw> {
    let text = line.strip_suffix(b"\r\n").and_then(|text| std::str::from_utf8(text).ok());
    let mut words = text.ok_or(Flaw::Malformed)?.split(' ').skip(1);
    let mut word = || words.next().filter(|word| !word.is_empty()).ok_or(Flaw::Malformed);
    let family = word()?;
    if family == "UNKNOWN" {
        return Ok(None);
    }
    let (client, _ours, port) = (word()?, word()?, word()?);
    let ip: IpAddr = match family {
        "TCP4" => client.parse::<Ipv4Addr>().map(IpAddr::from).map_err(|_| Flaw::Malformed)?,
        "TCP6" => client.parse::<Ipv6Addr>().map(IpAddr::from).map_err(|_| Flaw::Malformed)?,
        _ => return Err(Flaw::Malformed),
    };
    Ok(Some(SocketAddr::new(ip, port.parse().map_err(|_| Flaw::Malformed)?)))
}

fn version2(command: u8, family: u8, body: &[u8]) -> Result<Option<SocketAddr>, Flaw> {
    match command {
        0x20 => return Ok(None),
        0x21 => {}
        _ => return Err(Flaw::Malformed),
    }
    // The client's address, ours, the client's port, ours; then extensions, which are skipped.
    let part = |at: usize, length: usize| body.get(at..at + length).ok_or(Flaw::Malformed);
    let (ip, port): (IpAddr, &[u8]) = match family {
        0x11 => {
            let ip: [u8; 4] = part(0, 4)?.try_into().map_err(|_| Flaw::Malformed)?;
            (ip.into(), part(8, 4)?)
        }
        0x21 => {
            let ip: [u8; 16] = part(0, 16)?.try_into().map_err(|_| Flaw::Malformed)?;
            (ip.into(), part(32, 4)?)
        }
        _ => return Err(Flaw::Malformed),
    };
    Ok(Some(SocketAddr::new(ip, u16::from_be_bytes([port[0], port[1]]))))
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::*;

    /// What is read of these pieces, and what is left behind it.
    async fn outcome(pieces: &[&[u8]]) -> (Option<Option<SocketAddr>>, Vec<u8>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        let send = async {
            for piece in pieces {
                client.write_all(piece).await.unwrap();
                tokio::task::yield_now().await;
            }
            client.shutdown().await.unwrap();
        };
        let receive = async {
            let read = read(&mut stream).await.ok();
            let mut rest = Vec::new();
            // A reader that gave up leaves something unread.
            let _ = stream.read_to_end(&mut rest).await;
            (read, rest)
        };
        tokio::join!(send, receive).1
    }

    #[track_caller]
    fn check(header: &[u8], client: Option<&str>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let wanted = (Some(client.map(|text| text.parse().unwrap())), b"GET /".to_vec());
        let whole = [header, b"GET /"].concat();
        assert_eq!(runtime.block_on(outcome(&[&whole])), wanted, "{}", header.escape_ascii());
        let bytes: Vec<&[u8]> = whole.chunks(1).collect();
        assert_eq!(runtime.block_on(outcome(&bytes)), wanted, "{} by bytes", header.escape_ascii());
    }

    #[track_caller]
    fn refuse(header: &[u8]) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        assert_eq!(runtime.block_on(outcome(&[header])).0, None, "{}", header.escape_ascii());
    }

    fn binary(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&SIGNATURE[..], &[command, family], &length, body].concat()
    }

    #[test]
    fn text_headers_name_the_client() {
        check(b"PROXY TCP4 192.168.192.66 192.168.192.77 1111 2222\r\n", Some("192.168.192.66:1111"));
        check(
            b"PROXY TCP6 2001:DB8::21f:5bff:febf:ce22:8a2e ::1 3333 4444\r\n",
            Some("[2001:db8::21f:5bff:febf:ce22:8a2e]:3333"),
        );
        check(b"PROXY UNKNOWN\r\n", None);
        check(b"PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", None);
    }

    #[test]
    fn binary_headers_name_the_client() {
        let v4 = [192, 168, 192, 66, 192, 168, 192, 77, 1, 240, 1, 241];
        check(&binary(0x21, 0x11, &v4), Some("192.168.192.66:496"));
        check(&binary(0x21, 0x11, &[&v4[..], b"\x04\0\x02ab"].concat()), Some("192.168.192.66:496"));
        let v6 = [[0x20, 1].as_slice(), &[0; 13], &[7], &[0; 16], &[0, 80, 0, 81]].concat();
        check(&binary(0x21, 0x21, &v6), Some("[2001::7]:80"));
        check(&binary(0x20, 0, b""), None);
    }

    #[test]
    fn anything_else_is_none() {
        for header in [
            &b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..],
            b"PROXY FOO 192.168.192.66 192.168.192.77 1111 2222\r\n",
            b"PROXY TCP4 ::1 ::1 1111 2222\r\n",
            b"PROXY TCP4 1.2.3.4 1.2.3.5 x 2222\r\n",
            b"PROXY TCP4 1.2.3.4 1.2.3.5 70000 2222\r\n",
            b"PROXY TCP4 1.2.3.4  1.2.3.5 1 2\nGET /",
            b"PROXY TCP4 1.2.3.4",
            b"",
        ] {
            refuse(header);
        }
        refuse(&[b"PROXY UNKNOWN ".as_slice(), &[b'x'; 200]].concat());
        refuse(&binary(0x22, 0x11, &[0; 12]));
        refuse(&binary(0x21, 0x12, &[0; 12]));
        refuse(&binary(0x21, 0x11, &[0; 11]));
        refuse(&binary(0x21, 0x11, &[0; 2000]));
    }
}
