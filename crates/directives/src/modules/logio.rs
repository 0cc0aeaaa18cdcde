//! mod_logio: counts bytes for access logs.

use crate::config::Set;
use crate::interpret::{Cx, Outcome};
use crate::merge_fields;
use crate::registry::{Contexts, Maker, Module, Row, Shape};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_logio",
    identifier: "logio_module",
    file: "mod_logio.c",
    maker: Maker::HttpdStatic,
    implemented: true,
    rows: &[Row::supported(
        "LogIOTrackTTFB",
        Contexts::ANYWHERE,
        Shape::Flag(track_first_byte),
        "Whether %^FB in log formats has the time to the first byte of the answer",
    )],
};

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// LogIOTrackTTFB; Off where not set.
    pub track_first_byte: Set<bool>,
}

merge_fields!(DirConf { track_first_byte });

fn track_first_byte(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.dir.logio.track_first_byte = Some(cx.set(on));
    Ok(())
}
