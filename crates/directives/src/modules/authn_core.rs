//! mod_authn_core: the kind and name of an authentication.

use std::sync::Arc;

use crate::config::Set;
use crate::expr::{Expr, Word};
use crate::interpret::{Cx, Outcome, Problem};
use crate::merge_fields;
use crate::registry::{Arity, Contexts, Maker, Module, Row, Shape};
use crate::words::Arg;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_authn_core",
    identifier: "authn_core_module",
    file: "mod_authn_core.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::refused(
            "<AuthnProviderAlias>",
            Contexts::GLOBAL,
            Arity::Block,
            "providers have no second names here; name the provider itself in AuthBasicProvider",
        ),
        Row::supported(
            "AuthName",
            Contexts::AUTH_CONFIG,
            Shape::Take1(auth_name),
            "The realm that clients are told; an expression",
        ),
        Row::supported(
            "AuthType",
            Contexts::AUTH_CONFIG,
            Shape::Take1(auth_type),
            "How users prove who they are: Basic or None; an expression",
        ),
    ],
};

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// AuthType; `None` is none.
    pub auth_type: Set<Arc<Expr<Word>>>,
    /// AuthName.
    pub auth_name: Set<Arc<Expr<Word>>>,
}

merge_fields!(DirConf { auth_type, auth_name });

/// Kinds of authentication that are not done here, and the modules of httpd that do them.
const ELSEWHERE: [(&str, &str); 2] = [("Digest", "auth_digest_module"), ("Form", "auth_form_module")];

fn auth_type(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let expr = cx.string(arg, 0)?;
    if let Some(name) = expr.constant().filter(|name| !is_known(name)) {
        if let Some((name, _)) = ELSEWHERE
            .iter()
            .find(|(known, module)| name.eq_ignore_ascii_case(known.as_bytes()) && cx.may_be_loaded(module))
        {
            let message = format!("AuthType {name} is not supported");
            return Err(Problem::at(arg, message).code("refused").help("use AuthType Basic over TLS"));
        }
        let name = name.escape_ascii();
        let message =
            format!("no module is loaded that does AuthType {name}: protected requests are answered 500");
        cx.warn("auth-type-unknown", arg, message);
    }
    cx.dir.authn_core.auth_type = Some(cx.set(expr));
    Ok(())
}

fn is_known(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"Basic") || name.eq_ignore_ascii_case(b"None")
}

fn auth_name(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let expr = cx.string(arg, 0)?;
    cx.dir.authn_core.auth_name = Some(cx.set(expr));
    Ok(())
}
