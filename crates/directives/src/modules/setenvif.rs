//! mod_setenvif: environment variables by the request.

use std::sync::Arc;

use crate::expr::{Condition, Expr};
use crate::interpret::{Cx, Outcome, Problem};
use crate::merge_fields;
use crate::pattern::compiled;
use crate::regex::{Options, Regex};
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::span::Span;
use crate::words::{Arg, RawArgs};

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_setenvif",
    identifier: "setenvif_module",
    file: "mod_setenvif.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::supported(
            "BrowserMatch",
            Contexts::FILE_INFO,
            Shape::Raw(|cx, raw| browser(cx, raw, Options::DEFAULT)),
            "Sets variables by the User-Agent field",
        ),
        Row::supported(
            "BrowserMatchNoCase",
            Contexts::FILE_INFO,
            Shape::Raw(|cx, raw| browser(cx, raw, Options::CASELESS)),
            "Sets variables by the User-Agent field, letter case ignored",
        ),
        Row::supported(
            "SetEnvIf",
            Contexts::FILE_INFO,
            Shape::Raw(|cx, raw| attribute(cx, raw, Options::DEFAULT)),
            "Sets variables by an attribute of the request",
        ),
        Row::supported(
            "SetEnvIfExpr",
            Contexts::FILE_INFO,
            Shape::Raw(expression),
            "Sets variables where an expression holds",
        ),
        Row::supported(
            "SetEnvIfNoCase",
            Contexts::FILE_INFO,
            Shape::Raw(|cx, raw| attribute(cx, raw, Options::CASELESS)),
            "Sets variables by an attribute of the request, letter case ignored",
        ),
    ],
};

/// What a server sets: lines outside of sections, in order. They are looked at before anything else.
#[derive(Clone, Debug, Default)]
pub struct ServerConf {
    /// The lines.
    pub rules: Vec<Rule>,
}

merge_fields!(ServerConf { rules });

/// What is set for requests: lines inside of sections, in order.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// The lines.
    pub rules: Vec<Rule>,
}

merge_fields!(DirConf { rules });

/// A line.
#[derive(Clone, Debug)]
pub struct Rule {
    /// When it sets its variables.
    pub when: When,
    /// What it sets.
    pub variables: Vec<Variable>,
    /// The line.
    pub span: Span,
}

/// When a line sets its variables.
#[derive(Clone, Debug)]
pub enum When {
    /// An attribute looks like this.
    Attribute(Attribute, Pattern),
    /// An expression holds.
    Expr(Arc<Expr<Condition>>),
}

/// What is looked at. Names are compared without regard to letter case, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// `Remote_Addr`.
    RemoteAddr,
    /// `Remote_Host`: the address, for names are not looked up.
    RemoteHost,
    /// `Server_Addr`.
    ServerAddr,
    /// `Request_Method`.
    RequestMethod,
    /// `Request_Protocol`.
    RequestProtocol,
    /// `Request_URI`: the path.
    RequestUri,
    /// A field of the request, or else a variable of its environment.
    Named(Box<str>),
    /// The last field of the request whose name matches.
    Matching(Regex),
}

/// What an attribute has to look like.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// This text is in it.
    Text {
        /// The text; in small letters where letter case is ignored.
        text: Box<[u8]>,
        /// Letter case is ignored.
        caseless: bool,
    },
    /// It matches.
    Regex(Regex),
}

/// A variable and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: Box<str>,
    /// Its value, `$1` and all; none if it goes.
    pub value: Option<Box<[u8]>>,
}

fn browser(cx: &mut Cx<'_>, raw: &RawArgs, options: Options) -> Outcome {
    let words: Vec<Arg> = raw.words().collect();
    let attribute = Attribute::Named("User-Agent".into());
    matching(cx, attribute, &words, options)
}

