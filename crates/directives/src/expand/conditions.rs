//! The sections that are decided while reading: `<IfDefine>`, `<IfModule>`, `<IfFile>`, `<IfDirective>`,
//! `<IfSection>` (start_cond_section) and `<IfVersion>`.

use crate::diag::Diagnostic;
use crate::words::Arg;

use super::{Expander, Logical, paths, version};

impl Expander<'_> {
    /// Whether a section's content counts; `None` if that is not decided while reading.
    ///
    /// A condition that cannot be read is reported and counts as false.
    pub(super) fn condition(&mut self, section: &[u8], logical: &Logical) -> Option<bool> {
        let test = match section {
            b"ifdefine" => Self::defined,
            b"ifmodule" => Self::loaded,
            b"iffile" => Self::exists,
            b"ifdirective" => Self::directive_known,
            b"ifsection" => Self::section_known,
            b"ifversion" => return Some(logical.statement.bracket && self.version(logical)),
            _ => return None,
        };
        let args = logical.args();
        let negated = args.as_bytes().starts_with(b"!");
        let rest = args.slice(usize::from(negated)..args.as_bytes().len());
        let mut words = rest.words();
        let Some(subject) = words.next().filter(|word| !word.is_empty()) else {
            let message = format!("<{}> directive requires additional arguments", logical.name());
            self.report(logical.error("missing-argument", message));
            return Some(false);
        };
        if let Some(more) = words.next() {
            let message = format!("<{}> looks at its first argument only", logical.name());
            self.report(Diagnostic::warning("ignored-argument", more.span, message));
        }
        Some(logical.statement.bracket && test(self, &subject) != negated)
    }

    fn defined(&self, subject: &Arg) -> bool {
        self.variables.is_defined(subject.as_bytes())
    }

    fn loaded(&self, subject: &Arg) -> bool {
        let module = subject.text().ok().and_then(|name| self.known.module(name));
        module.is_some_and(|module| self.modules.has(module))
    }

    fn exists(&self, subject: &Arg) -> bool {
        let path = subject.text().ok().map(|path| paths::merge(&self.server_root, path));
        path.is_some_and(|path| self.files.kind(&path).is_some())
    }

    fn directive_known(&self, subject: &Arg) -> bool {
        subject.text().is_ok_and(|name| self.is_known(name))
    }

    fn section_known(&self, subject: &Arg) -> bool {
        subject.text().is_ok_and(|name| self.is_known(&format!("<{name}")))
    }

    fn is_known(&self, directive: &str) -> bool {
        self.known.modules_of(directive).into_iter().any(|module| self.modules.has(module))
    }

    fn version(&mut self, logical: &Logical) -> bool {
        let words: Vec<Arg> = logical.args().words().take(3).collect();
        // mod_version splits words before it looks for the `>`: it has room for one more behind two.
        let behind = logical.statement.behind.words().take(2).count();
        let holds = match words.as_slice() {
            _ if behind > 1 || (behind == 1 && words.len() != 2) => {
                Err("<IfVersion> directive missing closing '>' at its end".to_owned())
            }
            [version] if !version.is_empty() => version::holds(b"=", version.as_bytes()),
            [operator, version] => version::holds(operator.as_bytes(), version.as_bytes()),
            _ => Err("<IfVersion> takes an operator and a version".to_owned()),
        };
        holds.unwrap_or_else(|fault| {
            let help = "for example `<IfVersion >= 2.4.10>` or `<IfVersion ~ ^2\\.4>`";
            self.report(logical.error("bad-version", fault).help(help));
            false
        })
    }
}
