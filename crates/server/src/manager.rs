//! What `SetHandler balancer-manager` shows: the balancers of a virtual host, their members, and how these fare. Nothing
//! is changed from here, as httpd's page does: that is for the configuration and a reload.
//!
//! Who may see it is for the access rules of its `<Location>` to say, as in httpd.

use std::fmt::Write as _;

use bytes::Bytes;
use wsgate_core::reply::{Body, Reply, Status};
use wsgate_core::request::Request;
use wsgate_core::snapshot::Balancer as Configured;
use wsgate_proxy::{Balancer, Member, MemberParams, Method};

use crate::generation::Generation;

/// The title and the words are httpd's: scripts look for them.
const HEAD: &str = "<!DOCTYPE html>\n<html><head><title>Balancer Manager</title></head><body>\n<h1>Load Balancer Manager</h1>\n";
const COLUMNS: [&str; 10] =
    ["Worker URL", "Route", "RouteRedir", "Factor", "Set", "Status", "Elected", "Busy", "To", "From"];

/// The page, with what is true now.
pub(crate) fn reply(generation: &Generation, request: &Request) -> Reply {
    let mut page = HEAD.to_owned();
    for configured in &request.server.balancers {
        balancer(&mut page, configured, &generation.balancers[configured.id]);
    }
    page += "</body></html>\n";
    let mut reply = Reply { body: Body::Bytes(Bytes::from(page)), ..Reply::page(Status::OK) };
    // All that is not ASCII is written as an entity.
    reply.headers.set("Content-Type", "text/html; charset=ISO-8859-1");
    reply
}

fn balancer(page: &mut String, configured: &Configured, balancer: &Balancer) {
    let params = &balancer.params;
    let sticky = params.sticky.as_ref().map_or_else(
        || "(None)".to_owned(),
        |sticky| escaped(&format!("{} | {}", sticky.cookie, sticky.path)),
    );
    let _ = write!(
        page,
        "<h3>LoadBalancer Status for {}</h3>\n<p>Method: {}; StickySession: {sticky}; DisableFailover: {}</p>\n",
        escaped(&configured.name),
        method(params.method),
        if params.no_failover { "On" } else { "Off" },
    );
    page.push_str("<table border=\"1\"><tr>");
    for column in COLUMNS {
        let _ = write!(page, "<th>{column}</th>");
    }
    page.push_str("</tr>\n");
    for (backend, member) in configured.members.iter().zip(balancer.members()) {
        row(page, &backend.worker.name, member);
    }
    page.push_str("</table>\n");
}

fn row(page: &mut String, url: &str, Member { params, state }: &Member) {
    let (sent, received) = state.traffic();
    let factor = format!("{}.{:02}", params.load_factor / 100, params.load_factor % 100);
    let cells = [
        escaped(url),
        escaped(&params.route),
        escaped(&params.redirect),
        factor,
        params.set.to_string(),
        condition(params, state.failed_at().is_some()),
        state.elected().to_string(),
        state.busy().to_string(),
        sent.to_string(),
        received.to_string(),
    ];
    let _ = writeln!(page, "<tr><td>{}</td></tr>", cells.join("</td><td>"));
}

/// The state in httpd's words (`ap_proxy_parse_wstatus`).
fn condition(params: &MemberParams, failed: bool) -> String {
    let flags = [
        (params.disabled, "Dis "),
        (params.stopped, "Stop "),
        (params.ignore_errors, "Ign "),
        (params.drain, "Drn "),
        (params.hot_standby, "Stby "),
        (params.hot_spare, "Spar "),
        (failed, "Err "),
    ];
    let usable = !(params.disabled || params.stopped || failed);
    let set: String = flags.into_iter().filter(|(on, _)| *on).map(|(_, name)| name).collect();
    format!("Init {set}{}", if usable { "Ok " } else { "" })
}

fn method(method: Method) -> &'static str {
    match method {
        Method::ByRequests => "byrequests",
        Method::ByTraffic => "bytraffic",
        Method::ByBusyness => "bybusyness",
    }
}

/// Text in ASCII, what else there is as entities.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            ' '..='~' if !matches!(character, '<' | '>' | '&' | '"') => out.push(character),
            _ => _ = write!(out, "&#{};", u32::from(character)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_in_words() {
        let member = MemberParams { hot_standby: true, ..MemberParams::default() };
        assert_eq!(condition(&member, false), "Init Stby Ok ");
        assert_eq!(condition(&member, true), "Init Stby Err ");
        assert_eq!(
            condition(&MemberParams { drain: true, disabled: true, ..member }, false),
            "Init Dis Drn Stby "
        );
    }

    #[test]
    fn text_is_only_text() {
        assert_eq!(escaped("ws://<b>&\"\u{e9}"), "ws://&#60;b&#62;&#38;&#34;&#233;");
    }
}
