//! A body that is kept as a whole: a little of it in memory, the rest in a file without a name.

use std::collections::VecDeque;
use std::io::{self, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncSeekExt, AsyncWriteExt, ReadBuf};

use crate::body::SourceBody;
use crate::error::BoxError;

/// What is kept in memory; the rest goes to the disk.
const MOST_MEMORY: u64 = 256 * 1024;
const FILE_READ: usize = 64 * 1024;

/// What has been kept so far.
pub(crate) struct Spool {
    memory: VecDeque<Bytes>,
    length: u64,
    file: Option<File>,
}

impl Spool {
    pub(crate) fn new(memory: VecDeque<Bytes>) -> Self {
        let length = memory.iter().map(|piece| piece.len() as u64).sum();
        Self { memory, length, file: None }
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) async fn add(&mut self, piece: Bytes) -> io::Result<()> {
        self.length += piece.len() as u64;
        if self.file.is_none() && self.length <= MOST_MEMORY {
            self.memory.push_back(piece);
            return Ok(());
        }
        if self.file.is_none() {
            self.file = Some(File::from_std(tempfile::tempfile()?));
        }
        match &mut self.file {
            Some(file) => file.write_all(&piece).await,
            None => Ok(()),
        }
    }

    /// The body, from its beginning.
    pub(crate) async fn into_body(mut self) -> io::Result<SourceBody> {
        if let Some(file) = &mut self.file {
            file.flush().await?;
            file.seek(SeekFrom::Start(0)).await?;
        }
        Ok(Box::pin(Kept { memory: self.memory, file: self.file }))
    }
}

/// A kept body as it is sent.
struct Kept {
    memory: VecDeque<Bytes>,
    file: Option<File>,
}

impl Body for Kept {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let kept = self.get_mut();
        if let Some(piece) = kept.memory.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        let Some(file) = &mut kept.file else { return Poll::Ready(None) };
        let mut space = vec![0; FILE_READ];
        let mut buf = ReadBuf::new(&mut space);
        ready!(Pin::new(file).poll_read(cx, &mut buf))?;
        let length = buf.filled().len();
        if length == 0 {
            kept.file = None;
            return Poll::Ready(None);
        }
        space.truncate(length);
        Poll::Ready(Some(Ok(Frame::data(space.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.memory.is_empty() && self.file.is_none()
    }
}
