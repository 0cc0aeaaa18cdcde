//! mod_userdir: home folders of users.

use crate::interpret::{Cx, Outcome, Problem};
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::words::Arg;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_userdir",
    identifier: "userdir_module",
    file: "mod_userdir.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[Row::supported(
        "UserDir",
        Contexts::SERVER,
        Shape::Argv(user_dir),
        "Accepted as disabled, with or without names: wsgate serves no home folders",
    )],
};

fn user_dir(_: &mut Cx<'_>, words: &[Arg]) -> Outcome {
    match words {
        [first, ..] if first.as_bytes().eq_ignore_ascii_case(b"disabled") => Ok(()),
        _ => Err(Problem::new("UserDir (mod_userdir) is not supported")
            .code("refused")
            .help("wsgate serves no home folders; use Alias for those that are wanted")),
    }
}
