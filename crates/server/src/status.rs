//! What `SetHandler server-status` shows: the figures of the process and its open tunnels, as a page that keeps itself
//! up to date, as JSON (`?json`), or as lines for scripts (`?auto`, as mod_status has it), and with `?refresh=SECONDS`
//! asked for again by the client.
//!
//! Who may see it is for the access rules of its `<Location>` to say, as in httpd.

use std::fmt::Write as _;

use bytes::Bytes;
use serde::Serialize;
use wsgate_core::reply::{Body, Reply, Status};
use wsgate_wstunnel::{Cause, Totals, TunnelInfo, Tunnels};

const PAGE: &str = include_str!("../../../conf/status.html");
/// Tunnels that are listed unless `rows=` says otherwise.
const ROWS: usize = 1000;

/// The answer to a request with this query.
pub(crate) fn reply(tunnels: &Tunnels, query: Option<&[u8]>) -> Reply {
    let asked = Asked::of(query.unwrap_or_default());
    let (kind, body) = match asked.form {
        Form::Page => ("text/html; charset=utf-8", PAGE.into()),
        Form::Json => ("application/json", Figures::of(tunnels, asked.rows).json()),
        Form::Lines => ("text/plain; charset=utf-8", lines(&tunnels.totals())),
    };
    let mut reply = Reply { body: Body::Bytes(Bytes::from(body)), ..Reply::page(Status::OK) };
    reply.headers.set("Content-Type", kind);
    reply.headers.set("Cache-Control", "no-store");
    if let Some(seconds) = asked.refresh {
        reply.headers.set("Refresh", seconds.to_string());
    }
    reply
}

/// What a query asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Asked {
    form: Form,
    rows: usize,
    refresh: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Page,
    Json,
    Lines,
}

impl Asked {
    fn of(query: &[u8]) -> Self {
        let mut asked = Self { form: Form::Page, rows: ROWS, refresh: None };
        let query = String::from_utf8_lossy(query);
        for word in query.split(['&', ';']) {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            match name {
                "json" => asked.form = Form::Json,
                "auto" => asked.form = Form::Lines,
                "rows" => asked.rows = value.parse().unwrap_or(asked.rows),
                // mod_status's own default.
                "refresh" => asked.refresh = Some(value.parse().ok().filter(|time| *time > 0).unwrap_or(10)),
                _ => {}
            }
        }
        asked
    }
}

fn lines(totals: &Totals) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: u64| {
        // A string takes everything.
        let _ = writeln!(out, "{name}: {value}");
    };
    line("TunnelsOpen", totals.open as u64);
    line("TunnelsOnThreads", totals.threads as u64);
    line("TunnelsOpened", totals.opened);
    line("BytesFromClients", totals.from_clients);
    line("BytesFromBackends", totals.from_backends);
    for (cause, count) in Cause::ALL.iter().zip(totals.ended) {
        line(&format!("TunnelsEnded ({cause})"), count);
    }
    out
}

/// The figures as JSON has them.
#[derive(Serialize)]
struct Figures {
    version: &'static str,
    open: usize,
    threads: usize,
    opened: u64,
    from_clients: u64,
    from_backends: u64,
    ended: Vec<Ends>,
    tunnels: Vec<Row>,
}

#[derive(Serialize)]
struct Ends {
    cause: &'static str,
    count: u64,
}

#[derive(Serialize)]
struct Row {
    id: String,
    host: String,
    client: String,
    backend: String,
    route: String,
    place: String,
    mode: &'static str,
    seconds: u64,
    quiet_ms: u64,
    from_client: u64,
    from_backend: u64,
}

impl Figures {
    fn of(tunnels: &Tunnels, rows: usize) -> Self {
        let totals = tunnels.totals();
        let ends = |(cause, count): (&Cause, u64)| Ends { cause: cause.text(), count };
        Self {
            version: env!("CARGO_PKG_VERSION"),
            open: totals.open,
            threads: totals.threads,
            opened: totals.opened,
            from_clients: totals.from_clients,
            from_backends: totals.from_backends,
            ended: Cause::ALL.iter().zip(totals.ended).map(ends).collect(),
            tunnels: tunnels.list().iter().take(rows).map(Row::of).collect(),
        }
    }

    fn json(&self) -> String {
        serde_json::to_string(self).expect("strings and numbers always serialize")
    }
}

impl Row {
    fn of(info: &TunnelInfo) -> Self {
        Self {
            id: info.id.to_string(),
            host: info.label.vhost.to_string(),
            client: info.client.to_string(),
            backend: info.backend.to_string(),
            route: info.label.route.to_string(),
            place: info.label.place.to_string(),
            mode: info.mode.text(),
            seconds: info.age.as_secs(),
            quiet_ms: u64::try_from(info.quiet.as_millis()).unwrap_or(u64::MAX),
            from_client: info.from_client,
            from_backend: info.from_backend,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        let page = Asked { form: Form::Page, rows: ROWS, refresh: None };
        assert_eq!(Asked::of(b""), page);
        assert_eq!(Asked::of(b"refresh=5&rows=-1"), Asked { refresh: Some(5), ..page });
        assert_eq!(Asked::of(b"refresh=%0Ax;any"), Asked { refresh: Some(10), ..page });
        assert_eq!(Asked::of(b"auto"), Asked { form: Form::Lines, ..page });
        assert_eq!(Asked::of(b"json&rows=5"), Asked { form: Form::Json, rows: 5, ..page });
    }

    #[test]
    fn every_cause_has_a_line() {
        let text = lines(&Totals { open: 2, ended: [7; Cause::ALL.len()], ..Totals::default() });
        assert!(text.starts_with("TunnelsOpen: 2\n"), "{text}");
        assert!(text.contains("TunnelsEnded (idle timeout): 7\n"), "{text}");
        assert_eq!(text.lines().count(), 5 + Cause::ALL.len());
    }
}
