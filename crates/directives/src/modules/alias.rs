//! mod_alias: maps paths to folders and redirects.

use std::sync::Arc;

use crate::config::{Merge, Set};
use crate::expr::{Expr, Word};
use crate::interpret::{Cx, Outcome, Problem};
use crate::pattern::compiled;
use crate::regex::{Options, Regex};
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::span::Span;
use crate::words::Arg;

mod redirect;

/// Where Alias with one argument may stand, besides servers.
const ALIAS: Contexts = Contexts::SERVER.or(Contexts::LOCATION).or(Contexts::PROXY);

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_alias",
    identifier: "alias_module",
    file: "mod_alias.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::supported("Alias", ALIAS, Shape::Take12(alias), "Maps a path to a folder or file"),
        Row::supported(
            "AliasMatch",
            Contexts::SERVER,
            Shape::Take2(alias_match),
            "Maps paths that match to folders or files",
        ),
        Row::supported(
            "AliasPreservePath",
            Contexts::FILE_INFO,
            Shape::Flag(preserve_path),
            "Whether Alias in a Location keeps what follows the Location's path",
        ),
        Row::supported(
            "Redirect",
            Contexts::FILE_INFO,
            Shape::Take123(redirect::redirect),
            "Sends clients to another URL",
        ),
        Row::supported(
            "RedirectMatch",
            Contexts::FILE_INFO,
            Shape::Take23(redirect::redirect_match),
            "Sends clients to another URL where the path matches",
        ),
        Row::supported(
            "RedirectPermanent",
            Contexts::FILE_INFO,
            Shape::Take2(redirect::permanent),
            "Sends clients to another URL for good",
        ),
        Row::supported(
            "RedirectRelative",
            Contexts::FILE_INFO,
            Shape::Flag(redirect::relative),
            "Whether a path in Redirect is sent as it is, without scheme and host",
        ),
        Row::supported(
            "RedirectTemp",
            Contexts::FILE_INFO,
            Shape::Take2(redirect::temp),
            "Sends clients to another URL for now",
        ),
        Row::supported(
            "ScriptAlias",
            ALIAS,
            Shape::Take12(script_alias),
            "Maps a path to a folder of scripts; they are not run, requests for them are answered 403",
        ),
        Row::supported(
            "ScriptAliasMatch",
            Contexts::SERVER,
            Shape::Take2(script_alias_match),
            "Maps paths that match to scripts; they are not run, requests for them are answered 403",
        ),
    ],
};

/// What a server sets.
#[derive(Clone, Debug, Default)]
pub struct ServerConf {
    /// Alias, AliasMatch and their Script forms: the first that matches counts.
    pub aliases: Vec<Alias>,
    /// Redirect lines outside of sections, likewise.
    pub redirects: Vec<Redirect>,
}

/// A virtual host's own lines come before the main server's.
impl Merge for ServerConf {
    fn merge(base: &Self, add: &Self) -> Self {
        Self {
            aliases: Merge::merge(&add.aliases, &base.aliases),
            redirects: Merge::merge(&add.redirects, &base.redirects),
        }
    }
}

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// Alias with one argument.
    pub alias: Option<Here<Place>>,
    /// Redirect without a path.
    pub redirect: Option<Here<Away>>,
    /// Redirect lines with a path: the first that matches counts.
    pub redirects: Vec<Redirect>,
    /// RedirectRelative.
    pub relative: Set<bool>,
    /// AliasPreservePath.
    pub preserve_path: Set<bool>,
}

/// The inner section's lines come before the outer's.
impl Merge for DirConf {
    fn merge(base: &Self, add: &Self) -> Self {
        Self {
            alias: Merge::merge(&base.alias, &add.alias),
            redirect: Merge::merge(&base.redirect, &add.redirect),
            redirects: Merge::merge(&add.redirects, &base.redirects),
            relative: Merge::merge(&base.relative, &add.relative),
            preserve_path: Merge::merge(&base.preserve_path, &add.preserve_path),
        }
    }
}

/// A line that is about the section that it stands in.
#[derive(Clone, Debug)]
pub struct Here<T> {
    /// The section's path or pattern.
    pub path: Box<str>,
    /// What it says.
    pub to: T,
    /// The line.
    pub span: Span,
}

