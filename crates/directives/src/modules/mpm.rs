//! The process model: the MPMs' directives and mod_unixd's. wsgate runs one process with one thread a core, so
//! most of httpd's tuning has nothing to act on.

use std::net::IpAddr;
use std::time::Duration;

use crate::config::{Set, Setting};
use crate::diag::Diagnostic;
use crate::interpret::{Cx, Outcome, Problem};
use crate::merge_fields;
use crate::registry::{Arity, Contexts, Maker, Module, Row, Shape};
use crate::values::{atoi, buffer_size};
use crate::words::Arg;

/// What the MPMs share, under the name that the manual has for it. httpd repeats it in each of them, and every server
/// has one, so it counts as built in.
pub const COMMON: Module = Module {
    name: "mpm_common",
    identifier: "mpm_common_module",
    file: "mpm_common.c",
    maker: Maker::HttpdStatic,
    implemented: true,
    rows: COMMON_ROWS,
};

/// The table of mpm_event.
pub const EVENT: Module = Module {
    name: "event",
    identifier: "mpm_event_module",
    file: "event.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[Row::no_effect(
        "AsyncRequestWorkerFactor",
        Contexts::GLOBAL,
        Arity::Checked(|arg| match arg.text()?.parse::<f64>() {
            Ok(factor) if factor > 0.0 => Ok(()),
            _ => Err(Problem::at(arg, "AsyncRequestWorkerFactor must be a positive number")),
        }),
        NO_THREADS,
    )],
};

/// mpm_worker: it has nothing of its own.
pub const WORKER: Module = Module {
    name: "worker",
    identifier: "mpm_worker_module",
    file: "worker.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[],
};

/// The table of mpm_prefork.
pub const PREFORK: Module = Module {
    name: "prefork",
    identifier: "mpm_prefork_module",
    file: "prefork.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect("MaxSpareServers", Contexts::GLOBAL, Arity::ONE, ONE_PROCESS),
        Row::no_effect("MinSpareServers", Contexts::GLOBAL, Arity::ONE, ONE_PROCESS),
    ],
};

/// The table of mod_unixd.
pub const UNIXD: Module = Module {
    name: "mod_unixd",
    identifier: "unixd_module",
    file: "mod_unixd.c",
    maker: Maker::HttpdStatic,
    implemented: true,
    rows: &[
        Row::refused(
            "ChrootDir",
            Contexts::GLOBAL,
            Arity::ONE,
            "let the service manager set the root folder",
        ),
        Row::supported(
            "Group",
            Contexts::GLOBAL,
            Shape::Take1(group),
            "The group that requests are served as",
        ),
        Row::no_effect("Suexec", Contexts::GLOBAL, Arity::Flag, "no programs are run for requests"),
        Row::supported("User", Contexts::GLOBAL, Shape::Take1(user), "The user that requests are served as"),
    ],
};

const ONE_PROCESS: &str = "wsgate runs one process with one thread a core";
const NO_THREADS: &str = "connections are served by one thread a core, not by a pool";

const COMMON_ROWS: &[Row] = &[
    Row::no_effect("CoreDumpDirectory", Contexts::GLOBAL, Arity::ONE, "the service manager decides"),
    Row::no_effect("EnableExceptionHook", Contexts::GLOBAL, Arity::Flag, "there are no such hooks"),
    Row::supported(
        "GracefulShutdownTimeout",
        Contexts::GLOBAL,
        Shape::Take1(graceful_shutdown_timeout),
        "How long a graceful stop waits for tunnels and requests; 0 is for ever",
    ),
    Row::supported(
        "Listen",
        Contexts::GLOBAL,
        Shape::Argv(listen),
        "An address and port to serve; https behind it, or port 443, is TLS for virtual hosts there with a certificate and without SSLEngine",
    ),
    Row::supported(
        "ListenBacklog",
        Contexts::GLOBAL,
        Shape::Take1(listen_backlog),
        "How many connections may wait to be accepted",
    ),
    Row::no_effect("ListenCoresBucketsRatio", Contexts::GLOBAL, Arity::ONE, ONE_PROCESS),
    Row::no_effect(
        "ListenTCPDeferAccept",
        Contexts::GLOBAL,
        Arity::ONE,
        "connections are taken as soon as they are made",
    ),
    Row::supported(
        "MaxClients",
        Contexts::GLOBAL,
        Shape::Take1(max_request_workers),
        "The old name of MaxRequestWorkers",
    ),
    Row::no_effect("MaxConnectionsPerChild", Contexts::GLOBAL, Arity::ONE, ONE_PROCESS),
    Row::no_effect("MaxMemFree", Contexts::GLOBAL, Arity::ONE, "memory is returned as it is freed"),
    Row::no_effect("MaxRequestsPerChild", Contexts::GLOBAL, Arity::ONE, ONE_PROCESS),
    Row::supported(
        "MaxRequestWorkers",
        Contexts::GLOBAL,
        Shape::Take1(max_request_workers),
        "How many tunnels may be relayed by threads of their own (ProxyWebsocketAsync Off); nothing else is bound by it",
    ),
    Row::no_effect("MaxSpareThreads", Contexts::GLOBAL, Arity::ONE, NO_THREADS),
    Row::no_effect("MinSpareThreads", Contexts::GLOBAL, Arity::ONE, NO_THREADS),
    Row::supported(
        "PidFile",
        Contexts::GLOBAL,
        Shape::Take1(pid_file),
        "The file that holds the process's number",
    ),
    Row::no_effect(
        "ReceiveBufferSize",
        Contexts::GLOBAL,
        Arity::Checked(buffer_size),
        "the kernel sizes socket buffers",
    ),
    Row::no_effect("ScoreBoardFile", Contexts::GLOBAL, Arity::ONE, "there is no scoreboard"),
    Row::no_effect(
        "SendBufferSize",
        Contexts::GLOBAL,
        Arity::Checked(buffer_size),
        "the kernel sizes socket buffers",
    ),
    Row::supported(
        "ServerLimit",
        Contexts::GLOBAL,
        Shape::Take1(server_limit),
        "How many workers there are at most; one a processor where not set",
    ),
    Row::no_effect("StartServers", Contexts::GLOBAL, Arity::ONE, ONE_PROCESS),
    Row::no_effect("ThreadLimit", Contexts::GLOBAL, Arity::ONE, NO_THREADS),
    Row::no_effect("ThreadsPerChild", Contexts::GLOBAL, Arity::ONE, NO_THREADS),
    Row::no_effect("ThreadStackSize", Contexts::GLOBAL, Arity::ONE, NO_THREADS),
];

