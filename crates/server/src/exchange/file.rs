//! Files as answers: opened when the head is made, read piece by piece as the client takes them.

use std::ffi::OsStr;
use std::io::SeekFrom;
use std::os::unix::ffi::OsStrExt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::Response;
use hyper::body::Frame;
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncRead, AsyncSeekExt, ReadBuf};
use wsgate_core::answer::of_reply;
use wsgate_core::modules::files::FilePlan;
use wsgate_core::reply::{Reply, Status};
use wsgate_core::request::Request;
use wsgate_proxy::Error;

use super::answer::Sending;
use super::forward::Upload;
use super::{Body, Exchange, Recorded};
use crate::machine::AT_ONCE;

/// How much of a file is in memory at a time.
const PIECE: usize = 64 << 10;

/// What is still to be sent of a file.
pub(crate) struct Part {
    file: File,
    /// So many bytes from where the file stands.
    pub(super) left: u64,
    piece: Box<[u8]>,
}

impl Part {
    /// The next piece. A file that has become shorter ends early, and hyper then closes the connection.
    pub(super) fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = self.get_mut();
        let most = usize::try_from(this.left).map_or(PIECE, |left| left.min(PIECE));
        if most == 0 {
            return Poll::Ready(None);
        }
        let mut buffer = ReadBuf::new(&mut this.piece[..most]);
        match ready!(Pin::new(&mut this.file).poll_read(cx, &mut buffer)) {
            Ok(()) if !buffer.filled().is_empty() => {
                let piece = Bytes::copy_from_slice(buffer.filled());
                this.left -= piece.len() as u64;
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Ok(()) => Poll::Ready(None),
            Err(error) => {
                log::error!("a file cannot be read any further: {error}");
                Poll::Ready(None)
            }
        }
    }
}

impl Exchange {
    /// Answers with a file.
    pub(super) async fn file(
        &self,
        request: &mut Request,
        plan: FilePlan,
        body: &mut Upload,
    ) -> Result<Response<Recorded>, Reply> {
        let part = open(&plan).await?;
        self.discard(request, body.take(), body_limit(request)).await?;
        let (mut answer, page) = of_reply(&self.generation.snapshot, request, &plan.reply);
        // A field that cannot be sent has made another answer of it.
        let whole = answer.head.status == plan.reply.status;
        let length = if whole { plan.length } else { page.len() as u64 };
        if !answer.head.status.is_bodyless() && !answer.is_transformed() {
            answer.head.headers.set("Content-Length", length.to_string());
        }
        let body = if whole { Body::File(part) } else { Body::bytes(page) };
        Ok(self.answer(request, answer, Sending { length: Some(length), body, plan: None }))
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
async fn open(plan: &FilePlan) -> Result<Part, Reply> {
    let forbidden = |error: std::io::Error| {
        log::error!("{}: {error}", plan.path.escape_ascii());
        Reply::page(Status::FORBIDDEN)
    };
    let path = OsStr::from_bytes(&plan.path);
    let mut file = OpenOptions::new().read(true).custom_flags(AT_ONCE).open(path).await.map_err(forbidden)?;
    let found = file.metadata().await.map_err(forbidden)?;
    if !found.is_file() || found.len() < plan.start.saturating_add(plan.length) {
        return Err(Status::FORBIDDEN.into());
    }
    file.seek(SeekFrom::Start(plan.start)).await.map_err(forbidden)?;
    Ok(Part { file, left: plan.length, piece: vec![0; PIECE].into() })
}
