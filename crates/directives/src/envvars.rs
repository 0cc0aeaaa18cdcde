//! Debian's `envvars`: the shell file beside apache2.conf whose exports apache2ctl gives to httpd.
//!
//! Not a shell. Understood are assignments, `export`, `unset`, `if [ A = B ] ... elif ... else ... fi`, quotes and
//! the expansions `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME-word}`, `${NAME#word}`, `${NAME##word}`, `${NAME%word}`
//! and `${NAME%%word}`; whatever else a line says is passed over, and a condition not understood is false.

mod words;

use std::collections::{BTreeMap, BTreeSet};

use words::{Word, words};

/// The longest value that is kept; a line that doubles a value cannot fill the memory.
const MAX_VALUE: usize = 64 << 10;

/// The environment that the file leaves: what was there before, changed by its exports and unsets.
pub fn parse(text: &[u8], environment: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let text = String::from_utf8_lossy(text).replace("\\\n", "");
    let exported = environment.keys().cloned().collect();
    let mut shell = Shell { values: environment.clone(), exported, branches: Vec::new() };
    for line in text.lines() {
        for command in words(line) {
            shell.run(&command);
        }
    }
    let Shell { values, exported, .. } = shell;
    values.into_iter().filter(|(name, _)| exported.contains(name)).collect()
}

struct Shell {
    values: BTreeMap<String, String>,
    exported: BTreeSet<String>,
    /// The `if`s around this point, outermost first.
    branches: Vec<Branch>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Branch {
    /// Its commands are run.
    Running,
    /// A later `elif` or `else` may be run.
    Waiting,
    /// One branch was run, or the whole `if` is inside one that is not.
    Done,
}

impl Shell {
    fn run(&mut self, command: &[Word]) {
        let [first, rest @ ..] = command else { return };
        match first.as_plain() {
            Some("if") => {
                let live = self.is_live();
                let holds = live && self.holds(rest);
                self.branches.push(match (live, holds) {
                    (true, true) => Branch::Running,
                    (true, false) => Branch::Waiting,
                    (false, _) => Branch::Done,
                });
            }
            Some("elif") => self.turn(|shell| shell.holds(rest)),
            Some("else") => {
                self.turn(|_| true);
                self.run(rest);
            }
            Some("then") => self.run(rest),
            Some("fi") => _ = self.branches.pop(),
            _ if !self.is_live() => {}
            Some("export") => self.export(rest),
            Some("unset") => {
                for name in rest.iter().filter_map(Word::as_plain) {
                    self.values.remove(name);
                    self.exported.remove(name);
                }
            }
            // A command behind an assignment has it for itself: `A=1 command`.
            _ if rest.is_empty() || rest.iter().all(|word| word.assignment().is_some()) => {
                for word in command {
                    self.assign(word);
                }
            }
            _ => {}
        }
    }

    fn is_live(&self) -> bool {
        self.branches.iter().all(|branch| *branch == Branch::Running)
    }

    fn turn(&mut self, holds: impl Fn(&Self) -> bool) {
        let Some(last) = self.branches.pop() else { return };
        let next = match last {
            Branch::Waiting if holds(self) => Branch::Running,
            Branch::Waiting => Branch::Waiting,
            Branch::Running | Branch::Done => Branch::Done,
        };
        self.branches.push(next);
    }

    fn export(&mut self, words: &[Word]) {
        for word in words {
            if let Some(name) = self.assign(word).or(word.as_plain().map(str::to_owned)) {
                self.exported.insert(name);
            }
        }
    }

    fn assign(&mut self, word: &Word) -> Option<String> {
        let (name, value) = word.assignment()?;
        let value = value.expand(&self.values, MAX_VALUE)?;
        self.values.insert(name.to_owned(), value);
        Some(name.to_owned())
    }

