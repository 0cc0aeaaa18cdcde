//! Output filters: what is done to the body of an answer on its way to the client.
//!
//! Not which and why: that is `core`'s. A filter holds one piece of what comes and one of what goes, whatever becomes of
//! it, and the same bytes go out however they come.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body as _, Frame};
use wsgate_core::filters::Stage;
use wsgate_proxy::{Error, Kind};

use crate::exchange::Body;

mod brotli;
mod gunzip;
mod gzip;
mod slow;
mod substitute;

pub(crate) use slow::Slow;

/// How large the pieces are that filters make, at most or thereabouts; httpd's DeflateBufferSize.
const PIECE: usize = 8096;

/// Something that is done to bytes.
trait Filter {
    /// Takes more, once [`Filter::next`] has nothing left.
    fn push(&mut self, input: Bytes);

    /// All that has been taken shall come out, since nobody knows when there will be more; whether there is any.
    fn flush(&mut self) -> bool;

    /// There is no more.
    fn finish(&mut self);

    /// The next piece, if there is one that shall not wait for more.
    fn next(&mut self) -> io::Result<Option<Bytes>>;
}

/// A body that passes through a filter.
pub(crate) struct Filtered {
    inner: Body,
    filter: Box<dyn Filter>,
    /// What comes behind the last byte, once that is there: trailers, or what cut the body short.
    last: Option<Last>,
}

type Last = Option<Result<Frame<Bytes>, Error>>;

/// A body with all that is done to it.
pub(crate) fn filtered(body: Body, stages: Vec<Stage>) -> Body {
    stages.into_iter().fold(body, |inner, stage| {
        let filter: Box<dyn Filter> = match stage {
            Stage::Gunzip(bounds) => Box::new(gunzip::Gunzip::new(bounds)),
            Stage::Substitute(rules) => Box::new(substitute::Substitute::new(rules)),
            Stage::Gzip(compression) => Box::new(gzip::Gzip::new(compression)),
            Stage::Brotli { compression, block } => Box::new(brotli::Brotli::new(compression, block)),
            Stage::Slow(rate) => return Body::Slow(Box::new(Slow::new(inner, rate))),
        };
        Body::Filtered(Box::new(Filtered { inner, filter, last: None }))
    })
}

impl Filtered {
    /// What of it can be had now.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        loop {
            match self.filter.next() {
                Ok(Some(piece)) => return Poll::Ready(Some(Ok(Frame::data(piece)))),
                Ok(None) => {}
                Err(error) => return Poll::Ready(Some(Err(Error::new(Kind::BodyCut, error)))),
            }
            if let Some(last) = &mut self.last {
                return Poll::Ready(last.take());
            }
            match Pin::new(&mut self.inner).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => self.filter.push(data),
                    Err(trailers) => self.end(Some(Ok(trailers))),
                },
                Poll::Ready(None) => self.end(None),
                Poll::Ready(Some(Err(error))) => {
                    self.filter.flush();
                    self.last = Some(Some(Err(error)));
                }
                Poll::Pending if self.is_live() && self.filter.flush() => {}
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn end(&mut self, last: Last) {
        self.filter.finish();
        self.last = Some(last);
    }

    /// Whether it comes as somebody sends it, and so is to be passed on as far as it has come.
    fn is_live(&self) -> bool {
        let mut body = &self.inner;
        loop {
            body = match body {
                Body::Backend(_) => return true,
                Body::Filtered(filtered) => &filtered.inner,
                Body::Slow(slow) => slow.inner(),
                Body::Bytes(_) | Body::File(_) | Body::Cut(_) => return false,
            };
        }
    }
}

#[cfg(test)]
mod tests;
