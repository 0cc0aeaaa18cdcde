//! TLS on both sides, by rustls: towards clients one configuration per virtual host, towards backends one per scope.
//!
//! The parameters are plain values ([`ServerTls`], [`ProxyTls`]); everything that needs their files happens in
//! [`TlsTable::build`] and [`BackendTls::build`], so what builds also serves. Of the directives only `from_config`
//! knows, of HTTP nothing.

mod accept;
mod backend;
mod chain;
mod client_auth;
mod error;
mod from_config;
mod front;
mod machine;
mod params;
mod pem;
mod provider;
mod revocation;
mod signature;
#[cfg(test)]
mod tests;
mod vars;
mod x509;

pub(crate) use accept::{AcceptError, Accepted, TlsInfo, accept};
pub(crate) use backend::BackendTls;
pub(crate) use error::TlsError;
pub(crate) use from_config::{place_of_backends, place_of_clients};
pub(crate) use front::{SniVerdict, TlsTable};
pub(crate) use params::{ProxyTls, ServerTls};
