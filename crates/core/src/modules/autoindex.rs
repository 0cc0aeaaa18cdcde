//! mod_autoindex: folders that nothing stands in for, and plain lists of what is in them (`handle_autoindex`).

use std::cmp::Ordering;

use bytes::Bytes;
use wsgate_directives::expr::Subrequest;
use wsgate_directives::fnmatch::{Flags, fnmatch, strcmp_match};
use wsgate_directives::modules::autoindex::{DirConf, ListOption};
use wsgate_directives::modules::core::Options;

use crate::mapped::{Mapped, OnDisk};
use crate::modules::mime::FOLDER;
use crate::modules::pages::{escape_html, signature};
use crate::path::{Slashes, escape, unescape};
use crate::redirect::{Ahead, Made, ahead};
use crate::reply::{Body, Reply, Status};
use crate::request::{Decision, Phase, Request};
use crate::snapshot::Snapshot;
use crate::world::Kind;

/// More names of a folder are not listed.
const MOST: usize = 10_000;

/// How `P=` matches.
const PATTERN: Flags = Flags { pathname: false, period: true, no_escape: true, case_blind: false };

/// What is done about a folder that nothing stands in for; none if that is not for this module.
pub(crate) fn handle(snapshot: &Snapshot, request: &Request) -> Phase<Option<Decision>> {
    let folder = request.found.is_some_and(|found| found.kind == Kind::Folder);
    let ours = request.handler_in_charge().map_or(snapshot.loaded.dir, |name| name == FOLDER.as_bytes());
    let asked = request.is_method("GET") || request.is_method("HEAD");
    if !snapshot.loaded.autoindex || !folder || !asked || !ours {
        return Ok(None);
    }
    if request.dir.core.options.on.has(Options::INDEXES) {
        return Ok(Some(Decision::Listing));
    }
    log::error!(
        target: "autoindex",
        "{}: no index file stands in for the folder, and Options forbids to list it",
        request.path.escape_ascii()
    );
    Err(Status::FORBIDDEN.into())
}

/// Lists the folder that a request is mapped to (`index_directory`). Whoever waits for this waits for the disk.
///
/// # Errors
/// 403 where the folder cannot be read.
pub fn list(snapshot: &Snapshot, request: &Request) -> Result<Reply, Reply> {
    let dir = request.dir.clone();
    let conf = &dir.autoindex;
    let charset = conf.charset.as_ref().map_or("ISO-8859-1", |charset| &charset.value);
    let content_type = conf.content_type.as_ref().map_or("text/html", |content_type| &content_type.value);
    let charset = if charset.is_empty() { String::new() } else { format!(";charset={charset}") };
    let mut reply = Reply { body: Body::Bytes(Bytes::new()), ..Reply::page(Status::OK) };
    reply.headers.set("Content-Type", format!("{content_type}{charset}"));
    if request.is_method("HEAD") {
        return Ok(reply);
    }
    let order = Order::asked(request, conf);
    let mut names = names(snapshot, request, conf, order.pattern.as_deref())?;
    names.sort_by(|a, b| order.compare(a, b));
    reply.body = Body::Bytes(page(request, &names).into());
    Ok(reply)
}

/// The names of what may be listed, those of folders with a slash.
fn names(
    snapshot: &Snapshot,
    request: &Request,
    conf: &DirConf,
    pattern: Option<&[u8]>,
) -> Phase<Vec<Vec<u8>>> {
    let mut folder = request.filename().unwrap_or_default().to_vec();
    if folder.last() != Some(&b'/') {
        folder.push(b'/');
    }
    let found = snapshot.world.list(&folder, MOST).map_err(|error| {
        log::error!("{}: {error}", folder.escape_ascii());
        Reply::page(Status::FORBIDDEN)
    })?;
    // What is looked at lies in the folder, whatever its own name ends in.
    let mut inside = request.clone();
    inside.mapped = Mapped::Disk(OnDisk { name: folder.clone().into(), ..OnDisk::default() });
    let forbidden = conf.options.has(ListOption::ShowForbidden);
    let mut names = Vec::new();
    for name in found {
        if !pattern.is_none_or(|pattern| fnmatch(pattern, &name, PATTERN)) || is_ignored(conf, &folder, &name)
        {
            continue;
        }
        // There are as many as the folder has names.
        inside.made = Made::default();
        let Ahead { request: found, outcome } = ahead(snapshot, &inside, Subrequest::File, &name);
        let shown = match outcome {
            Ok(_) => true,
            Err(reply) => reply.status.is_redirect() || forbidden && matches!(reply.status.0, 401 | 403),
        };
        match found.found.map(|found| found.kind).filter(|_| shown) {
            Some(Kind::File) => names.push(name.into()),
            Some(Kind::Folder) => names.push([&*name, b"/"].concat()),
            _ => {}
        }
    }
    // A password that only an entry asks for is not asked for: the entry is left out.
    request.checks.open();
    Ok(names)
}

/// IndexIgnore (`ignore_entry`).
fn is_ignored(conf: &DirConf, folder: &[u8], name: &[u8]) -> bool {
    let path = [folder, name].concat();
    conf.ignores.iter().any(|ignore| {
        let last = ignore.name.rsplit('/').next().unwrap_or_default();
        let scope = format!("{}*", ignore.scope);
        strcmp_match(&path, scope.as_bytes()) && strcmp_match(name, last.as_bytes())
    })
}

/// In which order names are listed, and which.
#[derive(Debug, Default)]
struct Order {
    descending: bool,
    versions: bool,
    caseless: bool,
    pattern: Option<Vec<u8>>,
}

