//! mod_mime: what a file's name tells of it (`find_ct`).

use std::collections::HashMap;

use bytes::Bytes;
use wsgate_directives::config::Setting;
use wsgate_directives::diag::Diagnostic;
use wsgate_directives::modules::ServerConf;
use wsgate_directives::modules::mime::{Ending, Meta};
use wsgate_directives::words::getword_conf;

use crate::mapped::{Mapped, OnDisk};
use crate::modules::proxy::Form;
use crate::request::Request;
use crate::snapshot::Snapshot;
use crate::text_files::lines;
use crate::world::{Kind, World};

/// The type that httpd gives folders (`DIR_MAGIC_TYPE`).
pub(crate) const FOLDER: &str = "httpd/unix-directory";

/// Which endings of names are of which type.
#[derive(Debug)]
pub(crate) enum Types {
    /// As the file of TypesConfig says.
    Named(HashMap<Vec<u8>, Bytes>),
    /// As the table says that is built in.
    BuiltIn,
}

impl Types {
    /// The table of a configuration. httpd does not start without a file; here the table that is built in stands in.
    pub(crate) fn load(conf: &ServerConf, world: &dyn World, notes: &mut Vec<Diagnostic>) -> Self {
        let Some(path) = &conf.mime.types_config else { return Self::BuiltIn };
        match world.read(path.as_bytes()) {
            Ok(text) => Self::Named(table(&text)),
            Err(error) => {
                let message = format!("{} cannot be read: {error}", path.value);
                let warning = Diagnostic::warning("types-config-unread", path.span, message);
                notes.push(warning.help("the table of types that is built in is used instead"));
                Self::BuiltIn
            }
        }
    }

    fn get(&self, ending: &[u8]) -> Option<Bytes> {
        match self {
            Self::Named(types) => types.get(ending).cloned(),
            Self::BuiltIn => {
                let known = mime_guess::from_ext(std::str::from_utf8(ending).ok()?);
                known.first_raw().map(|known| Bytes::from_static(known.as_bytes()))
            }
        }
    }
}

/// Lines of a type and the endings that are of it (`mime_post_config`).
fn table(text: &[u8]) -> HashMap<Vec<u8>, Bytes> {
    let mut types = HashMap::new();
    for line in lines(text) {
        let (known, mut rest) = getword_conf(&line);
        let known = Bytes::from(known);
        while !rest.is_empty() {
            let (ending, behind) = getword_conf(rest);
            types.insert(ending.to_ascii_lowercase(), known.clone());
            rest = behind;
        }
    }
    types
}

/// Fills in what the name of the request's file says: type, encoding, languages, handler, filters.
pub(crate) fn find(snapshot: &Snapshot, request: &mut Request) {
    if !snapshot.loaded.mime {
        return;
    }
    if request.found.is_some_and(|found| found.kind == Kind::Folder) {
        request.content_type = Some(Bytes::from_static(FOLDER.as_bytes()));
        return;
    }
    let Some(name) = resource(request) else { return };
    let dir = request.dir.clone();
    let mut charset = None;
    for ending in endings(&name).filter(|ending| !ending.is_empty()).map(<[u8]>::to_ascii_lowercase) {
        let said = std::str::from_utf8(&ending).ok().and_then(|ending| dir.mime.endings.get(ending));
        let forced = said.and_then(|said| said.get(Meta::Type));
        match forced {
            None => request.content_type = snapshot.types.get(&ending).or(request.content_type.take()),
            Some(forced) if !forced.is_empty() => request.content_type = Some(bytes(forced)),
            Some(_) => {}
        }
        if let Some(said) = said {
            apply(said, request);
            charset = said.get(Meta::Charset).or(charset);
        }
    }
    if let Some(known) = &request.content_type {
        request.content_type = Some(tidied(known, charset.map(|charset| charset.as_bytes())));
    }
    if request.content_languages.is_empty()
        && let Some(language) = &dir.mime.default_language
    {
        request.content_languages.push(bytes(language));
    }
}

