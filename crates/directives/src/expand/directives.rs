//! The directives that are executed while reading: Include, Define, LoadModule, ServerRoot and their kin.

use crate::diag::Diagnostic;
use crate::files::Kind;
use crate::span::Origin;
use crate::words::Arg;

use super::paths::{self, Demand};
use super::{Expander, Logical, shown};

/// How deep files may include each other (AP_MAX_INCLUDE_DEPTH).
const MAX_INCLUDES: usize = 128;

impl Expander<'_> {
    /// Executes a directive, or keeps it for later.
    pub(super) fn directive(&mut self, logical: Logical) {
        match logical.statement.name.bytes.to_ascii_lowercase().as_slice() {
            b"include" => self.include_directive(&logical, Demand::Needed),
            b"includeoptional" => self.include_directive(&logical, Demand::Optional),
            b"define" => self.define(&logical),
            b"undefine" => self.undefine(&logical),
            b"loadmodule" => self.load_module(&logical),
            b"use" => self.use_macro(&logical),
            b"undefmacro" => self.undefine_macro(&logical),
            b"error" => self.error_directive(&logical),
            b"serverroot" => {
                self.set_server_root(&logical);
                self.keep_item(logical.directive());
            }
            _ => self.keep_item(logical.directive()),
        }
    }

    /// The words of a directive that takes `least` to `most`; an empty word counts as none (invoke_cmd's TAKE).
    pub(super) fn take(&mut self, logical: &Logical, least: usize, most: usize) -> Option<Vec<Arg>> {
        let mut words: Vec<Arg> = logical.args().words().take(most + 1).collect();
        let missing = words.len() < least || words.iter().take(least).any(Arg::is_empty);
        let count = |count: usize| ["no", "one", "two", "three"].get(count).copied().unwrap_or("many");
        let takes = if least == most {
            format!("{} argument{}", count(least), if least == 1 { "" } else { "s" })
        } else {
            format!("{} or {} arguments", count(least), count(most))
        };
        if missing || words.len() > most {
            let message = format!("{} takes {takes}", logical.name());
            let Some(surplus) = words.get(most) else {
                self.report(logical.error("argument-count", message));
                return None;
            };
            let wrong = Diagnostic::error("argument-count", surplus.span, message).label("one too many");
            let comment = surplus.as_bytes().starts_with(b"#");
            let help = "httpd knows comments only as lines of their own";
            self.report(if comment { wrong.help(help) } else { wrong });
            return None;
        }
        while words.last().is_some_and(Arg::is_empty) {
            words.pop();
        }
        Some(words)
    }

    /// The one path that a directive takes.
    fn take_path(&mut self, logical: &Logical) -> Option<String> {
        let path = self.take(logical, 1, 1)?.pop()?;
        match path.text() {
            Ok(text) => Some(paths::merge(&self.server_root, text)),
            Err(_) => {
                self.report(Diagnostic::error(
                    "not-utf8",
                    path.span,
                    "a path that is not UTF-8 is not supported",
                ));
                None
            }
        }
    }

    fn include_directive(&mut self, logical: &Logical, demand: Demand) {
        let Some(path) = self.take_path(logical) else { return };
        if self.reader.depth() > MAX_INCLUDES {
            let message = format!("exceeded the maximum include depth of {MAX_INCLUDES}");
            let help = "there appears to be a recursion; nothing behind it is read";
            return self.reader.stop(logical.error("include-depth", message).help(help));
        }
        let origin = Origin::Include(logical.span);
        let files = self.find(&path, demand, &origin);
        self.reader.put_files(origin, files);
    }

    fn define(&mut self, logical: &Logical) {
        let Some(words) = self.take(logical, 1, 2) else { return };
        if self.variable_name(&words[0]) {
            self.variables.define(words[0].as_bytes(), words.get(1).map(Arg::as_bytes));
        }
    }

    fn undefine(&mut self, logical: &Logical) {
        let Some(words) = self.take(logical, 1, 1) else { return };
        if self.variable_name(&words[0]) {
            self.variables.undefine(words[0].as_bytes());
        }
    }

    /// `${map:key}` is mod_rewrite's, so no variable may be called that.
    fn variable_name(&mut self, name: &Arg) -> bool {
        let valid = !name.as_bytes().contains(&b':');
        if !valid {
            self.report(Diagnostic::error("variable-name", name.span, "Variable name must not contain ':'"));
        }
        valid
    }

    fn set_server_root(&mut self, logical: &Logical) {
        let Some(path) = self.take_path(logical) else { return };
        if self.files.kind(&path) == Some(Kind::Folder) {
            self.server_root = paths::merge("/", path.trim_end_matches('/'));
        } else {
            let message = format!("ServerRoot must be a valid directory, and {path} is none");
            self.report(Diagnostic::error("server-root", logical.args().span(), message));
        }
    }

    fn load_module(&mut self, logical: &Logical) {
        let Some(words) = self.take(logical, 2, 2) else { return };
        let name = &words[0];
        let text = shown(name.as_bytes());
        let Some(module) = self.known.module(&text).filter(|module| module.identifier == text) else {
            let message = format!("module {text} is not known, so its directives cannot be judged");
            let help = "remove the line, or put it into <IfModule> or <IfDefine> so that only httpd reads it";
            return self.report(Diagnostic::error("unknown-module", name.span, message).help(help));
        };
        if let Some(first) = self.modules.loaded.get(module.identifier).copied() {
            let message = format!("module {text} is already loaded, skipping");
            let twice = Diagnostic::warning("module-loaded-twice", name.span, message);
            return self.report(twice.related(first, "first loaded here"));
        }
        if module.built_in {
            let message = format!("module {text} is always there");
            let help = "Debian's httpd has it built in and refuses this line";
            self.report(Diagnostic::note("module-built-in", name.span, message).help(help));
        }
        self.modules.loaded.insert(text, name.span);
    }

    fn error_directive(&mut self, logical: &Logical) {
        let bytes = logical.args().as_bytes();
        let message = match bytes {
            [] => "the Error directive was used with no message".to_owned(),
            [first @ (b'"' | b'\''), inside @ .., last] if first == last => shown(inside),
            _ => shown(bytes),
        };
        self.report(logical.error("error-directive", message));
    }
}
