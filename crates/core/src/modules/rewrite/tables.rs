//! RewriteMap: text files are read when a key is first asked for, and again when the file has changed.

use std::collections::HashMap;
use std::sync::Arc;

use wsgate_directives::diag::Diagnostic;
use wsgate_directives::modules::rewrite::{Internal, Map, MapKind};

use crate::hex;
use crate::path::escape;
use crate::snapshot::{Server, Snapshot};
use crate::world::{Links, World};

/// Lines that are longer count as several (REWRITE_MAX_TXT_MAP_LINE).
const LINE_MAX: usize = 1024;

/// A text map: keys and their values.
pub(crate) type Table = HashMap<Box<[u8]>, Box<[u8]>>;

/// The value of a key; none if there is no such map or key (`lookup_map`).
pub(super) fn lookup(snapshot: &Snapshot, map: Option<&Map>, key: &[u8]) -> Option<Vec<u8>> {
    match &map?.kind {
        MapKind::Text(path) => table(snapshot, path)?.get(key).map(|value| value.to_vec()),
        MapKind::Random(path) => {
            let table = table(snapshot, path)?;
            let values: Vec<&[u8]> = table.get(key)?.split(|byte| *byte == b'|').collect();
            let chosen = values[snapshot.world.random(values.len()).min(values.len() - 1)];
            (!chosen.is_empty()).then(|| chosen.to_vec())
        }
        MapKind::Internal(Internal::ToUpper) => Some(key.to_ascii_uppercase()),
        MapKind::Internal(Internal::ToLower) => Some(key.to_ascii_lowercase()),
        MapKind::Internal(Internal::Escape) => Some(escape(key)),
        MapKind::Internal(Internal::Unescape) => Some(unescape(key)),
    }
}

fn table(snapshot: &Snapshot, path: &str) -> Option<Arc<Table>> {
    let table = snapshot.tables.get(path, &*snapshot.world, parse);
    table.inspect_err(|error| log::error!("can't read text RewriteMap file {path}: {error}")).ok()
}

/// A key and its value begin each line; the first line of a key counts (`lookup_map_txtfile`).
fn parse(text: &[u8]) -> Table {
    let mut table = Table::new();
    let lines = text.split_inclusive(|byte| *byte == b'\n').flat_map(|line| line.chunks(LINE_MAX));
    for line in lines {
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
        if line.first().is_none_or(|first| *first == b'#' || is_space(first)) {
            continue;
        }
        let mut words = line.split(is_space).filter(|word| !word.is_empty());
        if let (Some(key), Some(value)) = (words.next(), words.next()) {
            table.entry(key.into()).or_insert_with(|| value.into());
        }
    }
    table
}

/// `ap_unescape_url`, which decodes what it can; a zero byte ends the text.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut left = text;
    while let Some((first, rest)) = left.split_first() {
        let decoded = if *first == b'%' { hex::byte(rest) } else { None };
        left = if decoded.is_some() { &rest[2..] } else { rest };
        match decoded.unwrap_or(*first) {
            0 => break,
            byte => plain.push(byte),
        }
    }
    plain
}

/// Maps whose file is not there: httpd does not start then.
pub(crate) fn missing(servers: &[Server], world: &dyn World) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> = Vec::new();
    for map in servers.iter().flat_map(|server| server.conf.rewrite.maps.values()) {
        let (MapKind::Text(path) | MapKind::Random(path)) = &map.kind else { continue };
        let known = findings.iter().any(|finding| finding.span == Some(map.span));
        if !known && world.stat(path.as_bytes(), Links::Follow).is_err() {
            let message = format!("the file of this map is not there: {path}");
            findings.push(Diagnostic::error("rewrite-map-missing", map.span, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_maps() {
        let long = format!("{}\nafter value\n", "x".repeat(LINE_MAX));
        let text = format!("# no\n a space\nkey  value rest\nkey other\nempty\nempty full\ntab\tv\r\n{long}");
        let table = parse(text.as_bytes());
        let get =
            |key: &str| table.get(key.as_bytes()).map(|value| String::from_utf8_lossy(value).into_owned());
        assert_eq!(get("key").as_deref(), Some("value"));
        assert_eq!(get("empty").as_deref(), Some("full"));
        assert_eq!(get("tab").as_deref(), Some("v"));
        assert_eq!(get("after").as_deref(), Some("value"));
        assert_eq!((get("a"), get("#"), get("")), (None, None, None));
    }

    #[test]
    fn unescaping_is_lenient() {
        for (text, plain) in [("a%20b", "a b"), ("%zz%4", "%zz%4"), ("a%00b", "a"), ("%2f%3F", "/?")] {
            assert_eq!(String::from_utf8_lossy(&unescape(text.as_bytes())), plain, "{text}");
        }
    }
}