fn bytes(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

/// The name that counts: of a backend's URL the path.
fn resource(request: &Request) -> Option<Bytes> {
    match &request.mapped {
        Mapped::Disk(OnDisk { name, rest, .. }) if request.dir.mime.use_path_info.is_some_and(|on| *on) => {
            Some([&**name, &**rest].concat().into())
        }
        Mapped::Backend(route) if route.form == Form::Raw => {
            let end = route.url.iter().position(|byte| *byte == b'?').unwrap_or(route.url.len());
            Some(route.url.slice(..end))
        }
        _ => request.filename(),
    }
}

/// What stands between dots behind the base of a name; leading dots belong to the base.
fn endings(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let start = path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    let name = &path[start..];
    let dots = name.iter().take_while(|byte| **byte == b'.').count();
    name[dots..].split(|byte| *byte == b'.').skip(1)
}

/// What an ending says beside type and charset.
fn apply(said: &Ending, request: &mut Request) {
    if let Some(language) = said.get(Meta::Language) {
        request.content_languages.push(bytes(language));
    }
    if let Some(encoding) = said.get(Meta::Encoding) {
        request.content_encoding = Some(match request.content_encoding.take() {
            Some(known) => [&*known, b", ", encoding.as_bytes()].concat().into(),
            None => bytes(encoding),
        });
    }
    if let Some(handler) = said.get(Meta::Handler).filter(|_| !matches!(request.mapped, Mapped::Backend(_))) {
        request.handler = Some(Setting { value: bytes(handler), span: handler.span });
    }
    if let Some(filters) = said.get(Meta::OutputFilters) {
        request.output_filters.extend(filters.split(';').filter(|name| !name.is_empty()).map(bytes));
    }
}

/// A type as httpd writes it, with another charset than it has; what is no type stays as it is.
fn tidied(known: &Bytes, charset: Option<&[u8]>) -> Bytes {
    if !known.contains(&b'/') {
        return known.clone();
    }
    let mut charset = charset.map(|charset| [b"charset=", charset].concat());
    let replaces = charset.is_some();
    let mut parts: Vec<Vec<u8>> = Vec::new();
    for part in known.split(|byte| *byte == b';').map(<[u8]>::trim_ascii) {
        if replaces && !parts.is_empty() && part.starts_with(b"charset=") {
            parts.extend(charset.take());
        } else {
            parts.push(part.to_vec());
        }
    }
    parts.extend(charset);
    parts.join(&b"; "[..]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_endings_behind_their_base() {
        let of = |path: &str| endings(path.as_bytes()).map(<[u8]>::to_vec).collect::<Vec<_>>().join(&b' ');
        for (path, expected) in [
            ("/a.b/txt.html.GZ", "html GZ"),
            ("/a/.png", ""),
            ("/a/..x.tar.gz", "tar gz"),
            ("/a/readme", ""),
            ("/a/bad..html", " html"),
            ("/a.html/", ""),
        ] {
            assert_eq!(of(path), expected.as_bytes(), "{path}");
        }
    }

    #[test]
    fn tables_are_read_line_by_line() {
        let types = table(b"# no\ntext/html  html HTM\n\"a b\" x\nimage/png\n");
        assert_eq!(types.len(), 3);
        assert_eq!(types[&b"htm"[..]], "text/html");
        assert_eq!(types[&b"x"[..]], "a b");
    }

    #[test]
    fn charsets_take_each_others_place() {
        let of = |known: &'static str| tidied(&Bytes::from_static(known.as_bytes()), Some(b"utf-8"));
        assert_eq!(of("text"), "text");
        assert_eq!(of("text/html"), "text/html; charset=utf-8");
        assert_eq!(of("text/html;charset=x; a=b"), "text/html; charset=utf-8; a=b");
        assert_eq!(of("text/html; a=b"), "text/html; a=b; charset=utf-8");
    }

    #[test]
    fn common_endings_are_built_in() {
        for (ending, known) in [("html", "text/html"), ("css", "text/css"), ("woff2", "font/woff2")] {
            assert_eq!(Types::BuiltIn.get(ending.as_bytes()).unwrap(), known);
        }
        assert_eq!(Types::BuiltIn.get(b"nothing-of-this-name"), None);
    }
}
