//! Times, sizes, and how strictly requests are read.

use crate::interpret::{Cx, Outcome, Problem};
use crate::modules::http2;
use crate::values::{self, Unit, at_least, atoi};
use crate::words::Arg;

/// HttpProtocolOptions RegisteredMethods | LenientMethods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Methods {
    /// Unknown methods are 501.
    Registered,
    /// Unknown methods pass.
    Lenient,
}

/// HttpProtocolOptions Allow0.9 | Require1.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpVersion {
    /// Requests without a version are served.
    Allow09,
    /// Requests without a version are refused.
    Require10,
}

/// LimitInternalRecursion: how far a request may lead to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recursion {
    /// Internal redirects in a row.
    pub redirects: u32,
    /// Subrequests within each other.
    pub subrequests: u32,
}

/// TraceEnable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// TRACE without a body is served.
    On,
    /// TRACE is 405.
    Off,
    /// TRACE with a body is served, too.
    Extended,
}

pub(super) fn timeout(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let time = values::seconds_ignoring_unit(cx, arg, arg.as_bytes());
    cx.server.core.timeout = Some(cx.set(time));
    Ok(())
}

pub(super) fn keep_alive(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.server.core.keep_alive = Some(cx.set(on));
    Ok(())
}

pub(super) fn keep_alive_timeout(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let time = values::time_parameter(arg.as_bytes(), Unit::Seconds)
        .ok_or_else(|| Problem::at(arg, "KeepAliveTimeout has wrong format").help("write 5, or 500ms"))?;
    cx.server.core.keep_alive_timeout = Some(cx.set(time));
    Ok(())
}

pub(super) fn max_keep_alive_requests(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let number = u32::try_from(atoi(arg.as_bytes())).unwrap_or(0);
    cx.server.core.max_keep_alive_requests = Some(cx.set(number));
    Ok(())
}

pub(super) fn request_line(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let size = at_least(arg, 0, "LimitRequestLine must be a non-negative integer")?;
    cx.server.core.limit_request_line = Some(cx.set(size));
    Ok(())
}

pub(super) fn request_field_size(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let size = at_least(arg, 0, "LimitRequestFieldSize must be a non-negative integer")?;
    cx.server.core.limit_request_field_size = Some(cx.set(size));
    Ok(())
}

pub(super) fn request_fields(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let number = at_least(arg, 0, "LimitRequestFields must be a non-negative integer (0 is no limit)")?;
    cx.server.core.limit_request_fields = Some(cx.set(number));
    Ok(())
}

pub(super) fn request_body(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let most = arg.text()?.parse().ok();
    let most =
        most.ok_or_else(|| Problem::at(arg, "LimitRequestBody must be a non-negative number of bytes"))?;
    cx.dir.core.limit_request_body = Some(cx.set(most));
    Ok(())
}

pub(super) fn internal_recursion(cx: &mut Cx<'_>, redirects: &Arg, subrequests: Option<&Arg>) -> Outcome {
    let number = |arg: &Arg| at_least(arg, 1, "LimitInternalRecursion must be greater than zero");
    let most = (number(redirects)?, number(subrequests.unwrap_or(redirects))?);
    cx.server.core.limit_internal_recursion =
        Some(cx.set(Recursion { redirects: most.0, subrequests: most.1 }));
    Ok(())
}

/// httpd's `set_http_protocol_options`.
pub(super) fn http_protocol_options(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let core = &mut cx.server.core;
    let span = cx.span;
    fn set<T: PartialEq>(slot: &mut crate::config::Set<T>, value: T, span: crate::span::Span) -> bool {
        let clash = slot.as_ref().is_some_and(|old| old.span == span && old.value != value);
        *slot = Some(crate::config::Setting { value, span });
        !clash
    }
    let fits = match arg.text()?.to_ascii_lowercase().as_str() {
        "strict" => set(&mut core.http_strict, true, span),
        "unsafe" => set(&mut core.http_strict, false, span),
        "registeredmethods" => set(&mut core.http_methods, Methods::Registered, span),
        "lenientmethods" => set(&mut core.http_methods, Methods::Lenient, span),
        "allow0.9" => set(&mut core.http_version, HttpVersion::Allow09, span),
        "require1.0" => set(&mut core.http_version, HttpVersion::Require10, span),
        _ => {
            return Err(Problem::at(arg, "HttpProtocolOptions does not know this word").help(
                "it takes Strict or Unsafe, RegisteredMethods or LenientMethods, Allow0.9 or Require1.0",
            ));
        }
    };
    if fits { Ok(()) } else { Err(Problem::at(arg, "these HttpProtocolOptions exclude each other")) }
}

pub(super) fn register_method(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let method = cx.set(arg.text()?.into());
    cx.server.core.registered_methods.push(method);
    Ok(())
}

pub(super) fn trace_enable(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let trace = match arg.text()?.to_ascii_lowercase().as_str() {
        "on" => Trace::On,
        "off" => Trace::Off,
        "extended" => Trace::Extended,
        _ => return Err(Problem::at(arg, "TraceEnable must be one of On, Off or Extended")),
    };
    cx.server.core.trace_enable = Some(cx.set(trace));
    Ok(())
}

pub(super) fn merge_slashes(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.server.core.merge_slashes = Some(cx.set(on));
    Ok(())
}

pub(super) fn merge_trailers(_: &mut Cx<'_>, on: bool) -> Outcome {
    if on {
        return Err(Problem::new("MergeTrailers On is not supported: trailers are dropped")
            .code("refused")
            .help("leave it Off, httpd's default"));
    }
    Ok(())
}

pub(super) fn strict_host_check(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.server.core.strict_host_check = Some(cx.set(on));
    Ok(())
}

pub(super) fn protocols(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let protocol = arg.text()?.to_ascii_lowercase();
    match protocol.as_str() {
        "http/1.1" => {}
        "h2" | "h2c" if cx.modules.has(http2::MODULE.knowledge()) || cx.modules.loaded.is_empty() => {}
        "h2" | "h2c" => {
            cx.warn("unknown-protocol", arg, format!("{protocol} is not spoken: mod_http2 is not loaded"));
        }
        _ => cx.warn("unknown-protocol", arg, format!("wsgate does not speak {protocol}")),
    }
    let set = cx.set(protocol.into());
    let list = cx.server.core.protocols.get_or_insert_default();
    // Each Protocols line stands for itself: the last line of a server counts.
    list.retain(|old| old.span == set.span);
    list.push(set);
    Ok(())
}

pub(super) fn protocols_honor_order(cx: &mut Cx<'_>, on: bool) -> Outcome {
    if !on {
        cx.no_effect(cx.span, "ProtocolsHonorOrder Off", "the server's order of protocols decides");
    }
    Ok(())
}
