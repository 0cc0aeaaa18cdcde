//! mod_proxy_wstunnel: what is set about WebSocket tunnels. 2.4.71 knows the fallback only; the other
//! directives are httpd trunk's.

use std::time::Duration;

use crate::config::Set;
use crate::diag::Diagnostic;
use crate::interpret::{Cx, Outcome, Problem};
use crate::merge_fields;
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::values::{Unit, time_parameter};
use crate::words::Arg;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_proxy_wstunnel",
    identifier: "proxy_wstunnel_module",
    file: "mod_proxy_wstunnel.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: ROWS,
};

const ROWS: &[Row] = &[
    Row::supported(
        "ProxyWebsocketAsync",
        Contexts::CONFIG,
        Shape::Flag(asynchronous),
        "Whether tunnels are relayed by the event loop (On, the default) or each by a thread of its own (Off)",
    ),
    Row::supported(
        "ProxyWebsocketAsyncDelay",
        Contexts::CONFIG,
        Shape::Take1(async_delay),
        "How long a tunnel must be silent before its thread hands it to the event loop; 0 hands it over at once",
    ),
    Row::supported(
        "ProxyWebsocketFallbackToProxyHttp",
        Contexts::CONFIG,
        Shape::Flag(fallback),
        "Whether mod_proxy_http's handling serves ws:// and wss:// (On, the default) or mod_proxy_wstunnel's own",
    ),
    Row::supported(
        "ProxyWebsocketIdleTimeout",
        Contexts::CONFIG,
        Shape::Take1(idle_timeout),
        "How long a tunnel may be silent both ways; 0 is no limit; not set: the larger of Timeout and timeout=",
    ),
];

/// What is set for tunnels.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// ProxyWebsocketFallbackToProxyHttp; On where not set.
    pub fallback: Set<bool>,
    /// ProxyWebsocketIdleTimeout; zero is no limit.
    pub idle_timeout: Set<Duration>,
    /// ProxyWebsocketAsync; On where not set.
    pub asynchronous: Set<bool>,
    /// ProxyWebsocketAsyncDelay; zero where not set.
    pub async_delay: Set<Duration>,
}

merge_fields!(DirConf { fallback, idle_timeout, asynchronous, async_delay });

fn fallback(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.dir.proxy_wstunnel.fallback = Some(cx.set(on));
    Ok(())
}

fn idle_timeout(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let time = tunnel_time(cx, arg)?;
    cx.dir.proxy_wstunnel.idle_timeout = Some(cx.set(time));
    Ok(())
}

fn asynchronous(cx: &mut Cx<'_>, on: bool) -> Outcome {
    unknown_to_httpd_24(cx);
    cx.dir.proxy_wstunnel.asynchronous = Some(cx.set(on));
    Ok(())
}

fn async_delay(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let time = tunnel_time(cx, arg)?;
    cx.dir.proxy_wstunnel.async_delay = Some(cx.set(time));
    Ok(())
}

fn tunnel_time(cx: &mut Cx<'_>, arg: &Arg) -> Result<Duration, Problem> {
    unknown_to_httpd_24(cx);
    time_parameter(arg.as_bytes(), Unit::Seconds).ok_or_else(|| {
        Problem::at(arg, "this is not a time")
            .help("write a number of seconds, or milliseconds with ms: 90 or 500ms")
    })
}

fn unknown_to_httpd_24(cx: &mut Cx<'_>) {
    let note = Diagnostic::note(
        "trunk-only-directive",
        cx.span,
        "httpd 2.4 does not know this directive, its trunk does",
    )
    .help("leave it if only wsgate reads this file");
    cx.report(note);
}
