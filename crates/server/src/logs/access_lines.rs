//! The lines of one request, from the head of its answer to its end.

use wsgate_core::modules::log_config::{Answered, End, Pending, start};

use super::{Logs, Sink};

/// The lines that a request will have in the access logs once it is over.
#[derive(Debug, Default)]
pub(crate) struct Lines(Vec<(Sink, Pending)>);

impl Logs {
    /// The lines of a request whose answer begins.
    pub(crate) fn lines(&self, answered: &Answered<'_>) -> Lines {
        let sinks = &self.access[answered.request.server.index];
        let lines = start(answered).into_iter();
        Lines(lines.filter_map(|line| Some((sinks.get(line.log)?.clone(), line))).collect())
    }
}

impl Lines {
    /// Whether no log wants a line.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes them.
    pub(crate) fn finish(self, end: &End<'_>) {
        for (sink, line) in self.0 {
            sink.write(&line.finish(end));
        }
    }
}
