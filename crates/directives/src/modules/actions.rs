//! mod_actions: URLs that answer for a handler, a media type or a method.

use crate::config::Merge;
use crate::interpret::{Cx, Outcome, Problem};
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::words::Arg;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_actions",
    identifier: "actions_module",
    file: "mod_actions.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::supported(
            "Action",
            Contexts::FILE_INFO,
            Shape::Take23(action),
            "The URL that answers what has this handler or media type; the request's own path goes behind it",
        ),
        Row::supported(
            "Script",
            Contexts::CONFIG,
            Shape::Take2(script),
            "The URL that answers requests of this method; GET only where there is a query",
        ),
    ],
};

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// Action: the last of a name counts.
    pub actions: Vec<Action>,
    /// Script: methods and URLs; the last of a method counts.
    pub scripts: Vec<(Box<str>, Box<str>)>,
}

/// A URL that answers for a handler or a media type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The handler or type.
    pub name: Box<str>,
    /// The URL.
    pub url: Box<str>,
    /// Whether it answers as well where there is no file.
    pub is_virtual: bool,
}

/// The inner scope's stand behind, and so count.
impl Merge for DirConf {
    fn merge(base: &Self, add: &Self) -> Self {
        Self {
            actions: Merge::merge(&base.actions, &add.actions),
            scripts: Merge::merge(&base.scripts, &add.scripts),
        }
    }
}

fn action(cx: &mut Cx<'_>, name: &Arg, url: &Arg, option: Option<&Arg>) -> Outcome {
    if let Some(option) = option.filter(|option| !option.is("virtual")) {
        return Err(Problem::at(option, "only virtual may follow the URL"));
    }
    let action = Action { name: name.text()?.into(), url: url.text()?.into(), is_virtual: option.is_some() };
    cx.dir.actions.actions.push(action);
    Ok(())
}

fn script(cx: &mut Cx<'_>, method: &Arg, url: &Arg) -> Outcome {
    if method.as_bytes() == b"TRACE" {
        return Err(Problem::at(method, "no Script answers TRACE"));
    }
    cx.dir.actions.scripts.push((method.text()?.into(), url.text()?.into()));
    Ok(())
}
