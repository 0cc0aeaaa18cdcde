//! mod_proxy's directives that set one value.

use crate::config::Setting;
use crate::interpret::{Cx, Outcome, Problem};
use crate::values::{atoi, seconds_ignoring_unit};
use crate::words::Arg;

/// ProxyVia.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// Left as it is.
    Off,
    /// This server is added.
    On,
    /// Removed from requests.
    Block,
    /// This server is added with its version.
    Full,
}

/// ProxyBadHeader: what a line without a colon in a backend's answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadHeader {
    /// An error.
    IsError,
    /// Nothing.
    Ignore,
    /// The beginning of the body.
    StartBody,
}

/// ProxyErrorOverride.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorOverride {
    /// Whether errors are overridden.
    pub on: bool,
    /// Which ones; all from 400 on if empty. Sorted.
    pub statuses: Vec<u16>,
}

pub(super) fn preserve_host(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.dir.proxy.preserve_host = Some(cx.set(on));
    Ok(())
}

pub(super) fn add_headers(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.dir.proxy.add_headers = Some(cx.set(on));
    Ok(())
}

pub(super) fn interpolate_env(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.dir.proxy.interpolate_env = Some(cx.set(on));
    Ok(())
}

pub(super) fn forward_100_continue(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.dir.proxy.forward_100_continue = Some(cx.set(on));
    Ok(())
}

pub(super) fn pass_inherit(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.server.proxy.pass_inherit = Some(cx.set(on));
    Ok(())
}

pub(super) fn balancer_inherit(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.server.proxy.balancer_inherit = Some(cx.set(on));
    Ok(())
}

pub(super) fn requests(_: &mut Cx<'_>, on: bool) -> Outcome {
    if on {
        return Err(Problem::new("ProxyRequests On is not supported: wsgate is no forward proxy")
            .code("refused")
            .help("reverse proxying needs no ProxyRequests: remove the line or say Off"));
    }
    Ok(())
}

pub(super) fn timeout(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    if atoi(arg.as_bytes()) < 1 {
        return Err(Problem::at(arg, "ProxyTimeout must be at least 1 second"));
    }
    let time = seconds_ignoring_unit(cx, arg, arg.as_bytes());
    cx.server.proxy.timeout = Some(cx.set(time));
    Ok(())
}

pub(super) fn max_forwards(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    cx.server.proxy.max_forwards = Some(cx.set(atoi(arg.as_bytes())));
    Ok(())
}

pub(super) fn via(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let via = match arg.text()?.to_ascii_lowercase().as_str() {
        "off" => Via::Off,
        "on" => Via::On,
        "block" => Via::Block,
        "full" => Via::Full,
        _ => return Err(Problem::at(arg, "ProxyVia must be one of off, on, full or block")),
    };
    cx.server.proxy.via = Some(cx.set(via));
    Ok(())
}

pub(super) fn bad_header(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let value = match arg.text()?.to_ascii_lowercase().as_str() {
        "iserror" => BadHeader::IsError,
        "ignore" => BadHeader::Ignore,
        "startbody" => BadHeader::StartBody,
        _ => return Err(Problem::at(arg, "ProxyBadHeader must be one of IsError, Ignore or StartBody")),
    };
    cx.server.proxy.bad_header = Some(cx.set(value));
    Ok(())
}

pub(super) fn source_address(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let address = arg.text()?.parse().map_err(|_| {
        Problem::at(arg, "ProxySourceAddress must be an IP address").help("names are not looked up for it")
    })?;
    cx.server.proxy.source_address = Some(cx.set(address));
    Ok(())
}

/// httpd's `set_proxy_error_override`: On or Off first, then statuses.
pub(super) fn error_override(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let span = cx.span;
    let slot = &mut cx.dir.proxy.error_override;
    let fresh = slot.as_ref().is_none_or(|set| set.span != span);
    if arg.is("off") || arg.is("on") {
        let value = ErrorOverride { on: arg.is("on"), statuses: Vec::new() };
        *slot = Some(Setting { value, span });
        return Ok(());
    }
    let status = u16::try_from(atoi(arg.as_bytes())).ok().filter(|status| (400..600).contains(status));
    match (status, slot) {
        (Some(_), Some(set)) if !fresh && !set.value.on => {
            Err(Problem::at(arg, "statuses may follow On only"))
        }
        (Some(status), Some(set)) if !fresh => {
            set.value.statuses.push(status);
            set.value.statuses.sort_unstable();
            Ok(())
        }
        (None, _) if !fresh => Err(Problem::at(arg, "a status to override is between 400 and 599")),
        _ => Err(Problem::at(arg, "ProxyErrorOverride must be Off or On, then statuses")),
    }
}
