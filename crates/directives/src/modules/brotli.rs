//! mod_brotli: Brotli compression.

use std::sync::Arc;

use crate::filters::{Compression, EntityTags, Notes};
use crate::interpret::{Cx, Outcome};
use crate::merge_fields;
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::values::in_range;
use crate::words::Arg;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_brotli",
    identifier: "brotli_module",
    file: "mod_brotli.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::supported(
            "BrotliAlterETag",
            Contexts::SERVER,
            Shape::Take1(alter_etag),
            "What becomes of the ETag of a compressed answer: AddSuffix, NoChange or Remove",
        ),
        Row::supported(
            "BrotliCompressionMaxInputBlock",
            Contexts::SERVER,
            Shape::Take1(block),
            "How much is compressed at a time, as a power of two, 16 to 24",
        ),
        Row::supported(
            "BrotliCompressionQuality",
            Contexts::SERVER,
            Shape::Take1(quality),
            "How hard compression tries, 0 to 11",
        ),
        Row::supported(
            "BrotliCompressionWindow",
            Contexts::SERVER,
            Shape::Take1(window),
            "How far back compression looks for repetitions, as a power of two, 10 to 24",
        ),
        Row::supported(
            "BrotliFilterNote",
            Contexts::SERVER,
            Shape::Take12(filter_note),
            "Notes for the access log: how much was compressed, and to how much",
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
    /// BrotliAlterETag.
    pub entity_tags: EntityTags,
    /// BrotliFilterNote.
    pub notes: Arc<Notes>,
    /// BrotliCompressionQuality and BrotliCompressionWindow.
    pub compression: Compression,
    /// BrotliCompressionMaxInputBlock; 0 leaves it to the library.
    pub block: u8,
}

impl Default for Settings {
    fn default() -> Self {
        let compression = Compression { level: 5, window: 18 };
        Self { entity_tags: EntityTags::default(), notes: Arc::default(), compression, block: 0 }
    }
}

fn own<'a>(cx: &'a mut Cx<'_>) -> &'a mut Settings {
    cx.server.brotli.own.get_or_insert_default()
}

fn filter_note(cx: &mut Cx<'_>, first: &Arg, second: Option<&Arg>) -> Outcome {
    Arc::make_mut(&mut own(cx).notes).line(first, second)
}

fn alter_etag(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    own(cx).entity_tags = EntityTags::named(arg)?;
    Ok(())
}

fn block(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    own(cx).block = in_range(arg, 16..=24)?;
    Ok(())
}

fn quality(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    own(cx).compression.level = in_range(arg, 0..=11)?;
    Ok(())
}

fn window(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    own(cx).compression.window = in_range(arg, 10..=24)?;
    Ok(())
}
