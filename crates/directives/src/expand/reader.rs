//! The stream of lines that is being read: files within files, macro expansions within them, and the bounds on all.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::diag::Diagnostic;
use crate::span::{Origin, SourceFile, Sources, Span};
use crate::syntax::{Line, Lines};

use super::Logical;

/// The longest file that is read: httpd's longest line (VARBUF_MAX_LEN).
pub(super) const MAX_FILE: usize = 16 << 20;

/// How much may be read in all: bytes of files, macro expansions and `${NAME}` values.
const MAX_BYTES: usize = 64 << 20;

/// How much may be read in all: lines that say something, files, macro uses, folder entries.
const MAX_STEPS: usize = 500_000;

/// How many findings are kept.
const MAX_DIAGNOSTICS: usize = 10_000;

/// A section that is being read.
#[derive(Debug)]
pub(super) struct Open {
    /// Its name as it is written.
    pub(super) name: Vec<u8>,
    /// Where it was opened.
    pub(super) span: Span,
    /// What becomes of it.
    pub(super) manner: Manner,
}

/// How httpd reads a section, which decides how strict it is about its end.
#[derive(Debug)]
pub(super) enum Manner {
    /// Into the tree (ap_build_config_sub).
    Kept(Logical),
    /// A true `<IfX>`, in place of itself (ap_build_cont_config).
    True,
    /// A false `<IfX>` and all in it (ap_soak_end_container).
    Skipped,
}

/// One file being read, with the macros whose expansions stand before its next line.
#[derive(Debug)]
struct Input {
    frames: Vec<Frame>,
    opens: Vec<Open>,
    /// The files that its last Include names and that are still to be read, and that Include.
    included: Option<(Origin, VecDeque<String>)>,
}

#[derive(Debug)]
struct Frame {
    lines: Lines,
    /// The macro whose expansion this is.
    using: Option<Vec<u8>>,
}

/// Where lines come from and findings go to.
#[derive(Debug)]
pub(super) struct Reader {
    /// All that was read.
    pub(super) sources: Sources,
    /// All that was found.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The longest line, continued ones joined.
    pub(super) longest: usize,
    inputs: Vec<Input>,
    steps: usize,
    bytes: usize,
    /// Nothing more is read: a bound was reached, and one error says so.
    stopped: bool,
}

impl Reader {
    pub(super) fn new() -> Self {
        let (sources, diagnostics, inputs) = (Sources::default(), Vec::new(), Vec::new());
        let (steps, bytes, longest) = (MAX_STEPS, MAX_BYTES, MAX_FILE);
        Self { sources, diagnostics, longest, inputs, steps, bytes, stopped: false }
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        if !self.stopped && self.diagnostics.len() < MAX_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Ends all reading with this as the last finding.
    pub(super) fn stop(&mut self, diagnostic: Diagnostic) {
        if !self.stopped {
            self.diagnostics.push(diagnostic);
        }
        self.stopped = true;
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }

    pub(super) fn is_reading(&self) -> bool {
        !self.inputs.is_empty()
    }

    /// How many files include each other at this point.
    pub(super) fn depth(&self) -> usize {
        self.inputs.len()
    }

    /// How many steps may still be done.
    pub(super) fn steps(&self) -> usize {
        self.steps
    }

    /// Takes off the budgets; where they are at their end, so is the reading.
    pub(super) fn spend(&mut self, steps: usize, bytes: usize, at: Option<Span>) {
        let left = (self.steps.checked_sub(steps), self.bytes.checked_sub(bytes));
        let full = self.diagnostics.len() >= MAX_DIAGNOSTICS;
        if let ((Some(steps), Some(bytes)), false) = (left, full) {
            (self.steps, self.bytes) = (steps, bytes);
            return;
        }
        let what = if full { "has too many faults" } else { "is too large" };
        let mut end =
            Diagnostic::unplaced("too-large", format!("the configuration {what}; the rest is not read"));
        end.span = at;
        self.stop(end.help("look for a file that is included, or a macro that is used, over and over"));
    }

    /// Begins to read a file inside the one being read.
    pub(super) fn enter_file(&mut self, source: SourceFile) {
        let at = match &source.origin {
            Origin::Include(span) => Some(*span),
            Origin::Root | Origin::Macro { .. } => None,
        };
        self.spend(1, source.text.len(), at);
        let lines = self.lines_of(source);
        let frames = vec![Frame { lines, using: None }];
        self.inputs.push(Input { frames, opens: Vec::new(), included: None });
    }

    /// Goes back to the file that included this one.
    pub(super) fn leave_file(&mut self) {
        self.inputs.pop();
    }

    /// Puts a macro's expansion before the next line of the file being read.
    pub(super) fn enter_macro(&mut self, source: SourceFile, name: Vec<u8>, used: Span) {
        self.spend(1, source.text.len(), Some(used));
        let lines = self.lines_of(source);
        if let Some(input) = self.inputs.last_mut() {
            input.frames.push(Frame { lines, using: Some(name) });
        }
    }

    /// The macros in whose expansions the line being read stands, outermost first.
    pub(super) fn using(&self) -> impl Iterator<Item = &[u8]> {
        let frames = self.inputs.last().map_or(&[][..], |input| &input.frames);
        frames.iter().filter_map(|frame| frame.using.as_deref())
    }

    fn lines_of(&mut self, source: SourceFile) -> Lines {
        let text = Arc::clone(&source.text);
        Lines::new(self.sources.add(source), text)
    }

    /// The next line of the file being read, also if it says nothing.
    pub(super) fn line(&mut self) -> Option<Line> {
        let line = self.next_line()?;
        self.spend(usize::from(!line.is_void()), 0, Some(line.text.span()));
        if line.text.as_bytes().len() > self.longest {
            let message = "line too long";
            self.stop(Diagnostic::error("line-too-long", line.text.span(), message));
        }
        Some(line).filter(|_| !self.stopped)
    }

    fn next_line(&mut self) -> Option<Line> {
        let input = self.inputs.last_mut()?;
        while let Some(frame) = input.frames.last_mut().filter(|_| !self.stopped) {
            if let Some(line) = frame.lines.next(&mut self.diagnostics) {
                return Some(line);
            }
            input.frames.pop();
        }
        None
    }

    /// The sections that are open in the file being read, outermost first.
    pub(super) fn opens(&self) -> &[Open] {
        self.inputs.last().map_or(&[], |input| &input.opens)
    }

    /// Opens a section in the file being read.
    pub(super) fn push_open(&mut self, open: Open) {
        if let Some(input) = self.inputs.last_mut() {
            input.opens.push(open);
        }
    }

    /// Takes back the innermost section that is open in the file being read.
    pub(super) fn pop_open(&mut self) -> Option<Open> {
        self.inputs.last_mut()?.opens.pop()
    }

    /// Puts files before the next line of the file being read.
    pub(super) fn put_files(&mut self, origin: Origin, files: Vec<String>) {
        if let Some(input) = self.inputs.last_mut() {
            input.included = Some((origin, files.into()));
        }
    }

    /// The next file to be read before the next line of the file being read.
    pub(super) fn take_file(&mut self) -> Option<(Origin, String)> {
        let (origin, files) = self.inputs.last_mut().filter(|_| !self.stopped)?.included.as_mut()?;
        Some((origin.clone(), files.pop_front()?))
    }
}
