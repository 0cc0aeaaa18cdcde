//! mod_vhost_alias: a folder for each host.

use std::ops::Range;

use bytes::Bytes;
use wsgate_directives::modules::vhost_alias::{By, Pick, Piece, Root};

use crate::mapped::{Context, Mapped, OnDisk};
use crate::reply::Status;
use crate::request::{Phase, Request};

/// How many dots of a name count (`MAXDOTS`).
const DOTS_MAX: usize = 19;

/// VirtualScriptAlias, then VirtualDocumentRoot (`mva_translate`).
pub(crate) fn translate(request: &mut Request) -> Phase<()> {
    let server = request.server.clone();
    let conf = &server.conf.vhost_alias;
    let path = request.path.clone();
    let slashes = path.iter().take_while(|byte| **byte == b'/').count();
    let scripts = conf.scripts.as_ref().and_then(|set| set.value.as_ref());
    if let Some(root) = scripts.filter(|_| path[slashes..].starts_with(b"cgi-bin/")) {
        let folder = folder(request, root)?;
        let name = [&*folder, &path[slashes + "cgi-bin".len()..]].concat().into();
        request.context = Some(Context { prefix: "/cgi-bin".into(), root: folder });
        request.mapped = Mapped::Disk(OnDisk { name, script: true, ..OnDisk::default() });
        return Ok(());
    }
    let documents = conf.documents.as_ref().and_then(|set| set.value.as_ref());
    if let Some(root) = documents.filter(|_| slashes > 0) {
        let folder = folder(request, root)?;
        request.mapped =
            Mapped::Disk(OnDisk { name: [&*folder, &*path].concat().into(), ..OnDisk::default() });
        request.own_root = Some(String::from_utf8_lossy(&folder).into());
    }
    Ok(())
}

/// The folder of the request's host (`vhost_alias_interpolate`).
fn folder(request: &Request, root: &Root) -> Phase<Bytes> {
    let name = match root.by {
        By::Name => request.own_host(),
        By::Address => request.connection.local.ip().to_canonical().to_string(),
    };
    let mut folder = filled(&root.template, name.as_bytes(), request.own_port());
    if folder.last() == Some(&b'/') {
        folder.pop();
    }
    // No host leads out of the folders that are made for hosts.
    if folder.split(|byte| *byte == b'/').any(|segment| segment == b"..") || folder.contains(&0) {
        return Err(Status::BAD_REQUEST.into());
    }
    Ok(folder.into())
}

fn filled(template: &[Piece], name: &[u8], port: u16) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in template {
        match piece {
            Piece::Text(text) => out.extend_from_slice(text),
            Piece::Port => out.extend_from_slice(port.to_string().as_bytes()),
            Piece::Part(part, letters) => {
                let range = parts(name, *part);
                let found = range.map_or(&b"_"[..], |range| &name[range]);
                let range = self::letters(found.len(), *letters);
                out.extend(range.map_or(&b"_"[..], |range| &found[range]).to_ascii_lowercase());
            }
        }
    }
    out
}

/// The part of a name between dots; none if it has not so many.
fn parts(name: &[u8], pick: Pick) -> Option<Range<usize>> {
    let dots = name.iter().enumerate().filter(|(_, byte)| **byte == b'.').map(|(at, _)| at);
    let ends: Vec<usize> = dots.take(DOTS_MAX - 1).chain([name.len()]).collect();
    let Pick { number, from_end, and_more } = pick;
    if number == 0 {
        return Some(0..name.len());
    }
    let at = if from_end { ends.len().checked_sub(number)? } else { number - 1 };
    let end = *ends.get(at)?;
    let start = if at == 0 { 0 } else { ends[at - 1] + 1 };
    Some(match (from_end, and_more) {
        (_, false) => start..end,
        (false, true) => start..name.len(),
        (true, true) => 0..end,
    })
}

/// Letters of a part of this length; none if it has not so many.
fn letters(length: usize, pick: Pick) -> Option<Range<usize>> {
    let Pick { number, from_end, and_more } = pick;
    if number == 0 {
        return Some(0..length);
    }
    let at = if from_end { length.checked_sub(number)? } else { number - 1 };
    (at < length).then_some(match (from_end, and_more) {
        (_, false) => at..at + 1,
        (false, true) => at..length,
        (true, true) => 0..at + 1,
    })
}

#[cfg(test)]
mod tests {
    use wsgate_directives::expand::expand;
    use wsgate_directives::facts::Facts;
    use wsgate_directives::files::MemoryFiles;
    use wsgate_directives::interpret::interpret;
    use wsgate_directives::registry::Registry;

    use super::*;

    #[track_caller]
    fn check(template: &str, name: &str, folder: &str) {
        let lines = format!("VirtualDocumentRoot {template}");
        let files = MemoryFiles([("/c".to_owned(), lines.into_bytes())].into());
        let config = interpret(expand("/c", &files, &Facts::default(), &Registry));
        assert!(config.diagnostics.is_empty(), "{:?}", config.diagnostics);
        let set = config.main.conf.vhost_alias.documents.expect("it is set");
        let root = set.value.expect("a folder");
        assert_eq!(
            String::from_utf8_lossy(&filled(&root.template, name.as_bytes(), 80)),
            folder,
            "{template}"
        );
    }

    #[test]
    fn folders() {
        let name = "www.Example.isp.com";
        check("/a/%0/b", name, "/a/www.example.isp.com/b");
        check("/%1/%2/%3/%4/%5", name, "/www/example/isp/com/_");
        check("/%-1/%-2/%-4/%-5", name, "/com/isp/www/_");
        check("/%2+/%-2+/%4+/%-4+", name, "/example.isp.com/www.example.isp/com/www");
        check("/%2.1/%2.2/%2.8", name, "/e/x/_");
        check("/%2.-1/%2.-7/%2.-8", name, "/e/e/_");
        check("/%2.3+/%2.-3+/%2.7+", name, "/ample/examp/e");
        check("/%3+.2", name, "/s");
        check("/%p/%%/%1", name, "/80/%/www");
        check("/%0/%1.1", "", "//_");
        check("/%9/%-1", &["a"; 30].join("."), "/a/a.a.a.a.a.a.a.a.a.a.a.a");
    }
}
