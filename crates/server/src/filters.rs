//! Output filters: what is done to the body of an answer on its way to the client.
//!
//! Not which and why: that is `core`'s. A filter holds one piece of what comes and one of what goes, whatever becomes of
//! it, and the same bytes go out however they come.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use hyper::body::{Body as _, Frame, SizeHint};
use wsgate_core::filters::Stage;
use wsgate_core::http::Headers;
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

    /// Puts down what the access log is told of it, once everything has come out.
    fn note(&self, _notes: &mut Headers) {}
}

/// How much a filter takes in one go before others have their turn.
const TURN: usize = 128 << 10;

/// A body that passes through a filter.
pub(crate) struct Filtered {
    inner: Body,
    filter: Box<dyn Filter>,
    /// What has come out before the client was answered.
    first: VecDeque<Bytes>,
    /// What comes behind the last byte, once that is there: trailers, or what cut the body short.
    last: Option<Last>,
    /// Whether nothing is to come any more behind what is here.
    over: bool,
}

type Last = Option<Result<Frame<Bytes>, Error>>;

/// A body with all that is done to it.
pub(crate) fn filtered(body: Body, stages: Vec<Stage>) -> Body {
    stages.into_iter().fold(body, |inner, stage| {
        let filter: Box<dyn Filter> = match stage {
            Stage::Gunzip(bounds) => Box::new(gunzip::Gunzip::new(bounds)),
            Stage::Substitute(rules) => Box::new(substitute::Substitute::new(rules)),
            Stage::Gzip { compression, notes } => Box::new(gzip::Gzip::new(compression, notes)),
            Stage::Brotli { compression, block, notes } => {
                Box::new(brotli::Brotli::new(compression, block, notes))
            }
            Stage::Slow(rate) => return Body::Slow(Box::new(Slow::new(inner, rate))),
        };
        let (first, last) = (VecDeque::new(), None);
        Body::Filtered(Box::new(Filtered { inner, filter, first, last, over: false }))
    })
}

/// Has the beginning of a body go through its filters, before its client is answered; gives its length if that is all.
/// Nobody waits for what a backend sends.
///
/// # Errors
/// The filters cannot do it. It is not an error of a backend's body, which is cut short.
pub(crate) async fn begin(body: &mut Body) -> Result<Option<u64>, Error> {
    let live = is_live(body);
    let mut outermost = body;
    let filtered = loop {
        outermost = match outermost {
            Body::Filtered(filtered) => break filtered,
            Body::Slow(slow) => slow.inner_mut(),
            Body::Bytes(_) | Body::File(_) | Body::Backend(_) | Body::Cut(_) => return Ok(None),
        };
    };
    if !live {
        return poll_fn(|cx| filtered.poll_begin(cx)).await;
    }
    match filtered.poll_begin(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(length)) => Ok(length),
        Poll::Ready(Err(error)) => {
            filtered.last = Some(Some(Err(error)));
            Ok(None)
        }
        Poll::Pending => Ok(None),
    }
}

/// What filters tell the access log of a body.
pub(crate) fn notes(mut body: &Body) -> Headers {
    let mut notes = Headers::new();
    loop {
        body = match body {
            Body::Filtered(filtered) => {
                filtered.filter.note(&mut notes);
                &filtered.inner
            }
            Body::Slow(slow) => slow.inner(),
            Body::Bytes(_) | Body::File(_) | Body::Backend(_) | Body::Cut(_) => return notes,
        };
    }
}

/// Whether a body comes as somebody sends it, and so is to be passed on as far as it has come.
pub(crate) fn is_live(mut body: &Body) -> bool {
    loop {
        body = match body {
            Body::Backend(_) => return true,
            Body::Filtered(filtered) => &filtered.inner,
            Body::Slow(slow) => slow.inner(),
            Body::Bytes(_) | Body::File(_) | Body::Cut(_) => return false,
        };
    }
}

impl Filtered {
    /// What of it can be had now.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match self.first.pop_front() {
            Some(piece) => Poll::Ready(Some(Ok(Frame::data(piece)))),
            None => self.poll_made(cx),
        }
    }

    fn poll_made(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let mut taken = 0;
        loop {
            match self.filter.next() {
                Ok(Some(piece)) => return Poll::Ready(Some(Ok(Frame::data(piece)))),
                Ok(None) => {}
                Err(error) => return Poll::Ready(Some(Err(Error::new(Kind::BodyCut, error)))),
            }
            if let Some(last) = &mut self.last {
                let last = last.take();
                self.over = last.is_none();
                return Poll::Ready(last);
            }
            if taken >= TURN {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            match Pin::new(&mut self.inner).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => {
                        taken += data.len();
                        self.filter.push(data);
                    }
                    Err(trailers) => self.end(Some(Ok(trailers))),
                },
                Poll::Ready(None) => self.end(None),
                Poll::Ready(Some(Err(error))) => {
                    self.filter.flush();
                    self.last = Some(Some(Err(error)));
                }
                Poll::Pending if is_live(&self.inner) && self.filter.flush() => {}
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn end(&mut self, last: Last) {
        self.filter.finish();
        self.last = Some(last);
    }

    /// Takes the first pieces; gives the length of everything if that is no more than one piece.
    fn poll_begin(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<u64>, Error>> {
        while self.held() < PIECE as u64 {
            match ready!(self.poll_made(cx)) {
                None => return Poll::Ready(Ok(Some(self.held()))),
                Some(Err(error)) => return Poll::Ready(Err(error)),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.first.push_back(data),
                    Err(trailers) => {
                        self.last = Some(Some(Ok(trailers)));
                        return Poll::Ready(Ok(None));
                    }
                },
            }
        }
        Poll::Ready(Ok(None))
    }

    /// How much has come out and was not taken.
    fn held(&self) -> u64 {
        self.first.iter().map(|piece| piece.len() as u64).sum()
    }

    /// Whether nothing is to come any more.
    pub(crate) fn is_end_stream(&self) -> bool {
        self.over && self.first.is_empty()
    }

    /// How much is to come, as far as that is known.
    pub(crate) fn size_hint(&self) -> SizeHint {
        if self.over { SizeHint::with_exact(self.held()) } else { SizeHint::default() }
    }
}

#[cfg(test)]
mod tests;
