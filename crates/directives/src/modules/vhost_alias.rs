//! mod_vhost_alias: document roots by host name.

use crate::config::Set;
use crate::interpret::{Cx, Outcome, Problem};
use crate::merge_fields;
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::words::Arg;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_vhost_alias",
    identifier: "vhost_alias_module",
    file: "mod_vhost_alias.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::supported(
            "VirtualDocumentRoot",
            Contexts::SERVER,
            Shape::Take1(|cx, arg| documents(cx, arg, By::Name)),
            "The folder of a host, made of its name",
        ),
        Row::supported(
            "VirtualDocumentRootIP",
            Contexts::SERVER,
            Shape::Take1(|cx, arg| documents(cx, arg, By::Address)),
            "The folder of a host, made of the address that the client came to",
        ),
        Row::supported(
            "VirtualScriptAlias",
            Contexts::SERVER,
            Shape::Take1(|cx, arg| scripts(cx, arg, By::Name)),
            "The folder of a host's scripts; requests for /cgi-bin/ are answered 403",
        ),
        Row::supported(
            "VirtualScriptAliasIP",
            Contexts::SERVER,
            Shape::Take1(|cx, arg| scripts(cx, arg, By::Address)),
            "The folder of an address's scripts; requests for /cgi-bin/ are answered 403",
        ),
    ],
};

/// What is set for a server.
#[derive(Clone, Debug, Default)]
pub struct ServerConf {
    /// VirtualDocumentRoot, VirtualDocumentRootIP.
    pub documents: Set<Option<Root>>,
    /// VirtualScriptAlias, VirtualScriptAliasIP.
    pub scripts: Set<Option<Root>>,
}

merge_fields!(ServerConf { documents, scripts });

/// A folder that is another one for each host.
#[derive(Clone, Debug)]
pub struct Root {
    /// What its name is made of.
    pub by: By,
    /// How.
    pub template: Vec<Piece>,
}

/// What names of folders are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The name of the server, as UseCanonicalName says.
    Name,
    /// The address that the client came to.
    Address,
}

/// A piece of a folder's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A text.
    Text(Box<[u8]>),
    /// `%p`: the port.
    Port,
    /// `%N.M`: these letters of these parts of the name.
    Part(Pick, Pick),
}

/// Which parts of a name, or letters of a part: 0 is all, otherwise they count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pick {
    /// Which one.
    pub number: usize,
    /// It counts from the end (`-`).
    pub from_end: bool,
    /// So do all behind it, or before it where it counts from the end (`+`).
    pub and_more: bool,
}

fn documents(cx: &mut Cx<'_>, arg: &Arg, by: By) -> Outcome {
    let root = root(arg, by)?;
    cx.server.vhost_alias.documents = Some(cx.set(root));
    Ok(())
}

fn scripts(cx: &mut Cx<'_>, arg: &Arg, by: By) -> Outcome {
    let root = root(arg, by)?;
    if root.is_some() {
        let message = "wsgate runs no scripts: requests for /cgi-bin/ are answered 403";
        cx.warn("scripts-not-run", arg, message);
    }
    cx.server.vhost_alias.scripts = Some(cx.set(root));
    Ok(())
}

/// httpd's `vhost_alias_set`.
fn root(arg: &Arg, by: By) -> Result<Option<Root>, Problem> {
    let mut rest = arg.as_bytes();
    if arg.is("none") {
        return Ok(None);
    }
    if rest.first() != Some(&b'/') {
        return Err(Problem::at(arg, "it must be an absolute path, or none"));
    }
    let wrong = || Problem::at(arg, "behind % stands p, %, or a number of the form N.M, each with - and +");
    let mut template = Vec::new();
    let mut text = Vec::new();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'%' {
            text.push(*first);
            continue;
        }
        let piece = match rest {
            [b'%', behind @ ..] => {
                text.push(b'%');
                rest = behind;
                continue;
            }
            [b'p', behind @ ..] => {
                rest = behind;
                Piece::Port
            }
            _ => {
                let part = pick(&mut rest).ok_or_else(wrong)?;
                let letters = match rest.strip_prefix(b".") {
                    Some(behind) => {
                        rest = behind;
                        pick(&mut rest).ok_or_else(wrong)?
                    }
                    None => Pick::default(),
                };
                Piece::Part(part, letters)
            }
        };
        template.push(Piece::Text(std::mem::take(&mut text).into()));
        template.push(piece);
    }
    template.push(Piece::Text(text.into()));
    Ok(Some(Root { by, template }))
}

/// Takes a number off a text: `-`, a digit, `+`.
fn pick(rest: &mut &[u8]) -> Option<Pick> {
    let from_end = rest.strip_prefix(b"-");
    let (digit, behind) =
        from_end.unwrap_or(rest).split_first().filter(|(digit, _)| digit.is_ascii_digit())?;
    let and_more = behind.strip_prefix(b"+");
    *rest = and_more.unwrap_or(behind);
    let number = usize::from(digit - b'0');
    Some(Pick { number, from_end: from_end.is_some(), and_more: and_more.is_some() })
}