    /// `[ A = B ]`, `[ A != B ]`, `[ -n A ]`, `[ -z A ]` and `[ A ]`, `test` in place of the brackets.
    fn holds(&self, command: &[Word]) -> bool {
        let inside = match command {
            [first, inside @ .., last] if first.as_plain() == Some("[") && last.as_plain() == Some("]") => {
                inside
            }
            [first, inside @ ..] if first.as_plain() == Some("test") => inside,
            _ => return false,
        };
        let value = |word: &Word| word.expand(&self.values, MAX_VALUE).unwrap_or_default();
        match inside {
            [only] => !value(only).is_empty(),
            [test, word] if test.as_plain() == Some("-n") => !value(word).is_empty(),
            [test, word] if test.as_plain() == Some("-z") => value(word).is_empty(),
            [left, test, right] if test.as_plain() == Some("=") => value(left) == value(right),
            [left, test, right] if test.as_plain() == Some("!=") => value(left) != value(right),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, before: &str, after: &str) {
        let pairs = |list: &str| -> BTreeMap<String, String> {
            let pairs = list.split_terminator('|').filter_map(|pair| pair.split_once('='));
            pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        };
        assert_eq!(parse(text.as_bytes(), &pairs(before)), pairs(after), "{text}");
    }

    #[test]
    fn exports_and_only_those_come_out() {
        check("export A=1\nB=2\n", "C=3", "A=1|C=3");
        check("A=1; export A", "", "A=1");
        check("A=1\nexport A B=2 # C=3\n#export D=4", "", "A=1|B=2");
        check("unset HOME LANG\n", "HOME=/root|LANG=C|X=1", "X=1");
        check("A=2", "A=1", "A=2");
        check("export A", "", "");
        check("echo A=1\n. /etc/default/locale\nulimit -n 5\nA=1 run it\nexport ok=1", "", "ok=1");
        check("export A=a\\\nb", "", "A=ab");
    }

    #[test]
    fn quotes_and_expansions() {
        check("export A=\"x y\" B='$C' C=p\\ q D=a\"b\"'c'", "", "A=x y|B=$C|C=p q|D=abc");
        check(
            "export A=/run$S/x B=${S}y C=\"${S:-d}\" D=$N E=${N:-d$S} F=${E-n} G=$",
            "S=-s|E=",
            "S=-s|E=d-s|A=/run-s/x|B=-sy|C=-s|D=|F=d-s|G=$",
        );
        check(
            "export A=${P##/etc/apache2-} B=${P#*/} C=${P%-*} D=${P%%/*}",
            "P=/etc/apache2-x",
            "P=/etc/apache2-x|A=x|B=etc/apache2-x|C=/etc/apache2|D=",
        );
        check("export A=`date` B=$(date) C=1 D=$((1+1)) E=${X?y}", "", "C=1");
        check("export A='open", "", "");
    }

    #[test]
    fn conditions() {
        check("if [ \"$X\" = 1 ]; then export A=1; else export A=2; fi", "X=1", "X=1|A=1");
        check("if [ \"$X\" = 1 ]; then export A=1; else export A=2; fi", "", "A=2");
        check(
            "if test -n \"$X\"\nthen\nexport A=1\nelif [ -z \"$Y\" ]; then\nexport A=2\nelse\nexport A=3\nfi\nexport B=1",
            "",
            "A=2|B=1",
        );
        check("if [ -d /nope ]; then\nif [ 1 = 1 ]; then export A=1; fi\nelse export A=2; fi", "", "A=2");
        check(
            "if [ 1 != 1 ]; then if [ 1 ]; then export A=1; else export B=1; fi; export C=1; fi\nexport D=1",
            "",
            "D=1",
        );
        check("fi\nelse\nthen export A=1", "", "A=1");
    }

    #[test]
    fn what_debian_ships() {
        let shipped = "unset HOME\n\nif [ \"${APACHE_CONFDIR##/etc/apache2-}\" != \"${APACHE_CONFDIR}\" ] ; then\n\tSUFFIX=\"-${APACHE_CONFDIR##/etc/apache2-}\"\nelse\n\tSUFFIX=\nfi\n\nexport APACHE_RUN_USER=www-data\nexport APACHE_LOG_DIR=/var/log/apache2$SUFFIX\nexport LANG=C\nexport LANG\n#export APACHE_LYNX='www-browser -dump'\n";
        check(shipped, "HOME=/root", "APACHE_RUN_USER=www-data|APACHE_LOG_DIR=/var/log/apache2|LANG=C");
        check(
            shipped,
            "APACHE_CONFDIR=/etc/apache2-test",
            "APACHE_CONFDIR=/etc/apache2-test|APACHE_RUN_USER=www-data|APACHE_LOG_DIR=/var/log/apache2-test|LANG=C",
        );
    }

    #[test]
    fn values_do_not_grow_without_end() {
        let doubling = format!("export A=xxxxxxxx\n{}", "export A=$A$A\n".repeat(60));
        let after = parse(doubling.as_bytes(), &BTreeMap::new());
        assert!(after["A"].len() <= MAX_VALUE);
    }
}
