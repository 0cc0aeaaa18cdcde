//! Modules whose directives are executed while the configuration is read (mod_so, mod_version, mod_macro): `expand`
//! acts on them, so what arrives here has been dealt with.

use crate::interpret::{Cx, Enter, Outcome, Problem};
use crate::registry::{Arity, Contexts, Maker, Module, Row, Shape};
use crate::words::{Arg, RawArgs};

/// The table of mod_so.
pub const SO: Module = Module {
    name: "mod_so",
    identifier: "so_module",
    file: "mod_so.c",
    maker: Maker::HttpdStatic,
    implemented: true,
    rows: &[
        Row::no_effect("LoadFile", Contexts::CONFIG, Arity::Many, "wsgate needs no shared libraries"),
        Row::supported("LoadModule", Contexts::CONFIG, Shape::Argv(done), "Makes a module count as loaded"),
    ],
};

/// The table of mod_version.
pub const VERSION: Module = Module {
    name: "mod_version",
    identifier: "version_module",
    file: "mod_version.c",
    maker: Maker::HttpdStatic,
    implemented: true,
    rows: &[Row::supported(
        "<IfVersion>",
        Contexts::ANYWHERE,
        Shape::Block(done_block),
        "Lines that hold only for some versions of httpd; wsgate counts as the version it follows",
    )],
};

/// The table of mod_macro.
pub const MACRO: Module = Module {
    name: "mod_macro",
    identifier: "macro_module",
    file: "mod_macro.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::supported("<Macro>", Contexts::CONFIG, Shape::Block(done_block), "Names lines for later use"),
        Row::supported(
            "MacroIgnoreBadNesting",
            Contexts::CONFIG,
            Shape::Argv(done),
            "Does not warn of sections that a macro opens and does not close",
        ),
        Row::supported(
            "MacroIgnoreEmptyArgs",
            Contexts::CONFIG,
            Shape::Argv(done),
            "Does not warn of empty arguments",
        ),
        Row::supported("UndefMacro", Contexts::CONFIG, Shape::Argv(done), "Forgets a macro"),
        Row::supported("Use", Contexts::CONFIG, Shape::Argv(done), "Puts a macro's lines here"),
    ],
};

/// For what was acted on while the configuration was read.
pub(super) fn done(_: &mut Cx<'_>, _: &[Arg]) -> Outcome {
    Ok(())
}

/// As [`done`], for one argument.
pub(super) fn done_one(_: &mut Cx<'_>, _: &Arg) -> Outcome {
    Ok(())
}

/// As [`done`], for sections.
pub(super) fn done_block(_: &mut Cx<'_>, _: &RawArgs) -> Result<Enter, Problem> {
    Ok(Enter::Group(|_| Ok(())))
}
