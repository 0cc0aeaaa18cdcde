//! mod_deflate: gzip compression.

use std::sync::Arc;

use crate::filters::{Compression, EntityTags, Notes};
use crate::interpret::{Cx, Outcome, Problem};
use crate::merge_fields;
use crate::registry::{Arity, Contexts, Maker, Module, Row, Shape};
use crate::values::{at_least, atoi, in_range};
use crate::words::Arg;

const INPUT: &str = "only matters for SetInputFilter DEFLATE, which is refused";
const MEMORY: &str = "how much memory a compressor takes is the library's choice; what it makes is as valid";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_deflate",
    identifier: "deflate_module",
    file: "mod_deflate.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::supported(
            "DeflateAlterETag",
            Contexts::SERVER,
            Shape::Take1(alter_etag),
            "What becomes of the ETag of a compressed answer: AddSuffix, NoChange or Remove",
        ),
        Row::supported(
            "DeflateBufferSize",
            Contexts::SERVER,
            Shape::Take1(buffer_size),
            "Nothing: pieces of compressed answers are of one size",
        ),
        Row::supported(
            "DeflateCompressionLevel",
            Contexts::SERVER,
            Shape::Take1(compression_level),
            "How hard compression tries, 1 to 9",
        ),
        Row::supported(
            "DeflateFilterNote",
            Contexts::SERVER,
            Shape::Take12(filter_note),
            "Notes for the access log: how much was compressed, and to how much",
        ),
        Row::no_effect("DeflateInflateLimitRequestBody", Contexts::ANYWHERE, Arity::ONE, INPUT),
        Row::supported(
            "DeflateInflateRatioBurst",
            Contexts::ANYWHERE,
            Shape::Take1(ratio_burst),
            "How often in a row what is decompressed may be larger than DeflateInflateRatioLimit allows",
        ),
        Row::supported(
            "DeflateInflateRatioLimit",
            Contexts::ANYWHERE,
            Shape::Take1(ratio_limit),
            "How many times larger than what is compressed may be what comes out of it",
        ),
        Row::no_effect("DeflateMemLevel", Contexts::SERVER, Arity::ONE, MEMORY),
        Row::supported(
            "DeflateWindowSize",
            Contexts::SERVER,
            Shape::Take1(window_size),
            "How far back compression looks for repetitions, as a power of two, 9 to 15",
        ),
    ],
};

/// What is set for a server. A virtual host with a line of its own inherits nothing (the module has no merge function).
#[derive(Clone, Debug, Default)]
pub struct ServerConf {
    /// Its lines.
    pub own: Option<Settings>,
}

merge_fields!(ServerConf { own });

/// How answers are compressed.
#[derive(Clone, Debug)]
pub struct Settings {
    /// DeflateAlterETag.
    pub entity_tags: EntityTags,
    /// DeflateFilterNote.
    pub notes: Arc<Notes>,
    /// DeflateCompressionLevel and DeflateWindowSize.
    pub compression: Compression,
}

impl Default for Settings {
    fn default() -> Self {
        let compression = Compression { level: 6, window: 15 };
        Self { entity_tags: EntityTags::default(), notes: Arc::default(), compression }
    }
}

/// What is set for requests. A section with a line of its own inherits nothing, as with servers.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// Its lines.
    pub own: Option<Inflation>,
}

merge_fields!(DirConf { own });

/// How large what is compressed may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inflation {
    /// DeflateInflateRatioLimit.
    pub ratio: u32,
    /// DeflateInflateRatioBurst.
    pub burst: u32,
}

impl Default for Inflation {
    fn default() -> Self {
        Self { ratio: 200, burst: 3 }
    }
}

fn own<'a>(cx: &'a mut Cx<'_>) -> &'a mut Settings {
    cx.server.deflate.own.get_or_insert_default()
}

fn filter_note(cx: &mut Cx<'_>, first: &Arg, second: Option<&Arg>) -> Outcome {
    Arc::make_mut(&mut own(cx).notes).line(first, second)
}

fn alter_etag(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    own(cx).entity_tags = EntityTags::named(arg)?;
    Ok(())
}

/// Like any other line, it keeps the main server's settings out of a virtual host.
fn buffer_size(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    if atoi(arg.as_bytes()) <= 0 {
        return Err(Problem::at(arg, "DeflateBufferSize must be positive"));
    }
    own(cx);
    cx.no_effect(cx.span, "DeflateBufferSize", "pieces of compressed answers are of one size");
    Ok(())
}

fn compression_level(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    own(cx).compression.level = in_range(arg, 1..=9)?;
    Ok(())
}

fn window_size(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let window = in_range(arg, 1..=15)?;
    if window < 9 {
        cx.warn("deflate-window", arg, "zlib has no window below 9: answers are not compressed");
    }
    own(cx).compression.window = window;
    Ok(())
}

fn ratio_burst(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let burst = at_least(arg, 1, "DeflateInflateRatioBurst must be positive")?;
    cx.dir.deflate.own.get_or_insert_default().burst = burst;
    Ok(())
}

fn ratio_limit(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let ratio = at_least(arg, 1, "DeflateInflateRatioLimit must be positive")?;
    cx.dir.deflate.own.get_or_insert_default().ratio = ratio;
    Ok(())
}
