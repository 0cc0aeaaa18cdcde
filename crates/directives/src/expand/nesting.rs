//! Files and sections: what opens, what closes, and what to make of it where the two do not fit.

use crate::diag::{Diagnostic, Severity};
use crate::span::{Origin, SourceFile, Span};
use crate::syntax::{self, Kind, Statement};
use crate::words::Arg;

use super::paths::{Demand, Finder, Problem};
use super::reader::{MAX_FILE, Manner, Open};
use super::{Expander, Item, Logical, Objection, shown};

/// How deep sections may be nested in the tree: those who walk it do so recursively.
const MAX_DEPTH: usize = 100;

/// How many sections of one file may be open, those that do not get into the tree included.
const MAX_OPEN: usize = 250;

impl Expander<'_> {
    /// Reads the file that was entered last to its end. Each file balances its own sections.
    ///
    /// Not recursive: files in files and sections in sections must not be bounded by a thread's stack.
    pub(super) fn read(&mut self) {
        while self.reader.is_reading() {
            if let Some((origin, path)) = self.reader.take_file() {
                self.enter_file(path, origin);
            } else if let Some(logical) = self.statement() {
                match logical.statement.kind {
                    Kind::Directive if !self.may_stand(&logical, "") => {}
                    Kind::Open if !self.may_stand(&logical, "<") => self.skip(&logical),
                    Kind::Directive => self.directive(logical),
                    Kind::Open => self.open(logical),
                    Kind::Close => self.close(&logical.statement, logical.span),
                }
            } else {
                self.end_of_file(0);
                self.reader.leave_file();
            }
        }
    }

    /// Whether a directive may stand in what is read.
    fn may_stand(&mut self, logical: &Logical, bracket: &str) -> bool {
        let name = format!("{bracket}{}", logical.name());
        let Some(Objection { skipped, code, message }) = self.known.objection(&name, &self.modules) else {
            return true;
        };
        let error = Diagnostic::error(code, logical.statement.name.span, message);
        let severity = if skipped { Severity::Warning } else { Severity::Error };
        self.report(Diagnostic { severity, ..error });
        false
    }

    /// The files that a path names; what is wrong with it is reported.
    pub(super) fn find(&mut self, path: &str, demand: Demand, origin: &Origin) -> Vec<String> {
        let finder = Finder::find(self.files, path, demand, self.reader.steps());
        let Finder { found, problems, budget, .. } = finder;
        self.reader.spend(self.reader.steps() - budget, 0, place(origin));
        for problem in problems {
            self.report(about(&problem, origin));
        }
        found
    }

    pub(super) fn enter_file(&mut self, path: String, origin: Origin) {
        match self.files.read(&path) {
            Ok(text) if text.len() <= MAX_FILE => {
                self.reader.enter_file(SourceFile { path, text: text.into(), origin });
            }
            Ok(_) => {
                self.report(placed("file-too-large", &origin, format!("{path} is too large to be read")));
            }
            Err(error) => {
                let message = format!("could not open configuration file {path}: {error}");
                self.report(placed("include-failed", &origin, message));
            }
        }
    }

    fn open(&mut self, logical: Logical) {
        if !logical.statement.bracket {
            let message = format!("<{}> directive missing closing '>'", logical.name());
            self.report(logical.error("missing-bracket", message));
        }
        self.warn_of_text_behind(&logical);
        let name = logical.statement.name.bytes.to_ascii_lowercase();
        match name.as_slice() {
            b"macro" => self.define_macro(&logical),
            b"perl" => self.foreign(logical),
            name if name.starts_with(b"lua") => self.foreign(logical),
            name => match self.condition(name, &logical) {
                Some(true) => self.push_open(&logical.statement.name, logical.span, Manner::True),
                Some(false) => self.skip(&logical),
                None => {
                    let opened = logical.statement.name.clone();
                    self.push_open(&opened, logical.span, Manner::Kept(logical));
                }
            },
        }
    }

    fn push_open(&mut self, name: &Arg, span: Span, manner: Manner) {
        if self.bodies.len() > MAX_DEPTH || self.reader.opens().len() == MAX_OPEN {
            let message = "sections are nested too deep";
            self.reader.stop(Diagnostic::error("nested-too-deep", span, message));
        }
        if let Manner::Kept(_) = manner {
            self.bodies.push(Vec::new());
        }
        self.reader.push_open(Open { name: name.bytes.clone(), span, manner });
    }

    /// Passes over a section; all that counts in it is that it is balanced (ap_soak_end_container).
    fn skip(&mut self, logical: &Logical) {
        self.push_open(&logical.statement.name, logical.span, Manner::Skipped);
        let floor = self.reader.opens().len();
        while let Some(line) = self.reader.line() {
            let Some(statement) = syntax::statement(&line.text) else { continue };
            let span = line.text.span();
            match statement.kind {
                Kind::Directive => {}
                Kind::Open => self.push_open(&statement.name, span, Manner::Skipped),
                Kind::Close => self.close(&statement, span),
            }
            if self.reader.opens().len() < floor {
                return;
            }
        }
        self.end_of_file(floor - 1);
    }

    /// A section in another language, which its module reads line by line: `<Perl>`, `<LuaHook...>`.
    fn foreign(&mut self, logical: Logical) {
        let end = [b"</", logical.statement.name.as_bytes(), b">"].concat();
        loop {
            let Some(line) = self.reader.line() else {
                self.report(unclosed(Severity::Error, &logical.name(), logical.span));
                break;
            };
            if line.text.as_bytes().eq_ignore_ascii_case(&end) {
                break;
            }
        }
        self.keep_item(logical.section(Vec::new()));
    }

    /// Puts an item into the innermost section that is kept.
    pub(super) fn keep_item(&mut self, item: Item) {
        if let Some(body) = self.bodies.last_mut() {
            body.push(item);
        }
    }

    /// Closes the sections of the file until only so many are open.
    fn close_to(&mut self, count: usize) {
        while self.reader.opens().len() > count {
            let Some(open) = self.reader.pop_open() else { return };
            if let Manner::Kept(logical) = open.manner {
                let body = self.bodies.pop().unwrap_or_default();
                self.keep_item(logical.section(body));
            }
        }
    }

    fn close(&mut self, statement: &Statement, span: Span) {
        let name = shown(&statement.name.bytes);
        let opens = self.reader.opens();
        let Some(inner) = opens.last() else {
            let message = format!("</{name}> without matching <{name}> section");
            return self.report(Diagnostic::error("unmatched-close", span, message));
        };
        let closes = opens.iter().rposition(|open| open.name.eq_ignore_ascii_case(&statement.name.bytes));
        let last = opens.len() - 1;
        if closes == Some(last) {
            let is_true = matches!(inner.manner, Manner::True);
            self.close_to(last);
            return self.check_close(statement, span, is_true);
        }
        let open = shown(&inner.name);
        let message = format!("Expected </{open}> but saw </{name}>");
        let wrong = match self.passed_over() {
            Some(block) => {
                let wrong =
                    Diagnostic::error("wrong-close", block, message).related(span, "this does not fit");
                if inner.span == block {
                    wrong
                } else {
                    wrong.related(inner.span, format!("<{open}> is opened here"))
                }
            }
            None => {
                let wrong = Diagnostic::error("wrong-close", span, message);
                wrong.related(inner.span, format!("<{open}> is opened here"))
            }
        };
        // A name that is nowhere open is a slip of the pen or a line too many.
        let closes = closes.or(similar(&inner.name, &statement.name.bytes).then_some(last));
        self.report(wrong);
        self.close_to(closes.unwrap_or(last + 1));
    }

    /// The false block that is being passed over: httpd reports at its first line whatever is wrong inside.
    fn passed_over(&self) -> Option<Span> {
        let block = self.reader.opens().iter().find(|open| matches!(open.manner, Manner::Skipped))?;
        Some(block.span)
    }

    fn check_close(&mut self, statement: &Statement, span: Span, is_true: bool) {
        let name = shown(&statement.name.bytes);
        if !statement.bracket {
            let message = format!("</{name}> directive missing closing '>'");
            self.report(Diagnostic::error("missing-bracket", span, message));
        } else if is_true && !statement.args.is_empty() {
            let message = format!("text behind </{name}>");
            let help =
                "httpd does not take this line for the end of the section; put the text on a line of its own";
            self.report(Diagnostic::error("text-behind-close", statement.args.span(), message).help(help));
        }
    }

    /// Closes, where a file ends, all but `count` sections and reports them, innermost first.
    fn end_of_file(&mut self, count: usize) {
        while let Some(open) = self.reader.opens().get(count..).and_then(<[Open]>::last) {
            // httpd lets a true `<IfX>` end with the file, together with all that is open in it.
            let is_true = |open: &Open| matches!(open.manner, Manner::True);
            let lenient = !matches!(open.manner, Manner::Skipped) && self.reader.opens().iter().any(is_true);
            let severity = if lenient { Severity::Warning } else { Severity::Error };
            let diagnostic = match self.passed_over().filter(|block| *block != open.span) {
                Some(block) => {
                    unclosed(severity, &shown(&open.name), block).related(open.span, "it is opened here")
                }
                None => unclosed(severity, &shown(&open.name), open.span),
            };
            self.report(diagnostic);
            self.close_to(self.reader.opens().len() - 1);
        }
    }

    fn warn_of_text_behind(&mut self, logical: &Logical) {
        let behind = &logical.statement.behind;
        if !logical.args().is_empty() && !behind.is_empty() && !behind.as_bytes().starts_with(b"#") {
            let message = format!("text behind the '>' of <{}> is not read", logical.name());
            self.report(Diagnostic::warning("text-behind-section", behind.span(), message));
        }
    }
}

