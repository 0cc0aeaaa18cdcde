//! Files as answers: opened when the head is made, read piece by piece as the client takes them.
//!
//! What the system has in memory is read at once; for what it has to fetch a thread waits, so that the worker's other
//! connections do not.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{self, IoSliceMut};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::Response;
use hyper::body::Frame;
use rustix::io::{ReadWriteFlags, preadv2};
use sha1::{Digest, Sha1};
use tokio::task::{JoinHandle, spawn_blocking};
use wsgate_core::answer::of_file;
use wsgate_core::modules::files::{FilePlan, Opened};
use wsgate_core::ranges::Piece;
use wsgate_core::reply::{Reply, Status};
use wsgate_core::request::Request;
use wsgate_core::world::Kind as Found;
use wsgate_proxy::{Error, Kind};

use super::answer::through;
use super::forward::Upload;
use super::{Body, Exchange, Recorded};
use crate::machine::{AT_ONCE, told};

/// How much of a file is in memory at a time.
const MOST: usize = 64 << 10;

/// What is still to be sent of a file.
pub(crate) struct Part {
    file: Arc<File>,
    pieces: VecDeque<Piece>,
    /// So many bytes in all.
    pub(super) left: u64,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
}

impl Part {
    /// All of it.
    fn whole(file: File, size: u64) -> Self {
        Self {
            file: Arc::new(file),
            pieces: VecDeque::from([Piece::Part { start: 0, length: size }]),
            left: size,
            reading: None,
        }
    }

    /// These pieces instead.
    pub(super) fn cut(self, pieces: Vec<Piece>) -> Self {
        let left = pieces.iter().map(Piece::length).sum();
        Self { pieces: pieces.into(), left, ..self }
    }

    /// The next piece.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        loop {
            if let Some(reading) = &mut self.reading {
                let read = ready!(Pin::new(reading).poll(cx));
                self.reading = None;
                let read = read.unwrap_or_else(|error| Err(io::Error::other(error)));
                return Poll::Ready(Some(self.took(read)));
            }
            let (start, length) = match self.pieces.front_mut() {
                None => return Poll::Ready(None),
                Some(Piece::Text(text)) => {
                    let text = std::mem::take(text);
                    self.pieces.pop_front();
                    self.left -= text.len() as u64;
                    return Poll::Ready(Some(Ok(Frame::data(text))));
                }
                Some(Piece::Part { length: 0, .. }) => {
                    self.pieces.pop_front();
                    continue;
                }
                Some(Piece::Part { start, length }) => (*start, *length),
            };
            let most = usize::try_from(length).map_or(MOST, |length| length.min(MOST));
            if let Some(read) = at_once(&self.file, start, most) {
                return Poll::Ready(Some(self.took(Ok(read))));
            }
            let file = self.file.clone();
            self.reading = Some(spawn_blocking(move || waiting(&file, start, most)));
        }
    }

    /// What was read of the part in front. One that cannot be read, or has become shorter, is cut: nobody may take what
    /// was sent of it for all of it.
    fn took(&mut self, read: io::Result<Bytes>) -> Result<Frame<Bytes>, Error> {
        let read = read.and_then(|read| match read.len() {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(read),
        });
        let read = read.map_err(|error| Error::new(Kind::BodyCut, error))?;
        let count = read.len() as u64;
        if let Some(Piece::Part { start, length }) = self.pieces.front_mut() {
            (*start, *length) = (*start + count, *length - count);
        }
        self.left -= count;
        Ok(Frame::data(read))
    }
}

/// What the system has of a file in memory; none where it would have to wait, or cannot say.
fn at_once(file: &File, start: u64, most: usize) -> Option<Bytes> {
    let mut piece = vec![0; most];
    let count = preadv2(file, &mut [IoSliceMut::new(&mut piece)], start, ReadWriteFlags::NOWAIT).ok()?;
    piece.truncate(count);
    Some(piece.into())
}

fn waiting(file: &File, start: u64, most: usize) -> io::Result<Bytes> {
    let mut piece = vec![0; most];
    let count = file.read_at(&mut piece, start)?;
    piece.truncate(count);
    Ok(piece.into())
}

impl Exchange {
    /// Answers with a file.
    pub(super) async fn file(
        &self,
        request: &mut Request,
        plan: FilePlan,
        body: &mut Upload,
    ) -> Result<Response<Recorded>, Reply> {
        let opening = spawn_blocking(move || open(&plan)).await;
        let (file, opened) = opening.map_err(|_| Reply::page(Status::INTERNAL_SERVER_ERROR))??;
        self.discard(request, body.take(), body_limit(request)).await?;
        let mut answer = of_file(&self.generation.snapshot, request, &opened)?;
        let length = opened.stat.size;
        let body = Body::File(Part::whole(file, length));
        let sending = through(request, &mut answer, Some(length), body).await?;
        Ok(self.answer(request, answer, sending))
    }
}

