//! Where a log goes, as CustomLog and ErrorLog write it.

use std::fmt;
use std::sync::Arc;

/// A file, a program or the system's log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Destination {
    /// A file, absolute.
    File(Arc<str>),
    /// A program that reads lines: `|prog`, `||prog`, `|$command`.
    Program(Program),
    /// `syslog`, `syslog:facility`, `syslog:facility:tag`; error logs only.
    Syslog(Syslog),
}

/// A program that reads lines from its standard input.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Program {
    /// The program and its arguments, or the shell's command.
    pub command: Arc<str>,
    /// Whether the shell runs it.
    pub shell: bool,
    /// The folder that it is started in: ServerRoot.
    pub folder: Arc<str>,
}

/// The system's log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Syslog {
    /// The number of the facility (RFC 3164 section 4.1.1).
    pub facility: u8,
    /// What lines begin with; the server's name where none is set.
    pub tag: Option<Arc<str>>,
}

/// The facilities by name, in httpd's order: a name may be cut short.
const FACILITIES: &[(&str, u8)] = &[
    ("auth", 4),
    ("authpriv", 10),
    ("cron", 9),
    ("daemon", 3),
    ("ftp", 11),
    ("kern", 0),
    ("lpr", 6),
    ("mail", 2),
    ("news", 7),
    ("syslog", 5),
    ("user", 1),
    ("uucp", 8),
    ("local0", 16),
    ("local1", 17),
    ("local2", 18),
    ("local3", 19),
    ("local4", 20),
    ("local5", 21),
    ("local6", 22),
    ("local7", LOCAL7),
];

/// httpd's default.
const LOCAL7: u8 = 23;

impl Destination {
    /// A destination of an access log.
    pub fn access(text: &str, root: &str) -> Self {
        match text.strip_prefix('|') {
            Some(program) => Self::Program(Program::parse(program, root)),
            None if text.starts_with('/') => Self::File(text.into()),
            None => Self::File(format!("{}/{text}", root.trim_end_matches('/')).into()),
        }
    }

    /// A destination of an error log; none if it names a facility that does not exist.
    pub fn error(text: &str, root: &str) -> Option<Self> {
        let Some(rest) = text.strip_prefix("syslog") else { return Some(Self::access(text, root)) };
        if rest.is_empty() {
            return Some(Self::Syslog(Syslog { facility: LOCAL7, tag: None }));
        }
        let Some(rest) = rest.strip_prefix(':') else { return Some(Self::access(text, root)) };
        let (name, tag) = rest.split_once(':').unwrap_or((rest, ""));
        let named = |(known, _): &&(&str, u8)| {
            known.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        let facility = if name.is_empty() { LOCAL7 } else { FACILITIES.iter().find(named)?.1 };
        Some(Self::Syslog(Syslog { facility, tag: (!tag.is_empty()).then(|| tag.into()) }))
    }
}

impl Program {
    /// What stands behind the `|` (`ap_open_piped_log`).
    fn parse(text: &str, root: &str) -> Self {
        let text = text.strip_prefix('|').unwrap_or(text);
        let (shell, command) = match text.strip_prefix('$') {
            Some(command) => (true, command),
            None => (false, text),
        };
        Self { command: command.into(), shell, folder: root.into() }
    }

    /// Program and arguments: blanks separate them but in quotes, and a backslash takes the next byte as it is
    /// (`apr_tokenize_to_argv`).
    pub fn words(&self) -> Vec<String> {
        let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
        let mut letters = self.command.chars();
        while let Some(letter) = letters.next() {
            match (letter, quote) {
                ('"' | '\'', None) => {
                    quote = Some(letter);
                    word.get_or_insert_default();
                }
                (letter, Some(open)) if letter == open => quote = None,
                ('\\', _) => {
                    let next = letters.next().unwrap_or('\\');
                    word.get_or_insert_default().push(next);
                }
                (' ' | '\t', None) => words.extend(word.take()),
                _ => word.get_or_insert_default().push(letter),
            }
        }
        words.extend(word);
        words
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.write_str(path),
            Self::Program(Program { command, shell: false, .. }) => write!(f, "|{command}"),
            Self::Program(Program { command, shell: true, .. }) => write!(f, "|${command}"),
            Self::Syslog(_) => f.write_str("syslog"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn access(text: &str, expected: &str) {
        assert_eq!(Destination::access(text, "/root").to_string(), expected, "{text}");
    }

    #[test]
    fn files_and_programs() {
        access("logs/a", "/root/logs/a");
        access("/dev/stdout", "/dev/stdout");
        access("|prog a b", "|prog a b");
        access("||prog", "|prog");
        access("|$cat > x", "|$cat > x");
        access("||$cat > x", "|$cat > x");
        access("syslog:local1", "/root/syslog:local1");
    }

    #[test]
    fn the_systems_log() {
        let syslog = |facility, tag: Option<&str>| {
            Some(Destination::Syslog(Syslog { facility, tag: tag.map(Into::into) }))
        };
        for (text, expected) in [
            ("syslog", syslog(23, None)),
            ("syslog:local1", syslog(17, None)),
            ("syslog:USER:gate", syslog(1, Some("gate"))),
            ("syslog::gate", syslog(23, Some("gate"))),
            ("syslog:daemon:", syslog(3, None)),
            ("syslog:loc", syslog(16, None)),
            ("syslog:nothing", None),
            ("syslogs", Some(Destination::File("/root/syslogs".into()))),
        ] {
            assert_eq!(Destination::error(text, "/root"), expected, "{text}");
        }
    }

    #[test]
    fn words_of_a_command() {
        for (text, expected) in [
            (
                "|rotatelogs -l  '/var/log/a b.%Y' 86400",
                &["rotatelogs", "-l", "/var/log/a b.%Y", "86400"][..],
            ),
            ("|a\\ b \"c 'd\" ''", &["a b", "c 'd", ""]),
            ("|", &[]),
            ("|a\\", &["a\\"]),
        ] {
            let Destination::Program(program) = Destination::access(text, "/") else { panic!("{text}") };
            assert_eq!(program.words(), expected, "{text}");
        }
    }
}