fn unclosed(severity: Severity, name: &str, span: Span) -> Diagnostic {
    let error = Diagnostic::error("unclosed-section", span, format!("<{name}> was not closed"));
    Diagnostic { severity, ..error.help(format!("add </{name}> where it ends, in the same file")) }
}

fn about(problem: &Problem, origin: &Origin) -> Diagnostic {
    let message = match problem {
        Problem::Folder(folder, error) => format!("could not open directory {folder}: {error}"),
        Problem::NoMatch(pattern, folder) => format!("no matches for the wildcard '{pattern}' in '{folder}'"),
        Problem::TooDeep(folder) => format!("folders are nested too deep at {folder}"),
        Problem::TooLong => "the path is too long".to_owned(),
        Problem::TooMany => "too many files are included".to_owned(),
    };
    let diagnostic = placed("include-failed", origin, message);
    match problem {
        Problem::NoMatch(..) => diagnostic.help("IncludeOptional may find nothing"),
        _ => diagnostic,
    }
}

fn placed(code: &'static str, origin: &Origin, message: String) -> Diagnostic {
    Diagnostic { span: place(origin), ..Diagnostic::unplaced(code, message) }
}

fn place(origin: &Origin) -> Option<Span> {
    match origin {
        Origin::Include(span) => Some(*span),
        Origin::Root | Origin::Macro { .. } => None,
    }
}

/// Whether one name is a misspelling of the other: at most two letters added, lost or changed.
fn similar(left: &[u8], right: &[u8]) -> bool {
    if left.len().max(right.len()) > 64 {
        return false;
    }
    let (left, right) = (left.to_ascii_lowercase(), right.to_ascii_lowercase());
    let same = left.iter().zip(&right).take_while(|(left, right)| left == right).count();
    let (left, right) = (&left[same..], &right[same..]);
    let end = left.iter().rev().zip(right.iter().rev()).take_while(|(left, right)| left == right).count();
    (left.len() - end).max(right.len() - end) <= 2 && same + end > 2
}
