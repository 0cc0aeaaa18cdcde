//! Paths, whatever a client writes: made unambiguous once, mapped by whole segments, and the same again for a backend.

use std::sync::LazyLock;

use bytes::Bytes;
use proptest::prelude::*;
use wsgate_core::http::{Head, Headers, Version};
use wsgate_core::path::{Normalize, Slashes, encode, normalize, unescape};
use wsgate_core::plan::Hop;
use wsgate_core::request::Decision;
use wsgate_core::snapshot::Snapshot;

mod common;

/// Paths of the pieces that have fooled servers.
fn odd_path() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "/", "//", ".", "..", "...", "%2e", "%2E%2e", ".%2e", "%252e", "%2f", "%5c", "\\", ";", "..;", "a",
        "app", "b", "%61", "%7e", "~", "%20", "%3f", "%25", "%23", "%0a", "%0d", "%c3%a9", "%00", "%", "%4",
        "%zz", "+", "&", "=",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| format!("/{}", pieces.concat()))
}

/// The same, half of them below a path that is proxied.
fn mapped_path() -> impl Strategy<Value = String> {
    ("(/app)?[/a]?", odd_path())
        .prop_map(|(start, path)| if start.is_empty() { path } else { start + &path[1..] })
}

fn decoded(path: &str) -> Option<Vec<u8>> {
    let normal =
        normalize(path.as_bytes(), Normalize { merge_slashes: true, decode_unreserved: true }).ok()?;
    unescape(&normal, Slashes::Forbid).ok()
}

/// The target that a backend gets under this configuration.
fn target(snapshot: &Snapshot, path: &str) -> Option<Bytes> {
    let mut headers = Headers::new();
    headers.add("Host", "h.test");
    let (method, target) = (Bytes::from_static(b"GET"), Bytes::copy_from_slice(path.as_bytes()));
    let line = [&b"GET "[..], &target, b" HTTP/1.1"].concat().into();
    let head = Head { line, method, target, version: Version::HTTP_11, headers };
    let decided = common::decided(snapshot, head);
    let Decision::Proxy(plan) = decided.decision else { return None };
    let Hop::Backend(backend, _) = &plan.to else { panic!("the backend has a line") };
    Some(plan.leg(&decided.request, Some(backend)).expect("a leg").uri)
}

static BARE: LazyLock<Snapshot> =
    LazyLock::new(|| common::snapshot("<Location />\n</Location>\nProxyPass /app http://back.test/base\n"));
static SLASHED: LazyLock<Snapshot> =
    LazyLock::new(|| common::snapshot("ProxyPass /app/ http://back.test/base/\n"));

proptest! {
    /// A path that was made unambiguous is, and stays as it is.
    #[test]
    fn normal_paths_are_unambiguous(path in odd_path(), merge_slashes: bool) {
        let Ok(normal) = normalize(path.as_bytes(), Normalize { merge_slashes, decode_unreserved: true }) else {
            return Ok(());
        };
        let segments: Vec<&[u8]> = normal.split(|byte| *byte == b'/').collect();
        prop_assert!(!segments.iter().any(|segment| matches!(*segment, b"." | b"..")), "{path}");
        prop_assert!(!merge_slashes || !segments[1..segments.len() - 1].contains(&&b""[..]), "{path}");
        let again = normalize(&normal, Normalize { merge_slashes, decode_unreserved: false });
        prop_assert_eq!(again.as_ref(), Ok(&normal));
    }

    /// What is encoded for a backend is read as the same path by it.
    #[test]
    fn backends_read_the_path_that_was_decided_upon(path in prop::collection::vec(1u8.., 0..40)) {
        let encoded = encode(&path, false).expect("any bytes can be encoded");
        prop_assert!(encoded.iter().all(u8::is_ascii_graphic));
        prop_assert_eq!(unescape(&encoded, Slashes::Decode), Ok(path));
    }

    /// ProxyPass takes its path and what is below it, and nothing else.
    #[test]
    fn proxy_pass_maps_whole_segments(path in mapped_path()) {
        let mapped = decoded(&path).and_then(|path| {
            let rest = path.strip_prefix(b"/app")?;
            (rest.is_empty() || rest.starts_with(b"/")).then(|| [b"/base", rest].concat())
        });
        let got = target(&BARE, &path).map(|uri| unescape(&uri, Slashes::Decode).expect("a path"));
        prop_assert_eq!(got, mapped, "{}", path);
    }

    /// With a slash behind it, only what is below it.
    #[test]
    fn proxy_pass_maps_what_is_below_a_slash(path in mapped_path()) {
        let mapped = decoded(&path)
            .and_then(|path| path.strip_prefix(b"/app/").map(|rest| [b"/base/", rest].concat()));
        let got = target(&SLASHED, &path).map(|uri| unescape(&uri, Slashes::Decode).expect("a path"));
        prop_assert_eq!(got, mapped, "{}", path);
    }
}