/// What the main server sets about the process.
#[derive(Clone, Debug, Default)]
pub struct ServerConf {
    /// Listen, in order.
    pub listens: Vec<Setting<Listen>>,
    /// ListenBacklog; 511 where not set.
    pub listen_backlog: Set<u32>,
    /// User, as written: a name, or `#` and a number.
    pub user: Set<String>,
    /// Group, likewise.
    pub group: Set<String>,
    /// PidFile, absolute.
    pub pid_file: Set<String>,
    /// MaxRequestWorkers.
    pub max_request_workers: Set<u32>,
    /// ServerLimit: httpd's processes are workers here.
    pub server_limit: Set<u32>,
    /// GracefulShutdownTimeout; zero waits for ever.
    pub graceful_shutdown_timeout: Set<Duration>,
}

merge_fields!(ServerConf {
    listens,
    listen_backlog,
    user,
    group,
    pid_file,
    max_request_workers,
    server_limit,
    graceful_shutdown_timeout,
});

/// A Listen line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// The address; none is all of them.
    pub address: Option<IpAddr>,
    /// The name that stands in place of an address, until it is looked up.
    pub name: Option<Box<str>>,
    /// The port, from 1.
    pub port: u16,
    /// The protocol behind the address: `https` on port 443, else `http`, where none is written.
    pub protocol: Option<Box<str>>,
}

impl Listen {
    /// Whether TLS is what clients are expected to speak there.
    pub fn is_https(&self) -> bool {
        self.protocol.as_deref().map_or(self.port == 443, |protocol| protocol == "https")
    }
}

/// httpd's `ap_set_listener`.
fn listen(cx: &mut Cx<'_>, words: &[Arg]) -> Outcome {
    let (address, rest) = match words {
        [address] => (address, None),
        [address, protocol] => (address, Some(protocol)),
        _ => {
            return Err(
                Problem::new("Listen takes an address with a port, and a protocol").code("wrong-arguments")
            );
        }
    };
    let protocol = match rest {
        Some(word) => Some(word.text()?.to_ascii_lowercase().into()),
        None => None,
    };
    if let Some(word) = rest.filter(|word| !word.is("http") && !word.is("https")) {
        let message = "this has no effect: protocols are http, and https for TLS";
        cx.report(Diagnostic::note("no-effect", word.span, message));
    }
    let (host, port) = host_port(address)?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let (address, name) = match bare.parse() {
        _ if matches!(host, "" | "*") => (None, None),
        Ok(address) => (Some(address), None),
        Err(_) if is_name(host) => (None, Some(host.into())),
        Err(_) => {
            return Err(Problem::at(address, format!("Listen wants an address, {host} is none"))
                .help("write Listen 127.0.0.1:8080, Listen [::1]:8080, or Listen 8080 for all addresses"));
        }
    };
    let listen = cx.set(Listen { address, name, port, protocol });
    cx.server.mpm.listens.push(listen);
    Ok(())
}

/// Whether a text may be a host's name.
fn is_name(host: &str) -> bool {
    host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// `host:port` or `port`.
fn host_port(arg: &Arg) -> Result<(&str, u16), Problem> {
    let text = arg.text()?;
    let (host, port) = text.rsplit_once(':').filter(|(_, port)| !port.contains(']')).unwrap_or(("", text));
    match port.parse::<u16>() {
        Ok(number) if number > 0 && port.bytes().all(|byte| byte.is_ascii_digit()) => Ok((host, number)),
        _ => Err(Problem::at(arg, "Listen needs a port between 1 and 65535")),
    }
}

fn listen_backlog(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let length = u32::try_from(atoi(arg.as_bytes())).ok().filter(|length| *length > 0);
    let length = length.ok_or_else(|| Problem::at(arg, "ListenBacklog must be greater than 0"))?;
    cx.server.mpm.listen_backlog = Some(cx.set(length));
    Ok(())
}

fn user(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    cx.server.mpm.user = Some(cx.set(arg.text()?.to_owned()));
    Ok(())
}

fn group(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    cx.server.mpm.group = Some(cx.set(arg.text()?.to_owned()));
    Ok(())
}

fn pid_file(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let path = cx.path(arg.text()?);
    cx.server.mpm.pid_file = Some(cx.set(path));
    Ok(())
}

fn server_limit(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let number = u32::try_from(atoi(arg.as_bytes())).unwrap_or(0).max(1);
    cx.server.mpm.server_limit = Some(cx.set(number));
    Ok(())
}

fn max_request_workers(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let number = u32::try_from(atoi(arg.as_bytes())).unwrap_or(0).max(1);
    cx.server.mpm.max_request_workers = Some(cx.set(number));
    Ok(())
}

fn graceful_shutdown_timeout(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let seconds = u64::try_from(atoi(arg.as_bytes())).unwrap_or(0);
    cx.server.mpm.graceful_shutdown_timeout = Some(cx.set(Duration::from_secs(seconds)));
    Ok(())
}
