//! mod_authz_groupfile: groups in a text file.

use crate::config::Set;
use crate::interpret::{Cx, Outcome};
use crate::merge_fields;
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::words::Arg;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_authz_groupfile",
    identifier: "authz_groupfile_module",
    file: "mod_authz_groupfile.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[Row::supported(
        "AuthGroupFile",
        Contexts::AUTH_CONFIG,
        Shape::Take1(auth_group_file),
        "The groups and their members: lines of `group: user user`",
    )],
};

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// AuthGroupFile, absolute.
    pub groups: Set<String>,
}

merge_fields!(DirConf { groups });

fn auth_group_file(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let path = cx.path(arg.text()?);
    cx.dir.authz_groupfile.groups = Some(cx.set(path));
    Ok(())
}
