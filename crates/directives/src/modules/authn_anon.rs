//! mod_authn_anon: guests that are let in without a password.

use crate::diag::Diagnostic;
use crate::interpret::{Cx, Outcome, Problem};
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::words::Arg;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_authn_anon",
    identifier: "authn_anon_module",
    file: "mod_authn_anon.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::supported(
            "Anonymous",
            Contexts::AUTH_CONFIG,
            Shape::Iterate(anonymous),
            "The names of guests, letter case ignored; * is any name",
        ),
        Row::supported(
            "Anonymous_LogEmail",
            Contexts::AUTH_CONFIG,
            Shape::Flag(log_email),
            "Nothing: what guests give as a password is never logged",
        ),
        Row::supported(
            "Anonymous_MustGiveEmail",
            Contexts::AUTH_CONFIG,
            Shape::Flag(must_give_email),
            "Whether guests must give some password; On where not set",
        ),
        Row::supported(
            "Anonymous_NoUserID",
            Contexts::AUTH_CONFIG,
            Shape::Flag(no_user_id),
            "Whether an empty name is a guest's, too",
        ),
        Row::supported(
            "Anonymous_VerifyEmail",
            Contexts::AUTH_CONFIG,
            Shape::Flag(verify_email),
            "Whether a guest's password must look like a mail address",
        ),
    ],
};

/// What is set for requests. httpd does not merge it: the inner scope's lines, if it has any, replace the outer's.
pub type DirConf = Option<Guests>;

/// Who is a guest.
#[derive(Clone, Debug)]
pub struct Guests {
    /// Anonymous: names.
    pub names: Vec<Box<str>>,
    /// Anonymous *.
    pub any_name: bool,
    /// Anonymous_NoUserID.
    pub no_name: bool,
    /// Anonymous_MustGiveEmail.
    pub must_give_email: bool,
    /// Anonymous_VerifyEmail.
    pub verify_email: bool,
}

impl Default for Guests {
    fn default() -> Self {
        Self {
            names: Vec::new(),
            any_name: false,
            no_name: false,
            must_give_email: true,
            verify_email: false,
        }
    }
}

fn guests<'a>(cx: &'a mut Cx<'_>) -> &'a mut Guests {
    cx.dir.authn_anon.get_or_insert_default()
}

fn anonymous(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    match arg.text()? {
        "" => return Err(Problem::at(arg, "a guest's name cannot be empty").help("use Anonymous_NoUserID")),
        "*" => guests(cx).any_name = true,
        name => guests(cx).names.push(name.into()),
    }
    Ok(())
}

fn must_give_email(cx: &mut Cx<'_>, on: bool) -> Outcome {
    guests(cx).must_give_email = on;
    Ok(())
}

/// A scope with this line alone replaces the outer scope's guests all the same.
fn log_email(cx: &mut Cx<'_>, on: bool) -> Outcome {
    guests(cx);
    if on {
        let message = "Anonymous_LogEmail has no effect: what guests give as a password is never logged";
        cx.report(Diagnostic::note("no-effect", cx.span, message));
    }
    Ok(())
}

fn no_user_id(cx: &mut Cx<'_>, on: bool) -> Outcome {
    guests(cx).no_name = on;
    Ok(())
}

fn verify_email(cx: &mut Cx<'_>, on: bool) -> Outcome {
    guests(cx).verify_email = on;
    Ok(())
}
