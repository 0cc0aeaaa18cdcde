//! mod_log_config: access logs, where they go and how their lines look.
//!
//! A nickname may be defined behind the line that uses it, so formats are found by name when everything is read:
//! that is `core`'s business. Formats themselves are parsed in `format.rs`.

use std::sync::Arc;

use crate::config::{Merge, Set, Setting};
use crate::expr::{Condition, Expr};
use crate::interpret::{Cx, Outcome, Problem};
use crate::log_destination::Destination;
use crate::registry::{self, Arity, Contexts, Maker, Module, Row, Shape};
use crate::words::{Arg, strip_caseless};

mod format;

pub use format::{
    At, Field, Format, Item, Peer, Port, Statuses, Subject, Thread, TimeFormat, Unit, What, Which,
};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_log_config",
    identifier: "log_config_module",
    file: "mod_log_config.c",
    maker: Maker::HttpdStatic,
    implemented: true,
    rows: &[
        Row::no_effect(
            "BufferedLogs",
            Contexts::SERVER,
            Arity::Flag,
            "log lines are written by a thread of their own, which collects them by itself",
        ),
        Row::supported(
            "CustomLog",
            Contexts::SERVER,
            Shape::Take23(custom_log),
            "Where requests are logged, in which format, and with env= or expr= which ones",
        ),
        Row::supported(
            "GlobalLog",
            Contexts::GLOBAL,
            Shape::Take23(global_log),
            "As CustomLog, also for virtual hosts with logs of their own",
        ),
        Row::supported(
            "LogFormat",
            Contexts::SERVER,
            Shape::Take12(log_format),
            "Names a format, or without a name sets that of TransferLog",
        ),
        Row::supported(
            "TransferLog",
            Contexts::SERVER,
            Shape::Take1(transfer_log),
            "Where requests are logged in the format of the last LogFormat without a name",
        ),
    ],
};

/// What a server sets.
#[derive(Clone, Debug, Default)]
pub struct ServerConf {
    /// LogFormat with a nickname, in order; the last one of a name counts.
    pub formats: Vec<Setting<Named>>,
    /// LogFormat without one.
    pub default_format: Set<Written>,
    /// CustomLog, GlobalLog and TransferLog, in order.
    pub logs: Vec<Setting<AccessLog>>,
}

/// A format with its nickname.
#[derive(Clone, Debug)]
pub struct Named {
    /// The nickname.
    pub name: Box<[u8]>,
    /// The format.
    pub format: Arc<Format>,
}

/// An access log.
#[derive(Clone, Debug)]
pub struct AccessLog {
    /// Where.
    pub to: Destination,
    /// Its format; none for that of LogFormat without a nickname (TransferLog).
    pub format: Option<Written>,
    /// Which requests.
    pub only: Only,
    /// Whether virtual hosts with logs of their own have this one as well (GlobalLog).
    pub global: bool,
}

/// A format where a nickname may stand as well.
#[derive(Clone, Debug)]
pub struct Written {
    /// As written: a nickname, if there is one of that name.
    pub name: Box<[u8]>,
    /// What it is if it is no nickname.
    pub literal: Arc<Format>,
}

/// Which requests go into a log.
#[derive(Clone, Debug)]
pub enum Only {
    /// All.
    All,
    /// `env=NAME`: those with this environment variable.
    With(Box<str>),
    /// `env=!NAME`: those without.
    Without(Box<str>),
    /// `expr=...`: those for which this holds.
    If(Arc<Expr<Condition>>),
}

/// httpd's `merge_config_log_state`: logs of the main server are a virtual host's only if that has none.
impl Merge for ServerConf {
    fn merge(base: &Self, add: &Self) -> Self {
        let own = !add.logs.is_empty();
        let inherited = base.logs.iter().filter(|log| !own || log.global);
        Self {
            formats: Merge::merge(&base.formats, &add.formats),
            default_format: Merge::merge(&base.default_format, &add.default_format),
            logs: add.logs.iter().chain(inherited).cloned().collect(),
        }
    }
}

impl ServerConf {
    /// The format of a nickname; `CLF` is there without a LogFormat.
    pub fn format(&self, name: &[u8]) -> Option<Arc<Format>> {
        let named = self.formats.iter().rev().find(|named| named.name.eq_ignore_ascii_case(name));
        match named {
            Some(named) => Some(named.format.clone()),
            None => name.eq_ignore_ascii_case(b"CLF").then(Format::common),
        }
    }
}

fn log_format(cx: &mut Cx<'_>, format: &Arg, name: Option<&Arg>) -> Outcome {
    let parsed = parse(cx, format)?;
    match name {
        Some(name) => {
            let named = cx.set(Named { name: name.as_bytes().into(), format: parsed });
            cx.server.log_config.formats.push(named);
        }
        None => {
            let written = Written { name: format.as_bytes().into(), literal: parsed };
            cx.server.log_config.default_format = Some(cx.set(written));
        }
    }
    Ok(())
}

fn custom_log(cx: &mut Cx<'_>, to: &Arg, format: &Arg, condition: Option<&Arg>) -> Outcome {
    add(cx, to, Some(format), condition, false)
}

fn global_log(cx: &mut Cx<'_>, to: &Arg, format: &Arg, condition: Option<&Arg>) -> Outcome {
    add(cx, to, Some(format), condition, true)
}

fn transfer_log(cx: &mut Cx<'_>, to: &Arg) -> Outcome {
    add(cx, to, None, None, false)
}

/// httpd's `add_custom_log`.
fn add(cx: &mut Cx<'_>, to: &Arg, format: Option<&Arg>, condition: Option<&Arg>, global: bool) -> Outcome {
    let only = condition.map_or(Ok(Only::All), |condition| only(cx, condition))?;
    let format = match format {
        Some(arg) => Some(Written { name: arg.as_bytes().into(), literal: parse(cx, arg)? }),
        None => None,
    };
    let log = cx.set(AccessLog { to: Destination::access(to.text()?, cx.server_root), format, only, global });
    cx.server.log_config.logs.push(log);
    Ok(())
}

fn only(cx: &Cx<'_>, arg: &Arg) -> Result<Only, Problem> {
    let bytes = arg.as_bytes();
    if let Some(name) = strip_caseless(bytes, b"env=") {
        let (negated, name) = match name.strip_prefix(b"!") {
            Some(name) => (true, name),
            None => (false, name),
        };
        if name.is_empty() {
            return Err(Problem::at(arg, "the name of an environment variable is missing"));
        }
        let name = str::from_utf8(name)?.into();
        return Ok(if negated { Only::Without(name) } else { Only::With(name) });
    }
    let Some(source) = strip_caseless(bytes, b"expr=") else {
        return Err(Problem::at(arg, "this is no condition")
            .help("write env=NAME, env=!NAME or \"expr=...\"; quote a format that holds spaces"));
    };
    if source.is_empty() {
        return Err(Problem::at(arg, "the condition is missing"));
    }
    Ok(Only::If(cx.condition(arg, 5)?))
}

fn parse(cx: &Cx<'_>, arg: &Arg) -> Result<Arc<Format>, Problem> {
    let loaded = |file| registry::is_loaded(file, cx.modules);
    let codes = format::Codes { logio: loaded("mod_logio.c"), ssl: loaded("mod_ssl.c") };
    let format = Format::parse(arg.as_bytes(), codes);
    format.map(Arc::new).map_err(|bad| {
        let problem = Problem::within(arg, bad.offset, bad.to_string()).code("bad-log-format");
        match bad.module() {
            Some(module) => problem.help(format!("it belongs to {module}, which is not loaded")),
            None => problem,
        }
    })
}
