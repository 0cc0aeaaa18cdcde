//! mod_env: environment variables.

use crate::config::Merge;
use crate::interpret::{Cx, Outcome};
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::words::Arg;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_env",
    identifier: "env_module",
    file: "mod_env.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::supported(
            "PassEnv",
            Contexts::FILE_INFO,
            Shape::Iterate(pass),
            "Takes variables over from the server's own environment",
        ),
        Row::supported("SetEnv", Contexts::FILE_INFO, Shape::Take12(set), "Sets an environment variable"),
        Row::supported(
            "UnsetEnv",
            Contexts::FILE_INFO,
            Shape::Iterate(unset),
            "Takes variables away that an outer scope sets",
        ),
    ],
};

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// SetEnv and PassEnv: names, letter case ignored, and values.
    pub vars: Vec<(Box<str>, Box<str>)>,
    /// UnsetEnv: what is not taken over from the outer scope.
    unset: Vec<Box<str>>,
}

/// httpd's `merge_env_dir_configs`: UnsetEnv counts for the scope around it, once.
impl Merge for DirConf {
    fn merge(base: &Self, add: &Self) -> Self {
        let mut merged = Self { vars: base.vars.clone(), unset: Vec::new() };
        for name in &add.unset {
            merged.remove(name);
        }
        for (name, value) in &add.vars {
            merged.put(name, value);
        }
        merged
    }
}

impl DirConf {
    fn put(&mut self, name: &str, value: &str) {
        match self.vars.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, old)) => *old = value.into(),
            None => self.vars.push((name.into(), value.into())),
        }
    }

    fn remove(&mut self, name: &str) {
        self.vars.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }
}

fn set(cx: &mut Cx<'_>, name: &Arg, value: Option<&Arg>) -> Outcome {
    if name.as_bytes().contains(&b'=') {
        cx.warn("env-name-with-equals", name, "the name of the variable has a = in it");
    }
    let value = value.map_or(Ok(""), Arg::text)?;
    cx.dir.env.put(name.text()?, value);
    Ok(())
}

fn pass(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let name = arg.text()?;
    match cx.environment.get(name) {
        Some(value) => cx.dir.env.put(name, value),
        None => cx.warn("env-not-set", arg, format!("{name} is not set in the server's environment")),
    }
    Ok(())
}

fn unset(cx: &mut Cx<'_>, name: &Arg) -> Outcome {
    let name = name.text()?;
    cx.dir.env.unset.push(name.into());
    cx.dir.env.remove(name);
    Ok(())
}
