//! `<Macro>`, Use and UndefMacro (mod_macro).
//!
//! A macro is text: its expansion is read in place of the Use, in the file of the Use, so that it may open a
//! section that the file closes. The expansion is a source of its own, so that places in it can be shown.

use std::collections::BTreeMap;
use std::sync::Arc;

use memchr::memmem;

use crate::diag::Diagnostic;
use crate::span::{Origin, SourceFile, Span};
use crate::words::{Arg, getword_conf};

use super::{Expander, Logical, shown};

/// The longest line of a macro, before and after substitution (MAX_STRING_LEN).
const MAX_LINE: usize = 8192;

/// The longest path that is repeated in the path of a macro used there.
const MAX_PLACE: usize = 1024;

/// How many arguments a macro may have, and how deep macros may use each other.
const MAX_ARGUMENTS: usize = 64;
const MAX_DEPTH: usize = 128;

/// All macros that are defined, by name in lower case.
pub(super) type Macros = BTreeMap<Vec<u8>, Arc<Macro>>;

/// A defined macro.
#[derive(Debug)]
pub(super) struct Macro {
    defined: Span,
    parameters: Vec<Vec<u8>>,
    body: Vec<Vec<u8>>,
}

impl Expander<'_> {
    pub(super) fn define_macro(&mut self, logical: &Logical) {
        self.needs_mod_macro(logical);
        let mut words = logical.args().words();
        let name = words.next().unwrap_or_else(|| Arg { bytes: Vec::new(), span: logical.span });
        let parameters: Vec<Arg> = words.collect();
        let Some(body) = self.macro_body(logical) else { return };
        if name.is_empty() {
            return self.report(logical.error("macro-name", "<Macro> macro definition: name not found"));
        }
        let key = name.bytes.to_ascii_lowercase();
        if let Some(earlier) = self.macros.get(&key) {
            let message = format!("macro '{}' multiply defined", shown(&name.bytes));
            let again = Diagnostic::warning("macro-redefined", name.span, message);
            let first = earlier.defined;
            self.report(again.related(first, "defined here before"));
        }
        if !self.check_parameters(&name, &parameters) {
            return;
        }
        if body.is_empty() {
            let message = format!("macro '{}' is empty", shown(&name.bytes));
            self.report(Diagnostic::warning("macro-empty", name.span, message));
        }
        for parameter in parameters.iter().filter(|_| !body.is_empty()) {
            if !body.iter().any(|line| memmem::find(line, &parameter.bytes).is_some()) {
                let message = format!("argument '{}' is never used", shown(&parameter.bytes));
                self.report(Diagnostic::warning("macro-argument-unused", parameter.span, message));
            }
        }
        let parameters = parameters.into_iter().map(|parameter| parameter.bytes).collect();
        self.macros.insert(key, Arc::new(Macro { defined: logical.span, parameters, body }));
    }

    /// The lines up to the end of the macro, comments left out; `None` (and a finding) if there is no end.
    fn macro_body(&mut self, logical: &Logical) -> Option<Vec<Vec<u8>>> {
        let (mut body, mut macros, mut sections) = (Vec::new(), 1, 1);
        while let Some(line) = self.reader.line() {
            if line.is_comment() {
                continue;
            }
            let bytes = line.text.as_bytes();
            if bytes.len() >= MAX_LINE {
                let message = format!("a line of a macro may have {} bytes at most", MAX_LINE - 1);
                self.report(Diagnostic::error("macro-line-too-long", line.text.span(), message));
                continue;
            }
            let (first, _) = getword_conf(bytes);
            sections += match first.as_slice() {
                [b'<', b'/', ..] => -1,
                [b'<', ..] => 1,
                _ => 0,
            };
            if first.eq_ignore_ascii_case(b"</Macro>") {
                macros -= 1;
            } else if first.eq_ignore_ascii_case(b"<Macro") {
                macros += 1;
            }
            if macros == 0 {
                if sections != 0 {
                    let message = "sections are opened and closed unequally in this macro";
                    self.report(logical.warning("macro-unbalanced", message));
                }
                return Some(body);
            }
            body.push(bytes.to_vec());
        }
        if !self.reader.is_stopped() {
            let help = "add </Macro> where it ends, in the same file";
            self.report(logical.error("unclosed-section", "<Macro> was not closed").help(help));
        }
        None
    }

    fn check_parameters(&mut self, name: &Arg, parameters: &[Arg]) -> bool {
        if starts_like_a_parameter(&name.bytes) {
            let message = "a macro's name should not begin with '$', '%' or '@'";
            self.report(Diagnostic::warning("macro-name", name.span, message));
        }
        if let Some(surplus) = parameters.get(MAX_ARGUMENTS) {
            let message = format!("a macro may have {MAX_ARGUMENTS} arguments at most");
            self.report(Diagnostic::error("macro-argument", surplus.span, message));
            return false;
        }
        for (at, parameter) in parameters.iter().enumerate() {
            let text = shown(&parameter.bytes);
            if parameter.is_empty() {
                let message = format!("argument {} of macro '{}' has no name", at + 1, shown(&name.bytes));
                self.report(Diagnostic::error("macro-argument", parameter.span, message));
                return false;
            }
            if !starts_like_a_parameter(&parameter.bytes) {
                let message = format!("argument '{text}' should begin with '$', '%' or '@'");
                self.report(Diagnostic::warning("macro-argument-prefix", parameter.span, message));
            }
            for earlier in &parameters[..at] {
                if earlier.bytes == parameter.bytes {
                    let message = format!("macro '{}' has two arguments '{text}'", shown(&name.bytes));
                    let twice = Diagnostic::error("macro-argument", parameter.span, message);
                    self.report(twice.related(earlier.span, "the other one"));
                    return false;
                }
                if earlier.bytes.starts_with(&parameter.bytes) || parameter.bytes.starts_with(&earlier.bytes)
                {
                    let message = format!("'{text}' and '{}' begin alike", shown(&earlier.bytes));
                    let alike = Diagnostic::warning("macro-argument-prefix", parameter.span, message);
                    self.report(alike.help("the longer one is taken where both fit"));
                }
            }
        }
        true
    }

    pub(super) fn use_macro(&mut self, logical: &Logical) {
        self.needs_mod_macro(logical);
        let mut words = logical.args().words();
        let Some(name) = words.next().filter(|name| !name.is_empty()) else {
            return self.report(logical.error("macro-name", "no macro name specified with Use"));
        };
        let values: Vec<Arg> = words.collect();
        let key = name.bytes.to_ascii_lowercase();
        let text = shown(&key);
        let Some(found) = self.macros.get(&key).map(Arc::clone) else {
            return self.report(Diagnostic::error(
                "macro-undefined",
                name.span,
                format!("macro '{text}' undefined"),
            ));
        };
        if self.reader.using().count() == MAX_DEPTH {
            return self.report(logical.error("macro-depth", "macros use each other too deep"));
        }
        if self.reader.using().any(|outer| outer == key) {
            let message = format!("recursive use of macro '{text}' is invalid");
            let recursion = Diagnostic::error("macro-recursion", name.span, message);
            return self.report(recursion.related(found.defined, "the macro"));
        }
        if values.len() != found.parameters.len() {
            let (given, wanted) = (values.len(), found.parameters.len());
            let message = format!("macro '{text}' used with {given} arguments instead of {wanted}");
            let count = Diagnostic::error("macro-argument-count", logical.span, message);
            return self.report(count.related(found.defined, "the macro"));
        }
        for value in values.iter().filter(|value| value.is_empty()) {
            self.report(Diagnostic::warning("macro-argument-empty", value.span, "an empty argument"));
        }
        self.reader.spend(0, found.body.iter().map(Vec::len).sum(), Some(logical.span));
        let Some(expansion) = found.expand(&values) else {
            let message = format!("a line of macro '{text}' gets longer than {} bytes", MAX_LINE - 1);
            return self
                .report(logical.error("macro-line-too-long", message).related(found.defined, "the macro"));
        };
        let (defined, used) = (found.defined, logical.span);
        let defined_at = self.quoted_place(defined);
        let path = format!("macro '{text}' (defined on {defined_at}) used on {}", self.quoted_place(used));
        let origin = Origin::Macro { name: text, used, defined };
        self.reader.enter_macro(SourceFile { path, text: expansion.into(), origin }, key, used);
    }

    pub(super) fn undefine_macro(&mut self, logical: &Logical) {
        self.needs_mod_macro(logical);
        let Some(words) = self.take(logical, 1, 1) else { return };
        let key = words[0].bytes.to_ascii_lowercase();
        if self.macros.remove(&key).is_none() {
            let message = format!("cannot remove undefined macro '{}'", shown(&key));
            self.report(Diagnostic::error("macro-undefined", words[0].span, message));
        }
    }

    fn needs_mod_macro(&mut self, logical: &Logical) {
        let module = self.known.module("macro_module");
        if self.modules.explicit && module.is_some_and(|module| !self.modules.has(module)) {
            let message = format!("{} needs mod_macro, which is not loaded", logical.name());
            let help = "add `LoadModule macro_module modules/mod_macro.so` before it";
            self.report(logical.error("module-not-loaded", message).help(help));
        }
    }

    /// A place as mod_macro words it. A macro made by a macro has a long one, so there is an end to it.
    fn quoted_place(&self, span: Span) -> String {
        let path = &self.reader.sources.file(span.file).path;
        let shown = if path.len() > MAX_PLACE { "..." } else { path };
        format!("line {} of \"{shown}\"", span.line)
    }
}