fn attribute(cx: &mut Cx<'_>, raw: &RawArgs, options: Options) -> Outcome {
    let words: Vec<Arg> = raw.words().collect();
    let Some((name, rest)) = words.split_first().filter(|(name, _)| !name.is_empty()) else {
        return Err(Problem::new("the name of a header field is missing"));
    };
    let attribute = match name.text()?.to_ascii_lowercase().as_str() {
        "remote_addr" => Attribute::RemoteAddr,
        "remote_host" => Attribute::RemoteHost,
        "server_addr" => Attribute::ServerAddr,
        "request_method" => Attribute::RequestMethod,
        "request_protocol" => Attribute::RequestProtocol,
        "request_uri" => Attribute::RequestUri,
        // Anything but letters, digits, `-` and `_` makes it a regular expression (`is_header_regex`).
        plain if plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) => {
            Attribute::Named(name.text()?.into())
        }
        _ => Attribute::Matching(compiled(name, options)?),
    };
    matching(cx, attribute, rest, options)
}

fn matching(cx: &mut Cx<'_>, attribute: Attribute, words: &[Arg], options: Options) -> Outcome {
    let Some((pattern, rest)) = words.split_first().filter(|(pattern, _)| !pattern.is_empty()) else {
        return Err(Problem::new("the regular expression is missing"));
    };
    let pattern = match literal(pattern.as_bytes()) {
        Some(text) if options.caseless => {
            Pattern::Text { text: text.to_ascii_lowercase().into(), caseless: true }
        }
        Some(text) => Pattern::Text { text: text.into(), caseless: false },
        None => Pattern::Regex(compiled(pattern, options)?),
    };
    add(cx, When::Attribute(attribute, pattern), rest)
}

fn expression(cx: &mut Cx<'_>, raw: &RawArgs) -> Outcome {
    let words: Vec<Arg> = raw.words().collect();
    let Some((condition, rest)) = words.split_first().filter(|(condition, _)| !condition.is_empty()) else {
        return Err(Problem::new("the expression is missing"));
    };
    let condition = cx.condition(condition, 0)?;
    add(cx, When::Expr(condition), rest)
}

fn add(cx: &mut Cx<'_>, when: When, words: &[Arg]) -> Outcome {
    // An empty word ends the list, as in httpd.
    let words = words.iter().take_while(|word| !word.is_empty());
    let variables = words.map(variable).collect::<Result<Vec<_>, Problem>>()?;
    if variables.is_empty() {
        return Err(Problem::new("the variable to set is missing"));
    }
    let rule = Rule { when, variables, span: cx.span };
    if cx.place.section.is_some() || cx.place.htaccess.is_some() {
        cx.dir.setenvif.rules.push(rule);
    } else {
        cx.server.setenvif.rules.push(rule);
    }
    Ok(())
}

/// `NAME`, `NAME=value` or `!NAME` (`add_envvars`). A value that begins with `!` takes the variable away, too.
fn variable(arg: &Arg) -> Result<Variable, Problem> {
    let text = arg.text()?;
    let (name, value) =
        text.split_once('=').map_or((text, ""), |(name, value)| (name, value.trim_start_matches('=')));
    Ok(match (name.strip_prefix('!'), value) {
        (Some(name), "") => Variable { name: name.into(), value: None },
        (None, "") => Variable { name: name.into(), value: Some((*b"1").into()) },
        (_, value) if value.starts_with('!') => Variable { name: name.into(), value: None },
        (_, value) => Variable { name: name.into(), value: Some(value.as_bytes().into()) },
    })
}

/// The text that a pattern without any operator stands for (`non_regex_pattern`): nothing is substituted then.
fn literal(pattern: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(pattern.len());
    let mut bytes = pattern.iter();
    while let Some(byte) = bytes.next() {
        let special = |byte: u8| b"^.$|()[]*+?{}\\".contains(&byte);
        match byte {
            b'\\' => text.push(*bytes.next().filter(|next| special(**next))?),
            byte if special(*byte) => return None,
            byte => text.push(*byte),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_without_operators_are_text() {
        let cases: [(&str, Option<&str>); 6] = [
            ("MSIE", Some("MSIE")),
            (r"a\.b\\", Some(r"a.b\")),
            (r"\d", None),
            ("a.b", None),
            ("^a", None),
            ("a\\", None),
        ];
        for (pattern, text) in cases {
            let got = literal(pattern.as_bytes());
            assert_eq!(got.as_deref(), text.map(str::as_bytes), "{pattern}");
        }
    }
}
