//! One open connection to a backend, with hyper on it.
//!
//! No task of its own drives it: whoever has it polls it, and dropping it closes it.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use bytes::BytesMut;
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::body::OutBody;
use crate::error::{Error, Kind};
use crate::state::Permit;
use crate::turn::SharedTurn;
use crate::wire::Wire;

/// What hyper may buffer in each direction.
const MOST_BUFFER: usize = 64 * 1024;

/// What a connection to a backend is made of.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + 'static> Stream for S {}

type Driven<S> = Box<Connection<TokioIo<Wire<S>>, OutBody>>;

/// An open connection.
pub(crate) struct Live<S: Stream> {
    pub(crate) sender: SendRequest<OutBody>,
    pub(crate) turn: SharedTurn,
    /// Requests that it has served.
    pub(crate) served: u32,
    connection: Option<Driven<S>>,
    /// Below the connection: that is closed before its place is free.
    permit: Permit,
}

impl<S: Stream> Live<S> {
    /// `read`: what was read of the first answer already.
    pub(crate) async fn open(stream: S, read: BytesMut, permit: Permit) -> Result<Self, Error> {
        let turn = SharedTurn::default();
        let wire = Wire::new(stream, Rc::clone(&turn), read);
        let mut builder = Builder::new();
        builder.max_buf_size(MOST_BUFFER);
        let made = builder.handshake(TokioIo::new(wire)).await;
        let (sender, connection) = made.map_err(|error| Error::new(Kind::Closed, error))?;
        Ok(Self { sender, turn, served: 0, connection: Some(Box::new(connection)), permit })
    }

    /// Lets the connection make progress.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) {
        if let Some(connection) = &mut self.connection
            && let Poll::Ready(_) = Pin::new(&mut **connection).poll(cx)
        {
            self.connection = None;
        }
    }

    /// Closes it; its place among the backend's connections is free for another.
    pub(crate) fn into_permit(self) -> Permit {
        self.permit
    }

    /// The bare stream of a connection that is fit for another request, with its place.
    pub(crate) fn into_stream(self) -> Option<(S, Permit)> {
        let parts = self.connection?.into_parts();
        let stream = parts.io.into_inner().into_stream()?;
        parts.read_buf.is_empty().then_some((stream, self.permit))
    }

    /// Whether the connection can take another request: it is open, and the backend has sent nothing unasked.
    pub(crate) fn is_fit(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        self.connection.is_some() && self.sender.is_ready() && !self.turn.borrow().deaf
    }
}