impl Macro {
    /// The body with values for its parameters; `None` if a line gets too long.
    fn expand(&self, values: &[Arg]) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        for line in &self.body {
            let expanded = self.expand_line(line, values);
            if expanded.len() >= MAX_LINE {
                return None;
            }
            text.extend_from_slice(&expanded);
            text.push(b'\n');
        }
        Some(text)
    }

    /// From left to right the first parameter that occurs, of several the longest; values are not looked at again.
    fn expand_line(&self, line: &[u8], values: &[Arg]) -> Vec<u8> {
        let mut expanded = Vec::with_capacity(line.len());
        let mut left = line;
        while !left.is_empty() && expanded.len() < MAX_LINE {
            let here =
                self.parameters.iter().zip(values).filter(|(parameter, _)| left.starts_with(parameter));
            if let Some((parameter, value)) = here.max_by_key(|(parameter, _)| parameter.len()) {
                substitute(&mut expanded, parameter, &value.bytes);
                left = &left[parameter.len()..];
            } else {
                expanded.push(left[0]);
                left = &left[1..];
            }
        }
        expanded
    }
}

/// `@parameters` are replaced by their value in quotes, the others by the bare value.
fn substitute(expanded: &mut Vec<u8>, parameter: &[u8], value: &[u8]) {
    if !parameter.starts_with(b"@") {
        return expanded.extend_from_slice(value);
    }
    expanded.push(b'"');
    for byte in value {
        if matches!(byte, b'"' | b'\\') {
            expanded.push(b'\\');
        }
        expanded.push(*byte);
    }
    expanded.push(b'"');
}

fn starts_like_a_parameter(name: &[u8]) -> bool {
    matches!(name.first(), Some(b'$' | b'%' | b'@'))
}
