//! mod_auth_basic: Basic authentication.

use std::sync::Arc;

use crate::config::Set;
use crate::expr::{Expr, Word};
use crate::interpret::{Cx, Outcome, Problem};
use crate::merge_fields;
use crate::registry::{Arity, Contexts, Maker, Module, Row, Shape};
use crate::words::Arg;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_auth_basic",
    identifier: "auth_basic_module",
    file: "mod_auth_basic.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::supported(
            "AuthBasicAuthoritative",
            Contexts::AUTH_CONFIG,
            Shape::Flag(authoritative),
            "Off leaves unknown users to other modules, of which there are none: they are answered 500",
        ),
        Row::supported(
            "AuthBasicFake",
            Contexts::AUTH_CONFIG,
            Shape::Take12(fake),
            "The user and password that the backend is told, expressions; the password is `password` where left out",
        ),
        Row::supported(
            "AuthBasicProvider",
            Contexts::AUTH_CONFIG,
            Shape::Iterate(provider),
            "Who knows the users: file, anon; the first that knows one decides",
        ),
        Row::only_off(
            "AuthBasicUseDigestAlgorithm",
            Contexts::AUTH_CONFIG,
            Arity::ONE,
            "wsgate reads no Digest password hashes; use an AuthUserFile of htpasswd",
        ),
    ],
};

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// AuthBasicProvider, in order; the inner scope's replace the outer's. The file where there are none.
    pub providers: Option<Vec<Provider>>,
    /// AuthBasicAuthoritative.
    pub authoritative: Set<bool>,
    /// AuthBasicFake; `off` is none.
    pub fake: Set<Option<Fake>>,
}

merge_fields!(DirConf { providers, authoritative, fake });

/// Who knows users and their passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// AuthUserFile.
    File,
    /// Anonymous.
    Anon,
    /// mod_authn_socache: remembers what others know. Here that is done for all of them.
    Cache,
}

/// What the backend is told.
#[derive(Clone, Debug)]
pub struct Fake {
    /// The user's name.
    pub user: Arc<Expr<Word>>,
    /// The password.
    pub password: Arc<Expr<Word>>,
}

fn provider(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let (provider, module) = match arg.text()? {
        "file" => (Provider::File, "authn_file_module"),
        "anon" => (Provider::Anon, "authn_anon_module"),
        "socache" => (Provider::Cache, "authn_socache_module"),
        name => {
            let message = format!("AuthBasicProvider {name} is not supported");
            let problem = Problem::at(arg, message).code("refused");
            return Err(problem.help("export the users to an AuthUserFile and write AuthBasicProvider file"));
        }
    };
    if !cx.may_be_loaded(module) {
        let message = format!("the provider {} belongs to {module}, which is not loaded", arg.text()?);
        return Err(Problem::at(arg, message).code("module-not-loaded").help("add a LoadModule line for it"));
    }
    cx.dir.auth_basic.providers.get_or_insert_default().push(provider);
    Ok(())
}

fn authoritative(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.dir.auth_basic.authoritative = Some(cx.set(on));
    Ok(())
}

fn fake(cx: &mut Cx<'_>, user: &Arg, password: Option<&Arg>) -> Outcome {
    let fake = if user.is("off") {
        None
    } else {
        let default = Arg { bytes: b"password".to_vec(), span: user.span };
        let password = password.unwrap_or(&default);
        Some(Fake { user: cx.string(user, 0)?, password: cx.string(password, 0)? })
    };
    cx.dir.auth_basic.fake = Some(cx.set(fake));
    Ok(())
}
