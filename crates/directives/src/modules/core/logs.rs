//! Error logs and log levels.

use std::str::FromStr;

use crate::config::{Merge, Set, Setting};
use crate::interpret::{Cx, Outcome, Problem};
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

/// An ErrorLogFormat line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorLogFormat {
    /// What it is for: `connection` or `request` for the lines that are logged once for each, none for messages.
    pub kind: Option<Box<str>>,
    /// The format.
    pub format: Box<str>,
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
    let (module, level) = match text.split_once(':') {
        Some((module, level)) => (Some(module), level),
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
            levels.modules.retain(|(_, old)| old.span == level.span);
        }
        Some(name) => {
            let name = name.trim_start_matches("mod_").trim_end_matches(".c").trim_end_matches("_module");
            levels.modules.push((name.into(), level));
        }
    }
    Ok(())
}

pub(super) fn error_log(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    cx.server.core.error_log = Some(cx.set(arg.text()?.to_owned()));
    Ok(())
}

pub(super) fn error_log_format(cx: &mut Cx<'_>, first: &Arg, second: Option<&Arg>) -> Outcome {
    let (kind, format) = match second {
        None => (None, first),
        Some(format) => match first.text()?.to_ascii_lowercase().as_str() {
            kind @ ("connection" | "request") => (Some(kind.into()), format),
            _ => {
                return Err(Problem::at(
                    first,
                    "ErrorLogFormat takes connection or request before the format",
                ));
            }
        },
    };
    let line = cx.set(ErrorLogFormat { kind, format: format.text()?.into() });
    cx.server.core.error_log_formats.push(line);
    Ok(())
}