/// Where an Alias with one argument leads.
#[derive(Clone, Debug)]
pub struct Place {
    /// The path.
    pub path: Arc<Expr<Word>>,
    /// What a relative one is below: ServerRoot.
    pub root: Box<str>,
    /// Whether a script lies there.
    pub script: bool,
}

/// An Alias line with a path.
#[derive(Clone, Debug)]
pub struct Alias {
    /// What it matches.
    pub from: From,
    /// The absolute path that stands in its place; `$1` and all behind a regular expression.
    pub to: Box<str>,
    /// Whether a script lies there.
    pub script: bool,
    /// The line.
    pub span: Span,
}

/// A Redirect line with a path.
#[derive(Clone, Debug)]
pub struct Redirect {
    /// What it matches.
    pub from: From,
    /// The status.
    pub status: u16,
    /// The URL; none for a status that is no redirect.
    pub to: Option<Box<str>>,
    /// The line.
    pub span: Span,
}

/// What a line with a path matches.
#[derive(Clone, Debug)]
pub enum From {
    /// A path and all below it.
    Prefix(Box<str>),
    /// Paths that match.
    Regex(Regex),
}

/// Where a Redirect without a path leads.
#[derive(Clone, Debug)]
pub struct Away {
    /// The status.
    pub status: u16,
    /// The URL; none for a status that is no redirect.
    pub url: Option<Arc<Expr<Word>>>,
}

fn alias(cx: &mut Cx<'_>, first: &Arg, second: Option<&Arg>) -> Outcome {
    add_alias(cx, first, second, false)
}

fn script_alias(cx: &mut Cx<'_>, first: &Arg, second: Option<&Arg>) -> Outcome {
    warn_of_scripts(cx, first);
    add_alias(cx, first, second, true)
}

fn warn_of_scripts(cx: &mut Cx<'_>, path: &Arg) {
    cx.warn("scripts-not-run", path, "wsgate runs no scripts: requests for this path are answered 403");
}

/// httpd's `add_alias`.
fn add_alias(cx: &mut Cx<'_>, first: &Arg, second: Option<&Arg>, script: bool) -> Outcome {
    let Some(to) = second else {
        let Some(path) = cx.place.path() else {
            return Err(Problem::at(first, "Alias must have two arguments when used globally"));
        };
        let path = path.into();
        cx.warn_if_mapped_already();
        let to = Place { path: cx.string(first, 0)?, root: cx.server_root.into(), script };
        cx.dir.alias.alias = Some(Here { path, to, span: cx.span });
        return Ok(());
    };
    outside(cx)?;
    let from = From::Prefix(first.text()?.into());
    let overlap = cx.server.alias.aliases.iter().any(|earlier| match &earlier.from {
        From::Prefix(prefix) => covers(prefix, first),
        From::Regex(regex) => regex.is_match(first.as_bytes()).unwrap_or(false),
    });
    if overlap {
        cx.warn("alias-overlaps", first, "an earlier Alias takes these paths: this one will never match");
    }
    let to = cx.path(to.text()?).into();
    cx.server.alias.aliases.push(Alias { from, to, script, span: cx.span });
    Ok(())
}

fn covers(prefix: &str, path: &Arg) -> bool {
    let rest = path.as_bytes().strip_prefix(prefix.as_bytes());
    rest.is_some_and(|rest| prefix.ends_with('/') || matches!(rest.first(), None | Some(b'/')))
}

fn outside(cx: &Cx<'_>) -> Outcome {
    match cx.place.section {
        Some(_) => {
            Err(Problem::new("Alias with two arguments is not allowed in a section").code("wrong-context"))
        }
        None => Ok(()),
    }
}

fn alias_match(cx: &mut Cx<'_>, pattern: &Arg, to: &Arg) -> Outcome {
    add_alias_match(cx, pattern, to, false)
}

fn script_alias_match(cx: &mut Cx<'_>, pattern: &Arg, to: &Arg) -> Outcome {
    warn_of_scripts(cx, pattern);
    add_alias_match(cx, pattern, to, true)
}

fn add_alias_match(cx: &mut Cx<'_>, pattern: &Arg, to: &Arg, script: bool) -> Outcome {
    let from = From::Regex(compiled(pattern, Options::DEFAULT)?);
    let to = cx.path(to.text()?).into();
    cx.server.alias.aliases.push(Alias { from, to, script, span: cx.span });
    Ok(())
}

fn preserve_path(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.dir.alias.preserve_path = Some(cx.set(on));
    Ok(())
}
