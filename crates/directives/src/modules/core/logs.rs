//! Error logs and log levels.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::error_format::{ErrorFormat, ErrorWhat, For};
use crate::config::{Merge, Set, Setting};
use crate::diag::Diagnostic;
use crate::interpret::{Cx, Outcome, Problem};
use crate::log_destination::Destination;
use crate::merge_fields;
use crate::registry;
use crate::words::Arg;

/// A level of the error log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The system is unusable.
    Emerg,
    /// Action must be taken at once.
    Alert,
    /// Critical conditions.
    Crit,
    /// Errors.
    Error,
    /// Warnings; the default.
    Warn,
    /// Normal but significant.
    Notice,
    /// Informational.
    Info,
    /// Debugging.
    Debug,
    /// Tracing; 1 to 8.
    Trace(u8),
}

impl Level {
    /// httpd's number: 0 for emerg, 15 for trace8.
    pub fn number(self) -> u8 {
        match self {
            Self::Emerg => 0,
            Self::Alert => 1,
            Self::Crit => 2,
            Self::Error => 3,
            Self::Warn => 4,
            Self::Notice => 5,
            Self::Info => 6,
            Self::Debug => 7,
            Self::Trace(depth) => 7 + depth,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Emerg => "emerg",
            Self::Alert => "alert",
            Self::Crit => "crit",
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Notice => "notice",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace(depth) => return write!(f, "trace{depth}"),
        })
    }
}

impl FromStr for Level {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let level = match text.to_ascii_lowercase().as_str() {
            "emerg" => Self::Emerg,
            "alert" => Self::Alert,
            "crit" => Self::Crit,
            "error" => Self::Error,
            "warn" => Self::Warn,
            "notice" => Self::Notice,
            "info" => Self::Info,
            "debug" => Self::Debug,
            other => match other.strip_prefix("trace").map(str::as_bytes) {
                Some([digit @ b'1'..=b'8']) => Self::Trace(digit - b'0'),
                _ => return Err(()),
            },
        };
        Ok(level)
    }
}

/// LogLevel: one level for all modules, others for some.
#[derive(Clone, Debug, Default)]
pub struct LogLevels {
    /// The level of all modules that have none of their own.
    pub all: Set<Level>,
    /// Levels by module name without `mod_` and `_module`.
    pub modules: Vec<(Box<str>, Setting<Level>)>,
}

/// What ErrorLogFormat sets.
#[derive(Clone, Debug, Default)]
pub struct ErrorFormats {
    /// How messages look.
    pub message: Set<Arc<ErrorFormat>>,
    /// Lines that go before the first message about a connection.
    pub connection: Option<Vec<Arc<ErrorFormat>>>,
    /// Lines that go before the first message about a request.
    pub request: Option<Vec<Arc<ErrorFormat>>>,
}

merge_fields!(ErrorFormats { message, connection, request });

impl LogLevels {
    /// The level up to which a module's messages are logged, if it is set here.
    pub fn of(&self, module: &str) -> Option<Level> {
        let own = self.modules.iter().rev().find(|(name, _)| **name == *module);
        own.map(|(_, level)| level.value).or(self.all.as_ref().map(|level| level.value))
    }

    /// The level of the most talkative module, if any is set.
    pub fn most(&self) -> Option<Level> {
        self.modules.iter().map(|(_, level)| level.value).chain(self.all.as_ref().map(|all| all.value)).max()
    }
}

impl Merge for LogLevels {
    fn merge(base: &Self, add: &Self) -> Self {
        // A level for all that is set anew forgets the levels of single modules before it.
        let modules =
            if add.all.is_some() { add.modules.clone() } else { Merge::merge(&base.modules, &add.modules) };
        Self { all: Merge::merge(&base.all, &add.all), modules }
    }
}

/// httpd's `set_loglevel`.
pub(super) fn log_level(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let text = arg.text()?;
    let (module, level) = match text.rsplit_once(':') {
        Some((module, level)) => (Some(module_name(cx, arg, module)?), level),
        None => (None, text),
    };
    let level = level.parse::<Level>().map_err(|()| {
        Problem::at(arg, format!("{level:?} is no log level"))
            .help("levels are emerg, alert, crit, error, warn, notice, info, debug, trace1 to trace8")
    })?;
    let level = cx.set(level);
    let levels =
        if cx.place.section.is_some() { &mut cx.dir.core.log_levels } else { &mut cx.server.core.log_levels };
    match module {
        None => {
            levels.all = Some(level);
            levels.modules.clear();
        }
        Some(name) => levels.modules.push((name.into(), level)),
    }
    Ok(())
}

/// The name by which lines name a module: `proxy` for `proxy`, `proxy_module` and `mod_proxy.c`.
fn module_name(cx: &Cx<'_>, arg: &Arg, name: &str) -> Result<&'static str, Problem> {
    let known = registry::module(name).or_else(|| registry::module(&format!("{name}_module")));
    match known.filter(|module| cx.modules.has(module.knowledge()) || cx.modules.loaded.is_empty()) {
        Some(module) => Ok(module.identifier.trim_end_matches("_module")),
        None if known.is_some() => {
            Err(Problem::at(arg, format!("the module {name} is not loaded")).code("module-not-loaded"))
        }
        None => Err(Problem::at(arg, format!("there is no module {name}"))),
    }
}

pub(super) fn error_log(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let destination = Destination::error(arg.text()?, cx.server_root).ok_or_else(|| {
        Problem::at(arg, "syslog has no such facility")
            .help("write syslog:facility:tag; facilities are user, daemon, local0 to local7 and others")
    })?;
    cx.server.core.error_log = Some(cx.set(destination));
    Ok(())
}

/// httpd's `set_errorlog_format`.
pub(super) fn error_log_format(cx: &mut Cx<'_>, first: &Arg, second: Option<&Arg>) -> Outcome {
    let Some(format) = second else {
        let format = parse(cx, first, For::Message)?;
        cx.server.core.error_formats.message = Some(cx.set(format));
        return Ok(());
    };
    let word = first.text()?.to_ascii_lowercase();
    if !matches!(&*word, "connection" | "request") {
        return Err(Problem::at(first, "ErrorLogFormat takes connection or request before the format"));
    }
    // An empty one switches the lines of the main server off.
    let line = match format.as_bytes() {
        b"" => None,
        _ => Some(parse(cx, format, For::Once)?),
    };
    let formats = &mut cx.server.core.error_formats;
    let lines = if word == "request" { &mut formats.request } else { &mut formats.connection };
    lines.get_or_insert_default().extend(line);
    Ok(())
}

fn parse(cx: &mut Cx<'_>, arg: &Arg, what_for: For) -> Result<Arc<ErrorFormat>, Problem> {
    let format = ErrorFormat::parse(arg.as_bytes(), what_for)
        .map_err(|bad| Problem::within(arg, bad.offset, bad.to_string()).code("bad-log-format"))?;
    for item in &format.items {
        let (code, reason) = match item.what {
            ErrorWhat::SystemError => ("%E", "the system's error is part of the message"),
            ErrorWhat::Env(_) => ("%e", "a line is written when its request may be over"),
            ErrorWhat::Note(_) => ("%n", "a line is written when its request may be over"),
            _ => continue,
        };
        let message = format!("{code} says nothing: {reason}");
        cx.report(Diagnostic::note("no-effect", arg.span, message));
    }
    Ok(Arc::new(format))
}
