//! Arguments that are expressions.

use std::sync::Arc;

use super::{Cx, Problem};
use crate::expr::{self, Condition, Expr, Facility, Trust, Word};
use crate::words::Arg;

impl Cx<'_> {
    /// The condition that begins at the byte `start` of an argument: 5 behind `expr=`.
    ///
    /// # Errors
    /// It cannot be read, or asks what nobody here can answer.
    pub fn condition(&self, arg: &Arg, start: usize) -> Result<Arc<Expr<Condition>>, Problem> {
        let source = arg.as_bytes().get(start..).unwrap_or_default();
        let parsed = expr::condition(source, self.trust()).map_err(|error| error.refusal(arg, start))?;
        answerable(parsed, arg, start)
    }

    /// The string expression that begins at the byte `start` of an argument.
    ///
    /// # Errors
    /// As for [`Cx::condition`].
    pub fn string(&self, arg: &Arg, start: usize) -> Result<Arc<Expr<Word>>, Problem> {
        let source = arg.as_bytes().get(start..).unwrap_or_default();
        let parsed = expr::string(source, self.trust()).map_err(|error| error.refusal(arg, start))?;
        answerable(parsed, arg, start)
    }

    fn trust(&self) -> Trust {
        if self.place.htaccess.is_some() { Trust::Htaccess } else { Trust::Server }
    }
}

/// Refuses what would be an error at each request: what happens then is for every directive another thing.
fn answerable<T>(parsed: Expr<T>, arg: &Arg, start: usize) -> Result<Arc<Expr<T>>, Problem> {
    let unanswered = parsed.needs.iter().find(|need| match need.facility {
        // The client's address stands in for its name, as with HostnameLookups Off; nobody asks RFC 1413 servers.
        Facility::HostName | Facility::Ident => false,
        Facility::FileContent | Facility::FileStatus | Facility::Subrequest => false,
        Facility::PeerExtensions => false,
        Facility::RequestFile => true,
    });
    match unanswered {
        Some(need) => {
            let message = format!("{} is not supported in this expression", need.name);
            Err(Problem::within(arg, start + need.offset, message)
                .code("refused")
                .help("write the condition without it"))
        }
        None => Ok(Arc::new(parsed)),
    }
}
