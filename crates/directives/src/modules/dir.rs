//! mod_dir: what stands in for folders, and for what is not there at all.

use crate::config::Set;
use crate::interpret::{Cx, Outcome, Problem};
use crate::merge_fields;
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::values::atoi;
use crate::words::{Arg, RawArgs};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_dir",
    identifier: "dir_module",
    file: "mod_dir.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::supported(
            "DirectoryCheckHandler",
            Contexts::INDEXES,
            Shape::Flag(|cx, on| {
                cx.dir.dir.check_handler = Some(cx.set(on));
                Ok(())
            }),
            "Whether a folder with a handler of its own is left to that",
        ),
        Row::supported(
            "DirectoryIndex",
            Contexts::INDEXES,
            Shape::Raw(directory_index),
            "The files that stand in for a folder, the first that is there; disabled for none",
        ),
        Row::supported(
            "DirectoryIndexRedirect",
            Contexts::INDEXES,
            Shape::Take1(directory_index_redirect),
            "Whether clients are redirected to the file that stands in, and by which status",
        ),
        Row::supported(
            "DirectorySlash",
            Contexts::INDEXES,
            Shape::Flag(|cx, on| {
                cx.dir.dir.slash = Some(cx.set(on));
                Ok(())
            }),
            "Whether clients that ask for a folder without its slash are redirected",
        ),
        Row::supported(
            "FallbackResource",
            Contexts::INDEXES,
            Shape::Take1(fallback_resource),
            "The URL that stands in for what is not there; disabled for none",
        ),
    ],
};

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// DirectoryIndex.
    pub index: Option<Vec<Box<str>>>,
    /// DirectorySlash.
    pub slash: Set<bool>,
    /// DirectoryCheckHandler.
    pub check_handler: Set<bool>,
    /// DirectoryIndexRedirect: the status; none where the file is sent at once.
    pub redirect: Set<Option<u16>>,
    /// FallbackResource.
    pub fallback: Set<Box<str>>,
}

merge_fields!(DirConf { index, slash, check_handler, redirect, fallback });

/// Lines of one scope add up; a lone `disabled` takes away what stood before.
fn directory_index(cx: &mut Cx<'_>, args: &RawArgs) -> Outcome {
    let names: Vec<Arg> = args.words().take_while(|name| !name.is_empty()).collect();
    let index = cx.dir.dir.index.get_or_insert_default();
    if let [only] = &*names
        && only.is("disabled")
    {
        index.clear();
        return Ok(());
    }
    for name in names {
        index.push(name.text()?.into());
    }
    Ok(())
}

fn directory_index_redirect(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let status = if arg.is("off") {
        None
    } else if arg.is("on") || arg.is("temp") {
        Some(302)
    } else if arg.is("permanent") {
        Some(301)
    } else if arg.is("seeother") {
        Some(303)
    } else {
        match atoi(arg.as_bytes()) {
            status @ 300..400 if arg.as_bytes()[0].is_ascii_digit() => u16::try_from(status).ok(),
            _ => {
                return Err(Problem::at(
                    arg,
                    "On, Off, permanent, temp, seeother or a status of 3xx is needed",
                ));
            }
        }
    };
    cx.dir.dir.redirect = Some(cx.set(status));
    Ok(())
}

fn fallback_resource(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    cx.dir.dir.fallback = Some(cx.set(arg.text()?.into()));
    Ok(())
}
