//! Bodies: by their length, or in chunks, which are framed anew so that hyper sees no framing but ours.

use std::io;
use std::mem::MaybeUninit;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use tokio::io::{AsyncRead, ReadBuf};

use super::framing::{Chunks, Next};
use super::gate::{Gate, READ, Stage};
use super::head::{Flaw, Reader};
use super::wait::Waiting;

impl<S: AsyncRead + Unpin> Gate<S> {
    /// Passes on what belongs to the body, of which `left` bytes are missing.
    pub(super) fn poll_length(
        &mut self,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
        left: u64,
    ) -> Poll<io::Result<()>> {
        self.stage = Stage::Length(left);
        let room = out.remaining().min(usize::try_from(left).unwrap_or(usize::MAX));
        let n = if self.buffer.is_empty() {
            let mut store = [MaybeUninit::uninit(); READ];
            let mut read = ReadBuf::uninit(&mut store[..room.min(READ)]);
            ready!(self.poll_stream(cx, &mut read, Waiting::Body)).map_err(|error| self.spoil(error))?;
            if read.filled().is_empty() {
                return Poll::Ready(Err(self.spoil(io::ErrorKind::UnexpectedEof.into())));
            }
            out.put_slice(read.filled());
            read.filled().len()
        } else {
            let n = room.min(self.buffer.len());
            out.put_slice(&self.buffer[..n]);
            self.buffer.advance(n);
            n
        };
        let left = left - n as u64;
        self.stage = if left == 0 { self.end_body() } else { Stage::Length(left) };
        Poll::Ready(Ok(()))
    }

    /// Passes on the next piece of a chunked body.
    pub(super) fn poll_chunked(
        &mut self,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
        mut chunks: Chunks,
    ) -> Poll<io::Result<()>> {
        // Data must fit into `out`.
        let shown = self.buffer.len().min(out.remaining());
        let found = chunks.next(&self.buffer[..shown], &self.current.rules);
        let (length, next) = found.map_err(|flaw| self.spoil_by(flaw))?;
        self.stage = Stage::Chunked(chunks);
        match next {
            Next::More => {}
            Next::Chunk(size) => self.out.chunk(size),
            Next::Data(n) => out.put_slice(&self.buffer[..n]),
            Next::ChunkEnd => self.out.put(b"\r\n"),
            Next::Trailer => self.stage = Stage::Trailer(Reader::trailer()),
        }
        self.buffer.advance(length);
        if next == Next::More && self.buffer.is_empty() { self.poll_more(cx) } else { Poll::Ready(Ok(())) }
    }

    /// The trailer is checked and dropped: httpd passes it on in neither direction.
    pub(super) fn poll_trailer(&mut self, cx: &mut Context<'_>, mut reader: Reader) -> Poll<io::Result<()>> {
        let found = reader.read(&self.buffer, &self.current.rules);
        let Some(length) = found.map_err(|flaw| self.spoil_by(flaw))? else {
            self.stage = Stage::Trailer(reader);
            return self.poll_more(cx);
        };
        self.buffer.advance(length);
        self.out.put(b"0\r\n\r\n");
        self.stage = self.end_body();
        Poll::Ready(Ok(()))
    }

    /// Reads more of a body that has not reached its end.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match ready!(self.poll_fill(cx, Waiting::Body)) {
            Ok(0) => Poll::Ready(Err(self.spoil(io::ErrorKind::UnexpectedEof.into()))),
            Ok(_) => Poll::Ready(Ok(())),
            Err(error) => Poll::Ready(Err(self.spoil(error))),
        }
    }

    /// The body is no good from here on: what may follow it is not read, and the service learns the status.
    fn spoil(&mut self, error: io::Error) -> io::Error {
        self.stage = Stage::Over;
        let flaw = if error.kind() == io::ErrorKind::TimedOut { Flaw::LATE } else { Flaw::BAD };
        self.body_flaw = Some(flaw.status);
        error
    }

    fn spoil_by(&mut self, flaw: Flaw) -> io::Error {
        self.stage = Stage::Over;
        self.body_flaw = Some(flaw.status);
        io::ErrorKind::InvalidData.into()
    }
}
