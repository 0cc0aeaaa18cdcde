//! Files and sections: what opens, what closes, and what to make of it where the two do not fit.

use crate::diag::{Diagnostic, Severity};
use crate::span::{Origin, SourceFile, Span};
use crate::syntax::{self, Kind, Statement};

use super::paths::{Demand, Finder, Problem};
use super::reader::{MAX_FILE, Manner, Open};
use super::{Expander, Item, Logical, shown};

/// How deep files and sections may be nested, together.
const MAX_NESTING: usize = 200;

impl Expander<'_> {
    /// Reads all files that a path names.
    pub(super) fn include(&mut self, path: &str, demand: Demand, origin: &Origin, items: &mut Vec<Item>) {
        let finder = Finder::find(self.files, path, demand, self.reader.steps());
        let Finder { found, problems, budget, .. } = finder;
        self.reader.spend(self.reader.steps() - budget, 0, place(origin));
        for problem in problems {
            self.report(about(&problem, origin));
        }
        for path in found {
            if self.reader.is_stopped() {
                return;
            }
            self.include_file(path, origin.clone(), items);
        }
    }

    fn include_file(&mut self, path: String, origin: Origin, items: &mut Vec<Item>) {
        match self.files.read(&path) {
            Ok(text) if text.len() <= MAX_FILE => {
                self.file(SourceFile { path, text: text.into(), origin }, items);
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

    /// Reads a file to its end. Each file balances its own sections.
    pub(super) fn file(&mut self, source: SourceFile, items: &mut Vec<Item>) {
        self.reader.enter_file(source);
        self.read(0, items);
        self.reader.leave_file();
    }

    /// Reads on while at least `floor` sections of the file are open.
    fn read(&mut self, floor: usize, items: &mut Vec<Item>) {
        self.nesting += 1;
        while let Some(logical) = self.statement() {
            match logical.statement.kind {
                Kind::Directive => self.directive(logical, items),
                Kind::Open if self.nesting == MAX_NESTING => {
                    self.reader
                        .stop(logical.error("nested-too-deep", "sections and files are nested too deep"));
                }
                Kind::Open => self.open(logical, items),
                Kind::Close => self.close(&logical.statement, logical.span),
            }
            if self.reader.opens().len() < floor {
                break;
            }
        }
        self.nesting -= 1;
        self.end_of_file(floor);
    }

    fn open(&mut self, logical: Logical, items: &mut Vec<Item>) {
        if !logical.statement.bracket {
            let message = format!("<{}> directive missing closing '>'", logical.name());
            self.report(logical.error("missing-bracket", message));
        }
        self.warn_of_text_behind(&logical);
        let name = logical.statement.name.bytes.to_ascii_lowercase();
        match name.as_slice() {
            b"macro" => self.define_macro(&logical),
            b"perl" => self.foreign(logical, items),
            name if name.starts_with(b"lua") => self.foreign(logical, items),
            name => match self.condition(name, &logical) {
                Some(true) => self.enter(&logical, Manner::True, items),
                Some(false) => self.skip(&logical),
                None => {
                    let mut body = Vec::new();
                    self.enter(&logical, Manner::Kept, &mut body);
                    items.push(logical.section(body));
                }
            },
        }
    }

    fn enter(&mut self, logical: &Logical, manner: Manner, items: &mut Vec<Item>) {
        let (name, span) = (logical.statement.name.bytes.clone(), logical.span);
        self.reader.push_open(Open { name, span, manner });
        self.read(self.reader.opens().len(), items);
    }

    /// Passes over a section; all that counts in it is that it is balanced (ap_soak_end_container).
    fn skip(&mut self, logical: &Logical) {
        let manner = Manner::Skipped;
        let name = logical.statement.name.bytes.clone();
        self.reader.push_open(Open { name, span: logical.span, manner });
        let floor = self.reader.opens().len();
        while let Some(line) = self.reader.line() {
            let Some(statement) = syntax::statement(&line.text) else { continue };
            let span = line.text.span();
            match statement.kind {
                Kind::Directive => {}
                Kind::Open => self.reader.push_open(Open { name: statement.name.bytes, span, manner }),
                Kind::Close => self.close(&statement, span),
            }
            if self.reader.opens().len() < floor {
                return;
            }
        }
        self.end_of_file(floor);
    }

    /// A section in another language, which its module reads line by line: `<Perl>`, `<LuaHook...>`.
    fn foreign(&mut self, logical: Logical, items: &mut Vec<Item>) {
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
        items.push(logical.section(Vec::new()));
    }

    fn close(&mut self, statement: &Statement, span: Span) {
        let name = shown(&statement.name.bytes);
        let opens = self.reader.opens();
        let Some(inner) = opens.last().cloned() else {
            let message = format!("</{name}> without matching <{name}> section");
            return self.report(Diagnostic::error("unmatched-close", span, message));
        };
        let is_it = |open: &Open| open.name.eq_ignore_ascii_case(&statement.name.bytes);
        let last = opens.len() - 1;
        let closes = opens.iter().rposition(is_it);
        if closes != Some(last) {
            // A name that is nowhere open is a slip of the pen or a line too many.
            let closes = closes.or(similar(&inner.name, &statement.name.bytes).then_some(last));
            self.reader.close_from(closes.unwrap_or(last + 1));
            let open = shown(&inner.name);
            let message = format!("Expected </{open}> but saw </{name}>");
            let wrong = Diagnostic::error("wrong-close", span, message);
            return self.report(wrong.related(inner.span, format!("<{open}> is opened here")));
        }
        self.reader.close_from(last);
        if !statement.bracket {
            let message = format!("</{name}> directive missing closing '>'");
            self.report(Diagnostic::error("missing-bracket", span, message));
        } else if inner.manner == Manner::True && !statement.args.is_empty() {
            let message = format!("text behind </{name}>");
            let help =
                "httpd does not take this line for the end of the section; put the text on a line of its own";
            self.report(Diagnostic::error("text-behind-close", statement.args.span(), message).help(help));
        }
    }

    /// Reports what is still open where a file ends, innermost first.
    fn end_of_file(&mut self, floor: usize) {
        while self.reader.opens().len() >= floor.max(1) {
            let opens = self.reader.opens();
            let last = opens.len() - 1;
            // httpd lets a true `<IfX>` end with the file, together with all that is open in it.
            let lenient =
                opens[last].manner != Manner::Skipped && opens.iter().any(|open| open.manner == Manner::True);
            let severity = if lenient { Severity::Warning } else { Severity::Error };
            let diagnostic = unclosed(severity, &shown(&opens[last].name), opens[last].span);
            self.reader.close_from(last);
            self.report(diagnostic);
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
    let (left, right) = (left.to_ascii_lowercase(), right.to_ascii_lowercase());
    let same = left.iter().zip(&right).take_while(|(left, right)| left == right).count();
    let (left, right) = (&left[same..], &right[same..]);
    let end = left.iter().rev().zip(right.iter().rev()).take_while(|(left, right)| left == right).count();
    (left.len() - end).max(right.len() - end) <= 2 && same + end > 2
}
