//! mod_allowmethods: the methods that may be used.

use crate::config::Set;
use crate::interpret::{Cx, Outcome, Problem};
use crate::merge_fields;
use crate::methods::MethodSet;
use crate::modules::authz_core::known_methods;
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::words::Arg;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_allowmethods",
    identifier: "allowmethods_module",
    file: "mod_allowmethods.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[Row::supported(
        "AllowMethods",
        Contexts::SECTION,
        Shape::Argv(allow_methods),
        "The methods that may be used, others are answered 405; reset allows all",
    )],
};

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// AllowMethods; all of them where it says reset.
    pub allowed: Set<MethodSet>,
}

merge_fields!(DirConf { allowed });

/// Lines of one scope add up; reset takes back those before it (`am_allowmethods`).
fn allow_methods(cx: &mut Cx<'_>, words: &[Arg]) -> Outcome {
    let methods = match words {
        [] => return Err(Problem::new("AllowMethods takes methods, or reset").code("wrong-arguments")),
        [only] if only.is("reset") => MethodSet::ALL,
        _ => {
            known_methods(cx, words)?;
            let names: Vec<&str> = words.iter().map(Arg::text).collect::<Result<_, _>>()?;
            let before = cx.dir.allowmethods.allowed.take().map(|set| set.value);
            let before = before.filter(|before| *before != MethodSet::ALL).unwrap_or(MethodSet::NONE);
            before.union(&MethodSet::only(names))
        }
    };
    cx.dir.allowmethods.allowed = Some(cx.set(methods));
    Ok(())
}
