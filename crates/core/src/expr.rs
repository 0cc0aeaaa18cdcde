//! Evaluates expressions for one request: ap_expr_exec and ap_expr_str_exec.
//!
//! What a request looks like comes through [`Context`]; nothing else is asked. An expression that cannot be evaluated
//! (a pattern that gives up, a file that cannot be read, a question nobody answers) is an error and never false:
//! access rules have to deny then, and whoever else asks has to say what happens.

mod evaluator;
mod transform;

pub(crate) use evaluator::time;
pub(crate) use transform::unbase64;

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use wsgate_directives::expr::{Condition, FileTest, Subrequest, Variable, Word};
use wsgate_directives::regex::{Captures, MatchError};

/// What an expression can ask about the request, its connection and its server.
pub trait Context {
    /// The text of something that has a name; `None` if there is no such thing, which reads as empty.
    ///
    /// Never asked for [`Variable::Time`] and [`Variable::ApiVersion`].
    ///
    /// # Errors
    /// It cannot be known: [`Error::Unanswered`], or [`Error::File`] for a file that cannot be read.
    fn lookup(&mut self, what: Lookup<'_>) -> Result<Option<Cow<'_, [u8]>>, Error>;

    /// The client's address (`useragent_addr`).
    fn client(&mut self) -> IpAddr;

    /// The present time, where the server stands.
    fn now(&mut self) -> LocalTime;

    /// The outcome of a test on a file, or of a subrequest.
    ///
    /// # Errors
    /// It cannot be known here.
    fn probe(&mut self, probe: Probe<'_>) -> Result<bool, Error> {
        Err(Error::Unanswered(match probe {
            Probe::File(..) => "a test on a file",
            Probe::Subrequest(..) => "a subrequest",
        }))
    }

    /// The values of an extension of the client's certificate, by OID or name.
    ///
    /// # Errors
    /// It cannot be known here.
    fn peer_extensions(&mut self, _extension: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
        Err(Error::Unanswered("PeerExtList"))
    }
}

/// Something that has a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// A variable.
    Variable(Variable),
    /// A variable of mod_ssl, `SSL_` and all, in capitals.
    Ssl(&'a str),
    /// A request header; repeated ones joined.
    Request(&'a [u8]),
    /// A response header as set so far.
    Response(&'a [u8]),
    /// The request's environment.
    RequestEnv(&'a [u8]),
    /// The request's notes.
    Note(&'a [u8]),
    /// The process's environment.
    OsEnv(&'a [u8]),
    /// A file's content; httpd takes up to 10 MB.
    File(&'a [u8]),
    /// A regular file's size in bytes; `None` for anything else.
    FileSize(&'a [u8]),
}

/// Something that is so or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe<'a> {
    /// A file's kind.
    File(FileTest, &'a [u8]),
    /// Whether a request for this file or URL would be let through.
    Subrequest(Subrequest, &'a [u8]),
}

/// A point in local time, for `TIME` and its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what they are called")]
pub struct LocalTime {
    pub year: u16,
    /// From 1.
    pub month: u8,
    /// From 1.
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    /// From 0 for Sunday.
    pub weekday: u8,
}

/// What an evaluation leaves behind; hand it on where the groups of one expression are used by the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The groups of the last pattern that had any: `$0` to `$9`. A pattern that did not match leaves none.
    pub captures: Option<Captures<'static>>,
    /// Whether there is none because the last pattern with groups did not match.
    pub unmatched: bool,
    /// The request headers read, Host excepted, in order: what Vary has to name. httpd uses them only if the
    /// evaluation of a condition succeeds, and not for directives that evaluate with AP_EXPR_FLAG_DONT_VARY.
    pub vary: Vec<Vec<u8>>,
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// A pattern gave up.
    Match(MatchError),
    /// Nested deeper than httpd evaluates.
    TooDeep,
    /// Nobody here can answer this.
    Unanswered(&'static str),
    /// A file cannot be read, and why.
    File(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Match(error) => write!(f, "pattern not decided: {error}"),
            Self::TooDeep => f.write_str("recursion limit reached"),
            Self::Unanswered(what) => write!(f, "{what} is not available here"),
            Self::File(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Match(error) => Some(error),
            _ => None,
        }
    }
}

/// Whether the condition holds.
///
/// # Errors
/// It is not known whether it holds.
pub fn eval(condition: &Condition, context: &mut dyn Context, state: &mut State) -> Result<bool, Error> {
    evaluator::Evaluator::new(context, state).condition(condition)
}

/// The text of a string expression.
///
/// # Errors
/// The text is not known.
pub fn eval_string(word: &Word, context: &mut dyn Context, state: &mut State) -> Result<Vec<u8>, Error> {
    evaluator::Evaluator::new(context, state).word(word).map(Cow::into_owned)
}

#[cfg(test)]
mod tests;
