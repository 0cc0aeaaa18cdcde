//! Redirect and its kin (httpd's `add_redirect_internal`).

use super::{Away, From, Here, Redirect};
use crate::interpret::{Cx, Outcome, Problem};
use crate::modules::core::is_url;
use crate::pattern::compiled;
use crate::regex::Options;
use crate::values::atoi;
use crate::words::Arg;

/// A line's arguments, and what its name says of them.
struct Line<'a> {
    first: &'a Arg,
    second: Option<&'a Arg>,
    third: Option<&'a Arg>,
    status: u16,
    regex: bool,
}

pub(super) fn redirect(cx: &mut Cx<'_>, first: &Arg, second: Option<&Arg>, third: Option<&Arg>) -> Outcome {
    Line { first, second, third, status: 302, regex: false }.add(cx)
}

pub(super) fn redirect_match(cx: &mut Cx<'_>, first: &Arg, second: &Arg, third: Option<&Arg>) -> Outcome {
    Line { first, second: Some(second), third, status: 302, regex: true }.add(cx)
}

pub(super) fn permanent(cx: &mut Cx<'_>, path: &Arg, url: &Arg) -> Outcome {
    Line { first: path, second: Some(url), third: None, status: 301, regex: false }.add(cx)
}

pub(super) fn temp(cx: &mut Cx<'_>, path: &Arg, url: &Arg) -> Outcome {
    Line { first: path, second: Some(url), third: None, status: 302, regex: false }.add(cx)
}

pub(super) fn relative(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.dir.alias.relative = Some(cx.set(on));
    Ok(())
}

/// What the first argument is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    /// No status.
    Other,
    /// A status that redirects.
    Redirect(u16),
    /// A status that does not.
    Final(u16),
}

impl First {
    fn of(arg: &Arg) -> Self {
        match arg.as_bytes().to_ascii_lowercase().as_slice() {
            b"permanent" => Self::Redirect(301),
            b"temp" => Self::Redirect(302),
            b"seeother" => Self::Redirect(303),
            b"gone" => Self::Final(410),
            [digit, ..] if digit.is_ascii_digit() => {
                let status = u16::try_from(atoi(arg.as_bytes())).unwrap_or(u16::MAX);
                if is_redirect(status) { Self::Redirect(status) } else { Self::Final(status) }
            }
            _ => Self::Other,
        }
    }
}

fn is_redirect(status: u16) -> bool {
    (300..400).contains(&status)
}

impl Line<'_> {
    fn add(self, cx: &mut Cx<'_>) -> Outcome {
        let first = First::of(self.first);
        let status = match first {
            First::Redirect(status) | First::Final(status) => status,
            First::Other => self.status,
        };
        if self.third.is_some() && first == First::Other {
            return Err(Problem::at(self.first, "Redirect: invalid first argument (of three)"));
        }
        if let Some(path) = cx.place.path().map(str::to_owned) {
            let url = match (first, self.second, self.third) {
                (First::Redirect(_), Some(url), None) => Some(Some(url)),
                (First::Other, None, _) => Some(Some(self.first)),
                (First::Final(_), None, _) => Some(None),
                _ => None,
            };
            if let Some(url) = url {
                let url = url.map(|url| cx.string(url, 0)).transpose()?;
                let to = Away { status, url };
                cx.dir.alias.redirect = Some(Here { path: path.into(), to, span: cx.span });
                return Ok(());
            }
        }
        self.with_path(cx, first, status)
    }

    fn with_path(self, cx: &mut Cx<'_>, first: First, status: u16) -> Outcome {
        let (path, url) = match first {
            First::Other => (Some(self.first), self.second),
            First::Redirect(_) | First::Final(_) => (self.second, self.third),
        };
        let Some(path) = path else { return Err(Problem::at(self.first, "the path to redirect is missing")) };
        let from = if self.regex {
            From::Regex(compiled(path, Options::DEFAULT)?)
        } else {
            From::Prefix(path.text()?.into())
        };
        let to = match url {
            None if is_redirect(status) => return Err(Problem::at(path, "URL to redirect to is missing")),
            Some(url) if !is_redirect(status) => {
                return Err(Problem::at(url, "Redirect URL not valid for this status"));
            }
            Some(url) if !self.regex && !is_url(url.as_bytes()) && !url.as_bytes().starts_with(b"/") => {
                return Err(
                    Problem::at(url, "Redirect to non-URL").help("write http://... or a path with its slash")
                );
            }
            url => url.map(Arg::text).transpose()?.map(Into::into),
        };
        let redirect = Redirect { from, status, to, span: cx.span };
        match cx.place.section {
            Some(_) => cx.dir.alias.redirects.push(redirect),
            None => cx.server.alias.redirects.push(redirect),
        }
        Ok(())
    }
}
