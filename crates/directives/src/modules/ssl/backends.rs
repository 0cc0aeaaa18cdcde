//! Directives about TLS with backends.

use super::side;
use crate::interpret::{Cx, Outcome};
use crate::words::{Arg, RawArgs};

pub(super) fn engine(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.dir.ssl.proxy_engine = Some(cx.set(on));
    Ok(())
}

pub(super) fn protocol(cx: &mut Cx<'_>, raw: &RawArgs) -> Outcome {
    let protocols = side::protocols(cx, raw)?;
    cx.dir.ssl.backends.protocols = Some(cx.set(protocols));
    Ok(())
}

pub(super) fn cipher_suite(cx: &mut Cx<'_>, first: &Arg, second: Option<&Arg>) -> Outcome {
    let suites = side::cipher_suite(cx, first, second)?;
    cx.dir.ssl.backends.set_suites(cx.span, suites);
    Ok(())
}

pub(super) fn verify(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let verify = side::verify(arg)?;
    cx.dir.ssl.backends.verify = Some(cx.set(verify));
    Ok(())
}

pub(super) fn verify_depth(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let depth = side::depth(arg)?;
    cx.dir.ssl.backends.depth = Some(cx.set(depth));
    Ok(())
}

pub(super) fn ca_file(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let file = side::path(cx, arg)?;
    cx.dir.ssl.backends.ca_file = Some(cx.set(file));
    Ok(())
}

pub(super) fn ca_path(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let folder = side::path(cx, arg)?;
    cx.dir.ssl.backends.ca_path = Some(cx.set(folder));
    Ok(())
}

pub(super) fn crl_file(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let file = side::path(cx, arg)?;
    cx.dir.ssl.backends.crl_file = Some(cx.set(file));
    Ok(())
}

pub(super) fn crl_path(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let folder = side::path(cx, arg)?;
    cx.dir.ssl.backends.crl_path = Some(cx.set(folder));
    Ok(())
}

pub(super) fn revocation_check(cx: &mut Cx<'_>, raw: &RawArgs) -> Outcome {
    let revocation = side::revocation(raw)?;
    cx.dir.ssl.backends.revocation = Some(cx.set(revocation));
    Ok(())
}

pub(super) fn check_peer_name(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.dir.ssl.check_peer_name = Some(cx.set(on));
    Ok(())
}

pub(super) fn check_peer_cn(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.dir.ssl.check_peer_cn = Some(cx.set(on));
    Ok(())
}

pub(super) fn check_peer_expire(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.dir.ssl.check_peer_expire = Some(cx.set(on));
    Ok(())
}

pub(super) fn machine_file(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let file = side::path(cx, arg)?;
    cx.dir.ssl.machine_file = Some(cx.set(file));
    Ok(())
}

pub(super) fn machine_path(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let folder = side::path(cx, arg)?;
    cx.dir.ssl.machine_path = Some(cx.set(folder));
    Ok(())
}

pub(super) fn machine_chain_file(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let file = side::path(cx, arg)?;
    cx.dir.ssl.machine_chain = Some(cx.set(file));
    Ok(())
}
