//! mod_so and the directives that are executed while the configuration is read: `expand` acts on them, so what
//! arrives here has been dealt with.

use crate::interpret::{Cx, Outcome};
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::words::Arg;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_so",
    identifier: "so_module",
    file: "mod_so.c",
    maker: Maker::HttpdStatic,
    implemented: true,
    rows: &[
        Row::supported(
            "LoadFile",
            Contexts::CONFIG,
            Shape::Argv(done),
            "Accepted; wsgate needs no shared libraries",
        ),
        Row::supported("LoadModule", Contexts::CONFIG, Shape::Argv(done), "Makes a module count as loaded"),
    ],
};

fn done(_: &mut Cx<'_>, _: &[Arg]) -> Outcome {
    Ok(())
}