/// LimitRequestBody (`ap_get_limit_req_body`).
fn body_limit(request: &Request) -> u64 {
    match request.dir.core.limit_request_body.as_ref().map(|set| set.value) {
        None | Some(0) => u64::MAX,
        Some(most) => most,
    }
}

/// Opens a file; one that cannot be read is forbidden, as is what has become something else since it was looked at.
fn open(plan: &FilePlan) -> Result<(File, Opened), Reply> {
    let forbidden = |error: io::Error| {
        log::error!("{}: {error}", plan.path.escape_ascii());
        Reply::page(Status::FORBIDDEN)
    };
    let path = OsStr::from_bytes(&plan.path);
    let file = OpenOptions::new().read(true).custom_flags(AT_ONCE).open(path).map_err(forbidden)?;
    let stat = told(&file.metadata().map_err(forbidden)?);
    if stat.kind != Found::File {
        return Err(Status::FORBIDDEN.into());
    }
    let digest = plan.digest.then(|| digest(&file)).transpose().map_err(forbidden)?;
    Ok((file, Opened { stat, digest }))
}

/// The digest of a file's content.
fn digest(file: &File) -> io::Result<[u8; 20]> {
    let (mut digest, mut piece, mut start) = (Sha1::new(), vec![0; MOST], 0);
    loop {
        match file.read_at(&mut piece, start)? {
            0 => return Ok(digest.finalize().into()),
            count => {
                digest.update(&piece[..count]);
                start += count as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use wsgate_core::filters::Stage;
    use wsgate_directives::filters::Compression;

    use super::*;
    use crate::filters::{begin, filtered};

    #[tokio::test]
    async fn pieces_come_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let content: Vec<u8> = (0..=255_u8).cycle().take(3 * MOST + 5).collect();
        std::fs::write(&path, &content).unwrap();
        let sent = async |cut: Option<Vec<Piece>>| {
            let file = File::open(&path).unwrap();
            let whole = Part::whole(file, content.len() as u64);
            let mut part = match cut {
                Some(pieces) => whole.cut(pieces),
                None => whole,
            };
            let (mut sent, told) = (Vec::new(), part.left);
            while let Some(frame) = poll_fn(|cx| part.poll_next(cx)).await {
                sent.extend(frame.unwrap().into_data().unwrap());
            }
            assert_eq!((part.left, told), (0, sent.len() as u64));
            sent
        };
        assert_eq!(sent(None).await, content);
        let text = |text: &'static str| Piece::Text(Bytes::from_static(text.as_bytes()));
        let pieces = vec![
            text("head"),
            Piece::Part { start: 10, length: 3 },
            Piece::Part { start: 7, length: 0 },
            text("tail"),
            Piece::Part { start: 5, length: 2 * MOST as u64 },
        ];
        let expected = [b"head", &content[10..13], b"tail", &content[5..5 + 2 * MOST]].concat();
        assert_eq!(sent(Some(pieces)).await, expected);
    }

    #[tokio::test]
    async fn a_file_that_shrinks_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "four").unwrap();
        let mut part = Part::whole(File::open(&path).unwrap(), 9);
        assert!(poll_fn(|cx| part.poll_next(cx)).await.unwrap().is_ok());
        let cut = poll_fn(|cx| part.poll_next(cx)).await.unwrap().unwrap_err();
        assert_eq!((cut.kind, part.left), (Kind::BodyCut, 5));
    }

    #[tokio::test]
    async fn half_a_file_is_no_whole_gzip_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "four").unwrap();
        let compression = Compression { level: 6, window: 15 };
        let gzip = Stage::Gzip { compression, notes: Arc::default() };
        let body = Body::File(Part::whole(File::open(&path).unwrap(), 9));
        assert!(begin(&mut filtered(body, vec![gzip])).await.is_err());
    }

    #[test]
    fn what_is_no_file_is_forbidden() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "abc").unwrap();
        let open = |name: &str, digest| {
            let path = folder.path().join(name);
            open(&FilePlan { path: Bytes::copy_from_slice(path.as_os_str().as_bytes()), digest })
        };
        assert_eq!(open("", false).unwrap_err().status, Status::FORBIDDEN);
        assert_eq!(open("none", false).unwrap_err().status, Status::FORBIDDEN);
        assert_eq!(open("file", false).unwrap().1.digest, None);
        assert_eq!(open("file", true).unwrap().1.digest.unwrap()[..4], [0xa9, 0x99, 0x3e, 0x36]);
    }
}
