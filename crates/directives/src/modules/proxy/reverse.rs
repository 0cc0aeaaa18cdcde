//! ProxyPassReverse and its cookie directives.

use crate::interpret::{Cx, Outcome, Problem};
use crate::span::Span;
use crate::words::Arg;

/// One rewriting of what a backend answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reverse {
    /// What stands in its place: a path of this server, or a cookie's domain or path as clients see it.
    pub ours: Box<str>,
    /// What the backend writes: a URL, a path, a domain.
    pub theirs: Box<str>,
    /// Whether `${NAME}` in both is replaced at each request.
    pub interpolate: bool,
    /// The line.
    pub span: Span,
}

/// httpd's `add_pass_reverse`.
pub(super) fn pass_reverse(
    cx: &mut Cx<'_>,
    first: &Arg,
    second: Option<&Arg>,
    third: Option<&Arg>,
) -> Outcome {
    let section = cx.place.path().map(str::to_owned);
    let in_section = section.is_some();
    let (ours, theirs, option) = match (section, second) {
        (Some(path), _) => (path, first, second),
        (None, Some(theirs)) if !theirs.is("interpolate") => (first.text()?.to_owned(), theirs, third),
        (None, _) => {
            return Err(Problem::new("ProxyPassReverse needs a path and a URL outside of <Location>"));
        }
    };
    let interpolate = option.is_some_and(|option| option.is("interpolate"));
    if let Some(option) = option.filter(|_| !interpolate && in_section) {
        let message = "ProxyPassReverse takes only a URL inside of a section: the path is the section's";
        return Err(Problem::at(option, message));
    }
    if let Some(option) = option.filter(|_| !interpolate) {
        cx.warn("ignored-argument", option, "ProxyPassReverse knows no other word here than interpolate");
    }
    let theirs = theirs.text()?.into();
    let reverse = Reverse { ours: ours.into(), theirs, interpolate, span: cx.span };
    cx.dir.proxy.reverses.push(reverse);
    Ok(())
}

pub(super) fn cookie_path(cx: &mut Cx<'_>, theirs: &Arg, ours: &Arg, interpolate: Option<&Arg>) -> Outcome {
    let reverse = cookie(cx, theirs, ours, interpolate)?;
    cx.dir.proxy.cookie_paths.push(reverse);
    Ok(())
}

pub(super) fn cookie_domain(cx: &mut Cx<'_>, theirs: &Arg, ours: &Arg, interpolate: Option<&Arg>) -> Outcome {
    let reverse = cookie(cx, theirs, ours, interpolate)?;
    cx.dir.proxy.cookie_domains.push(reverse);
    Ok(())
}

fn cookie(cx: &Cx<'_>, theirs: &Arg, ours: &Arg, interpolate: Option<&Arg>) -> Result<Reverse, Problem> {
    let (ours, theirs) = (ours.text()?.into(), theirs.text()?.into());
    Ok(Reverse { ours, theirs, interpolate: interpolate.is_some(), span: cx.span })
}
