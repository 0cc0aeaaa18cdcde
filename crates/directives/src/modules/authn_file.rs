//! mod_authn_file: passwords in a text file.

use crate::config::Set;
use crate::interpret::{Cx, Outcome};
use crate::merge_fields;
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::words::Arg;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_authn_file",
    identifier: "authn_file_module",
    file: "mod_authn_file.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[Row::supported(
        "AuthUserFile",
        Contexts::AUTH_CONFIG,
        Shape::Take1(auth_user_file),
        "The users and the hashes of their passwords, as htpasswd writes them",
    )],
};

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// AuthUserFile, absolute.
    pub users: Set<String>,
}

merge_fields!(DirConf { users });

fn auth_user_file(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let path = cx.path(arg.text()?);
    cx.dir.authn_file.users = Some(cx.set(path));
    Ok(())
}
