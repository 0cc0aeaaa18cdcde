//! `mapping=servlet`: a path as a servlet container sees it, path parameters left out of the comparison.

use bytes::Bytes;

/// A path that matched.
#[derive(Clone, Debug)]
pub(crate) struct Servlet {
    /// What follows the prefix in the path as it came, parameters included.
    pub(crate) rest: Bytes,
    /// The whole path without parameters and dot segments: what `<Location>` sees.
    pub(crate) normalised: Bytes,
}

struct Segment<'a> {
    name: &'a [u8],
    start: usize,
    end: usize,
}

/// Compares by segments (`alias_match_servlet`).
pub(crate) fn alias_match(path: &Bytes, prefix: &[u8]) -> Option<Servlet> {
    if path.first() != Some(&b'/') || prefix.first() != Some(&b'/') {
        return None;
    }
    let segments = segments(path)?;
    let wanted: Vec<&[u8]> =
        prefix.split(|byte| *byte == b'/').filter(|segment| !segment.is_empty()).collect();
    let ends_in_slash = prefix.ends_with(b"/");
    let same = |(segment, name): (&Segment<'_>, &&[u8])| segment.name == *name;
    if segments.len() < wanted.len() || !segments.iter().zip(&wanted).all(same) {
        return None;
    }
    let open = path.ends_with(b"/");
    if ends_in_slash && !wanted.is_empty() && segments.len() == wanted.len() && !open {
        return None;
    }
    let rest = match (segments.get(wanted.len()), wanted.len().checked_sub(1).map(|last| &segments[last])) {
        // Parameters of the prefix's last segment go along, unless the prefix ends in a slash.
        (Some(next), Some(last)) if !ends_in_slash => {
            let parameters = last.start + last.name.len();
            path.slice(if parameters < last.end { parameters } else { next.start - 1 }..)
        }
        (Some(next), _) => path.slice(next.start - usize::from(!ends_in_slash)..),
        (None, _) if open && !ends_in_slash => Bytes::from_static(b"/"),
        (None, _) => Bytes::new(),
    };
    let mut normalised = Vec::with_capacity(path.len());
    for segment in &segments {
        normalised.push(b'/');
        normalised.extend_from_slice(segment.name);
    }
    if open || normalised.is_empty() {
        normalised.push(b'/');
    }
    Some(Servlet { rest, normalised: normalised.into() })
}

/// The segments with their places, parameters and dot segments taken out; none if they lead above the root.
fn segments(path: &[u8]) -> Option<Vec<Segment<'_>>> {
    let mut segments = Vec::new();
    let mut start = 1;
    for part in path[1..].split(|byte| *byte == b'/') {
        let end = start + part.len();
        let name = part.split(|byte| *byte == b';').next().unwrap_or(part);
        match name {
            b"" | b"." => {}
            b".." => {
                segments.pop()?;
            }
            name => segments.push(Segment { name, start, end }),
        }
        start = end + 1;
    }
    Some(segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_do_not_count() {
        let cases: [(&str, &str, Option<&str>); 8] = [
            ("/app/x", "/app", Some("/x")),
            ("/app;v=1/x", "/app", Some(";v=1/x")),
            ("/app;v=1/x", "/app/", Some("x")),
            ("/a/../app/x", "/app", Some("/x")),
            ("/application", "/app", None),
            ("/app", "/app", Some("")),
            ("/app/", "/app", Some("/")),
            ("/../app", "/app", None),
        ];
        for (path, prefix, rest) in cases {
            let found = alias_match(&Bytes::from_static(path.as_bytes()), prefix.as_bytes());
            let got = found.map(|found| String::from_utf8_lossy(&found.rest).into_owned());
            assert_eq!(got.as_deref(), rest, "{path} {prefix}");
        }
    }
}