impl Order {
    /// As the query says, unless IgnoreClient does not let it.
    fn asked(request: &Request, conf: &DirConf) -> Self {
        let mut order = Self {
            descending: conf.descending.as_ref().is_some_and(|descending| **descending),
            versions: conf.options.has(ListOption::VersionSort),
            caseless: conf.options.has(ListOption::IgnoreCase),
            pattern: None,
        };
        let query = request.query.as_ref().filter(|_| !conf.options.has(ListOption::IgnoreClient));
        for word in query.into_iter().flat_map(|query| query.split(|byte| matches!(byte, b'&' | b';'))) {
            match word {
                b"O=A" => order.descending = false,
                b"O=D" => order.descending = true,
                b"V=0" => order.versions = false,
                b"V=1" => order.versions = true,
                // Of a plain list only the names are known.
                [b'C', b'=', b'N' | b'M' | b'S' | b'D'] | [b'F', b'=', b'0'..=b'2'] => {}
                [b'P', b'=', pattern @ ..] => {
                    order.pattern =
                        unescape(pattern, Slashes::Forbid).ok().filter(|pattern| !pattern.is_empty());
                }
                _ => break,
            }
        }
        order
    }

    /// `dsortf`.
    fn compare(&self, a: &[u8], b: &[u8]) -> Ordering {
        let (a, b) = if self.descending { (b, a) } else { (a, b) };
        let key = |name: &[u8]| if self.caseless { name.to_ascii_lowercase() } else { name.to_vec() };
        let (x, y) = (key(a), key(b));
        let first = if self.versions { by_numbers(&x, &y) } else { x.cmp(&y) };
        first.then_with(|| a.cmp(b))
    }
}

/// Names by the numbers in them; blanks do not count, and bytes beyond ASCII come first (`apr_strnatcmp`).
fn by_numbers(mut a: &[u8], mut b: &[u8]) -> Ordering {
    loop {
        (a, b) = (a.trim_ascii_start(), b.trim_ascii_start());
        let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (one, other) = (&a[..digits(a)], &b[..digits(b)]);
        if !one.is_empty() && !other.is_empty() {
            // With a zero in front they are compared as fractions are.
            let fraction = one[0] == b'0' || other[0] == b'0';
            let longer = if fraction { Ordering::Equal } else { one.len().cmp(&other.len()) };
            let order = longer.then_with(|| one.cmp(other));
            if order != Ordering::Equal {
                return order;
            }
        }
        let signed = |text: &[u8]| text.first().map_or(0, |byte| byte.cast_signed());
        match signed(a).cmp(&signed(b)) {
            Ordering::Equal if a.is_empty() => return Ordering::Equal,
            Ordering::Equal => (a, b) = (&a[1..], &b[1..]),
            order => return order,
        }
    }
}

/// The page. Names are sent as they are, whatever their charset.
fn page(request: &Request, names: &[Vec<u8>]) -> Vec<u8> {
    let path = &request.path;
    let end = path.iter().rposition(|byte| *byte != b'/').map_or(1.min(path.len()), |last| last + 1);
    let title = html(&path[..end]);
    let mut page = Vec::with_capacity(256 + names.len() * 64);
    let mut say = |parts: &[&[u8]]| parts.iter().for_each(|part| page.extend_from_slice(part));
    say(&[
        b"<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\" \"http://www.w3.org/TR/html4/strict.dtd\">\n",
        b"<html>\n <head>\n  <title>Index of ",
        &title,
        b"</title>\n </head>\n <body>\n<h1>Index of ",
        &title,
        b"</h1>\n<ul>",
    ]);
    // The folder that this one is in stands first.
    let above = path[..end].iter().rposition(|byte| *byte == b'/').filter(|_| end > 1);
    if let Some(slash) = above {
        say(&[b"<li><a href=\"", &html(&escape(&path[..=slash])), b"\"> Parent Directory</a></li>\n"]);
    }
    for name in names {
        // What looks like a scheme is none.
        let dot: &[u8] = if name.contains(&b':') { b"./" } else { b"" };
        say(&[b"<li><a href=\"", dot, &html(&escape(name)), b"\"> ", &html(name), b"</a></li>\n"]);
    }
    say(&[b"</ul>\n", signature(request).as_bytes(), b"</body></html>\n"]);
    page
}

/// Bytes with `<`, `>`, `&` and `"` as entities.
fn html(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        out.extend_from_slice(escape_html(chunk.valid()).as_bytes());
        out.extend_from_slice(chunk.invalid());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted() {
        let sorted = |order: &Order, names: &[&str]| {
            let mut names: Vec<&str> = names.to_vec();
            names.sort_by(|a, b| order.compare(a.as_bytes(), b.as_bytes()));
            names.join(" ")
        };
        let names = ["b", "A", "a10", "a9", "B", "a09"];
        assert_eq!(sorted(&Order::default(), &names), "A B a09 a10 a9 b");
        let descending = Order { descending: true, ..Order::default() };
        assert_eq!(sorted(&descending, &names), "b a9 a10 a09 B A");
        let caseless = Order { caseless: true, ..Order::default() };
        assert_eq!(sorted(&caseless, &names), "A a09 a10 a9 B b");
        let versions = Order { versions: true, ..Order::default() };
        assert_eq!(sorted(&versions, &names), "A B a09 a9 a10 b");
        assert_eq!(sorted(&versions, &["x10y", "x9", "x009", "\u{e4}", "x10"]), "\u{e4} x009 x9 x10 x10y");
    }
}
