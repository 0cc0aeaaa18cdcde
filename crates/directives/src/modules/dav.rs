//! mod_dav: WebDAV. Its methods are not served; what a GET gets does not come from it.

use crate::interpret::{Cx, Outcome, Problem};
use crate::registry::{Arity, Contexts, Maker, Module, Row, Shape};
use crate::words::Arg;

const WHY: &str = "only matters for the methods of WebDAV, which are not served";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_dav",
    identifier: "dav_module",
    file: "mod_dav.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::supported(
            "Dav",
            Contexts::SECTION,
            Shape::Take1(dav),
            "Accepted: files are sent as without it, and the methods of WebDAV are answered 405",
        ),
        Row::no_effect("DavBasePath", Contexts::SECTION, Arity::ONE, WHY),
        Row::no_effect("DavDepthInfinity", Contexts::CONFIG, Arity::Flag, WHY),
        Row::no_effect("DavLockDiscovery", Contexts::CONFIG, Arity::Flag, WHY),
        Row::no_effect("DavMinTimeout", Contexts::CONFIG, Arity::ONE, WHY),
    ],
};

/// On, Off, or the provider's name (`dav_cmd_dav`).
fn dav(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    if arg.is("off") {
        return Ok(());
    }
    if !(arg.is("on") || arg.as_bytes() == b"filesystem") {
        return Err(Problem::at(arg, "httpd knows no such provider of WebDAV: it is On, Off or filesystem"));
    }
    cx.warn(
        "dav-not-served",
        arg,
        "wsgate is no WebDAV server: its methods (PROPFIND, PUT, ...) are answered 405",
    );
    Ok(())
}
