//! The upgrade's handshake with the backend: the request goes out, the answer's head comes in.
//!
//! Each state is a type and each step consumes it, so that tunnel bytes cannot be written before a valid 101:
//! only [`Switched`] gives the stream away as a tunnel's side. Interim answers are handed to the caller, other
//! answers go back unparsed, to be read by whoever frames HTTP.

use std::io;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::error::{Error, Kind};
use crate::head::{self, Head, HeadLimits, Scan, Seen};

/// An answer's head with its first frames fits; a longer one grows it.
const FIRST_READ: usize = 2048;

/// The request that asks for the tunnel.
#[derive(Debug, Clone, Copy)]
pub struct Upgrade<'a> {
    /// The whole head as it goes out, the blank line included.
    pub head: &'a [u8],
    /// The body, already framed as the head says; mostly empty.
    pub body: &'a [u8],
    /// The token that the head's Upgrade field asks for.
    pub protocol: &'a [u8],
    /// How long the backend may be silent before its head is whole.
    pub timeout: Duration,
    /// What the answer's head may measure.
    pub limits: HeadLimits,
}

/// The request is out; the answer is not in.
#[derive(Debug)]
pub struct Handshake<'a, S> {
    stream: S,
    upgrade: &'a Upgrade<'a>,
    read: BytesMut,
    interim: usize,
    /// Whether an empty line has been taken off the front.
    blank: bool,
    /// A backend may answer and close without reading the request: its answer counts, not our failed write.
    write_error: Option<io::Error>,
}

/// What the backend answered.
#[derive(Debug)]
pub enum Answer<'a, S> {
    /// An interim answer (not 100, which is swallowed) to pass on; the handshake goes on.
    Interim(Head, Handshake<'a, S>),
    /// A valid 101.
    Switching(Switched<S>),
    /// Anything else.
    Plain(Unframed<S>),
}

/// The backend speaks the protocol that was asked for.
#[derive(Debug)]
pub struct Switched<S> {
    /// The 101's head.
    pub head: Head,
    /// The stream, now a tunnel's side.
    pub stream: S,
    /// Tunnel bytes that came with the head.
    pub early: Bytes,
}

/// An answer that is not a 101, unparsed: to be read as HTTP by whoever frames it.
#[derive(Debug)]
pub struct Unframed<S> {
    /// The stream the rest comes from.
    pub stream: S,
    /// What was read of it, from the status line on (interim answers are gone).
    pub read: Bytes,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Handshake<'a, S> {
    /// Writes the request, head and body in one go where the stream takes them.
    ///
    /// # Errors
    /// [`Kind::Silent`] if the backend does not take it in time.
    pub async fn send(mut stream: S, upgrade: &'a Upgrade<'a>) -> Result<Self, Error> {
        let Ok(written) = timeout(upgrade.timeout, write(&mut stream, upgrade)).await else {
            return Err(Kind::Silent.into());
        };
        let read = BytesMut::with_capacity(FIRST_READ);
        Ok(Self { stream, upgrade, read, interim: 0, blank: false, write_error: written.err() })
    }

    /// Reads the next answer's head.
    ///
    /// # Errors
    /// The backend is silent, closes, sends too much or nonsense, or switches to another protocol.
    pub async fn answer(mut self) -> Result<Answer<'a, S>, Error> {
        match self.next().await? {
            Next::Final(head) => self.finish(head),
            Next::Interim(head) => Ok(Answer::Interim(head, self)),
            Next::NotTunnel => Ok(Answer::Plain(Unframed { stream: self.stream, read: self.read.freeze() })),
        }
    }

    async fn next(&mut self) -> Result<Next, Error> {
        loop {
            // The one that is too many has been passed on, as by httpd.
            if self.interim > self.upgrade.limits.interim {
                return Err(Kind::Malformed.into());
            }
            let Some(length) = self.read_head().await? else { return Ok(Next::NotTunnel) };
            match status(&self.read) {
                Some(101) => return Ok(Next::Final(head::take(&mut self.read, length)?)),
                Some(code @ 100..=199) => {
                    self.interim += 1;
                    let head = head::take(&mut self.read, length)?;
                    if code != 100 {
                        return Ok(Next::Interim(head));
                    }
                }
                _ => return Ok(Next::NotTunnel),
            }
        }
    }

    /// Reads up to the end of a head: its length, or nothing if this is no HTTP.
    async fn read_head(&mut self) -> Result<Option<usize>, Error> {
        let mut scan = Scan::default();
        loop {
            if !self.read.is_empty() && !self.skips_blank() {
                match scan.look(&self.read, self.upgrade.limits)? {
                    Seen::Whole(length) => return Ok(Some(length)),
                    Seen::NotHttp => return Ok(None),
                    Seen::Part => {}
                }
            }
            // As httpd, which waits anew for each piece; the limits bound how many there are.
            match timeout(self.upgrade.timeout, self.stream.read_buf(&mut self.read)).await {
                Ok(Ok(0)) => return Err(self.closed(None)),
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return Err(self.closed(Some(error))),
                Err(_) => return Err(Kind::Silent.into()),
            }
        }
    }

    /// Takes one empty line off that stands in front of an answer, as httpd does; whether more is to be waited for.
    fn skips_blank(&mut self) -> bool {
        let blank = match &self.read[..] {
            [b'\r'] => return true,
            [b'\r', b'\n', ..] => 2,
            [b'\n', ..] => 1,
            _ => return false,
        };
        if !std::mem::replace(&mut self.blank, true) {
            self.read.advance(blank);
        }
        self.read.is_empty()
    }

    fn closed(&mut self, read_error: Option<io::Error>) -> Error {
        // A started status line is no answer yet.
        let kind = if self.read.contains(&b'\n') { Kind::HeadCut } else { Kind::Closed };
        match self.write_error.take().or(read_error) {
            Some(error) => Error::io(kind, error),
            None => kind.into(),
        }
    }

    /// httpd: a 101 must name the protocol that was asked for, letter case aside (`ap_proxy_http_process_response`).
    fn finish(self, head: Head) -> Result<Answer<'a, S>, Error> {
        let asked = self.upgrade.protocol;
        if head.values("upgrade").next().is_none() {
            return Err(Kind::UpgradeMissing.into());
        }
        if !head.values("upgrade").all(|token| token.eq_ignore_ascii_case(asked)) {
            return Err(Kind::UpgradeOther.into());
        }
        Ok(Answer::Switching(Switched { head, stream: self.stream, early: self.read.freeze() }))
    }
}

enum Next {
    Final(Head),
    Interim(Head),
    NotTunnel,
}

async fn write<S: AsyncWrite + Unpin>(stream: &mut S, upgrade: &Upgrade<'_>) -> io::Result<()> {
    if upgrade.body.is_empty() {
        stream.write_all(upgrade.head).await?;
    } else {
        stream.write_all(&[upgrade.head, upgrade.body].concat()).await?;
    }
    stream.flush().await
}

/// The code in `HTTP/1.x CODE`, as httpd looks for it (`HTTP/#.# ###*`); the head's full syntax is the parser's matter.
fn status(read: &[u8]) -> Option<u16> {
    let [minor, b' ', code @ ..] = read.strip_prefix(b"HTTP/1.")?.get(..5)? else { return None };
    minor.is_ascii_digit().then(|| std::str::from_utf8(code).ok()?.parse().ok())?
}
