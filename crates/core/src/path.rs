//! URL paths: made unambiguous, decoded, compared with prefixes, and encoded again for a backend.
//!
//! Every function is httpd's of the same purpose; their quirks are what access rules rely on.

use crate::hex;
use crate::reply::Status;

/// The bytes that need no encoding anywhere (RFC 3986 section 2.3).
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// What [`normalize`] does beside removing `.` and `..` segments.
#[derive(Clone, Copy, Debug)]
pub struct Normalize {
    /// Runs of slashes become one (MergeSlashes).
    pub merge_slashes: bool,
    /// Encoded unreserved characters are decoded; only the first time, as it must not happen twice.
    pub decode_unreserved: bool,
}

/// A path that cannot be served, with what httpd makes of it all the same: that is what pages and logs show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// The answer.
    pub status: Status,
    /// The path.
    pub path: Vec<u8>,
}

/// Removes `/./` and `/x/../` (`ap_normalize_path` with AP_NORMALIZE_NOT_ABOVE_ROOT).
///
/// # Errors
/// 400 for a path that does not begin with `/` (but `*` alone), leads above the root, or is badly encoded.
pub fn normalize(path: &[u8], how: Normalize) -> Result<Vec<u8>, Unfit> {
    if path == b"*" {
        return Ok(path.to_vec());
    }
    let unfit = |path| Unfit { status: Status::BAD_REQUEST, path };
    if path.first() != Some(&b'/') {
        return Err(unfit(path.to_vec()));
    }
    let mut fit = true;
    let mut out = vec![b'/'];
    let mut left = path[1..].to_vec();
    left.reverse();
    // `left` is a stack of bytes still to come, so that a decoded byte can be put back in front of them.
    while let Some(byte) = left.pop() {
        let mut byte = byte;
        if how.decode_unreserved && byte == b'%' {
            let pair: Vec<u8> = left.iter().rev().take(2).copied().collect();
            match hex::byte(&pair) {
                Some(decoded) if is_unreserved(decoded) => {
                    left.truncate(left.len() - 2);
                    byte = decoded;
                }
                Some(_) => {}
                None => fit = false,
            }
        }
        if out.last() == Some(&b'/') {
            if how.merge_slashes && byte == b'/' {
                continue;
            }
            if byte == b'.' {
                match dots(&left, how.decode_unreserved) {
                    Some(Dots::One) => {
                        left.pop();
                        continue;
                    }
                    Some(Dots::Two(length)) => {
                        left.truncate(left.len().saturating_sub(length + 1));
                        if out.len() == 1 {
                            fit = false;
                            continue;
                        }
                        out.pop();
                        while out.last() != Some(&b'/') {
                            out.pop();
                        }
                        continue;
                    }
                    None => {}
                }
            }
        }
        out.push(byte);
    }
    if fit { Ok(out) } else { Err(unfit(out)) }
}

/// Makes one slash of each run of them (`ap_no2slash`).
pub(crate) fn merge_slashes(path: &[u8]) -> Vec<u8> {
    let mut out = path.to_vec();
    out.dedup_by(|next, last| (*next, *last) == (b'/', b'/'));
    out
}

/// A segment of dots; the first dot is read already.
enum Dots {
    One,
    /// So many bytes make the second dot.
    Two(usize),
}

fn dots(left: &[u8], decode: bool) -> Option<Dots> {
    let next = |index: usize| left.len().checked_sub(index + 1).map(|at| left[at]);
    let ends = |index: usize| matches!(next(index), None | Some(b'/'));
    if ends(0) {
        return Some(Dots::One);
    }
    let second = match (next(0), next(1), next(2)) {
        (Some(b'.'), ..) => 1,
        (Some(b'%'), Some(b'2'), Some(b'e' | b'E')) if decode => 3,
        _ => return None,
    };
    ends(second).then_some(Dots::Two(second))
}

/// What becomes of `%2F` (AllowEncodedSlashes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slashes {
    /// The path is not found.
    Forbid,
    /// It stays encoded.
    Keep,
    /// It is decoded.
    Decode,
}

/// Decodes a normalised path (`ap_unescape_url_ex` with AP_UNESCAPE_URL_KEEP_UNRESERVED).
///
/// # Errors
/// 400 for bad encoding, 404 for `%00` and, where forbidden, `%2F`.
pub fn unescape(path: &[u8], slashes: Slashes) -> Result<Vec<u8>, Unfit> {
    let mut out = Vec::with_capacity(path.len());
    let mut status = None;
    // What is shown ends at a NUL.
    let mut end = None;
    let mut at = 0;
    while at < path.len() {
        if path[at] != b'%' {
            out.push(path[at]);
            at += 1;
            continue;
        }
        let Some(decoded) = hex::byte(&path[at + 1..]) else {
            status = Some(Status::BAD_REQUEST);
            out.push(b'%');
            at += 1;
            continue;
        };
        match decoded {
            b'\0' => {
                status = status.or(Some(Status::NOT_FOUND));
                end = end.or(Some(out.len()));
            }
            b'/' if slashes == Slashes::Forbid => {
                status = status.or(Some(Status::NOT_FOUND));
                out.push(decoded);
            }
            b'/' if slashes == Slashes::Keep => out.extend_from_slice(&path[at..at + 3]),
            kept if is_unreserved(kept) => out.extend_from_slice(&path[at..at + 3]),
            other => out.push(other),
        }
        at += 3;
    }
    let Some(status) = status else { return Ok(out) };
    out.truncate(end.unwrap_or(out.len()));
    Err(Unfit { status, path: out })
}

/// A path below a folder of the disk (`apr_filepath_merge`): an absolute one stays, `.`, `..` and doubled slashes go.
/// None if it leads above the root of the disk.
pub(crate) fn merge(folder: &[u8], path: &[u8]) -> Option<Vec<u8>> {
    let whole = if path.starts_with(b"/") { path.to_vec() } else { [folder, b"/", path].concat() };
    let mut kept: Vec<&[u8]> = Vec::new();
    let mut last: &[u8] = b"";
    for segment in whole.split(|byte| *byte == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => drop(kept.pop()?),
            name => kept.push(name),
        }
        last = segment;
    }
    let mut merged = Vec::with_capacity(whole.len());
    for segment in &kept {
        merged.push(b'/');
        merged.extend_from_slice(segment);
    }
    if matches!(last, b"" | b"." | b"..") {
        merged.push(b'/');
    }
    Some(merged)
}

/// What follows a prefix in a path that is below it, or is it; slashes count as they are.
pub(crate) fn behind<'p>(path: &'p [u8], prefix: &[u8]) -> Option<&'p [u8]> {
    let rest = path.strip_prefix(prefix)?;
    (prefix.ends_with(b"/") || matches!(rest.first(), None | Some(b'/'))).then_some(rest)
}

/// How many bytes of a path a prefix takes, by whole segments; 0 if it does not match (`alias_match`).
/// Any number of slashes matches any number of slashes.
pub fn alias_match(path: &[u8], prefix: &[u8]) -> usize {
    let (mut at, mut want) = (0, 0);
    while want < prefix.len() && at < path.len() {
        if prefix[want] == b'/' {
            if path[at] != b'/' {
                return 0;
            }
            want += prefix[want..].iter().take_while(|byte| **byte == b'/').count();
            at += path[at..].iter().take_while(|byte| **byte == b'/').count();
        } else {
            if path[at] != prefix[want] {
                return 0;
            }
            at += 1;
            want += 1;
        }
    }
    let ends_in_slash = want > 0 && prefix[want - 1] == b'/';
    if want < prefix.len() || !ends_in_slash && !matches!(path.get(at), None | Some(b'/')) {
        return 0;
    }
    at
}

/// Encodes a decoded path for a backend (`ap_proxy_canonenc_ex` with enc_path). `keep_slashes`: `%2F` in it was left
/// encoded on purpose (AllowEncodedSlashes NoDecode) and stays so.
///
/// # Errors
/// 400 if `%` is not followed by two digits where slashes are kept.
pub fn encode(path: &[u8], keep_slashes: bool) -> Result<Vec<u8>, Status> {
    let mut out = Vec::with_capacity(path.len() + 8);
    let mut at = 0;
    while at < path.len() {
        let byte = path[at];
        if keep_slashes && byte == b'%' && hex::byte(&path[at + 1..]).ok_or(Status::BAD_REQUEST)? == b'/' {
            out.extend_from_slice(&path[at..at + 3]);
            at += 3;
            continue;
        }
        push_escaped(&mut out, byte, hex::upper);
        at += 1;
    }
    Ok(out)
}

/// Encodes a path for a URL (`ap_os_escape_path`, `ap_escape_uri`); the digits are small ones, unlike those that backends get.
pub(crate) fn escape(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len() + 8);
    path.iter().for_each(|byte| push_escaped(&mut out, *byte, hex::lower));
    out
}

fn push_escaped(out: &mut Vec<u8>, byte: u8, digits: fn(u8) -> [u8; 2]) {
    if byte.is_ascii_alphanumeric() || b"/~$-_.+!*'(),;:@&=".contains(&byte) {
        out.push(byte);
    } else {
        out.push(b'%');
        out.extend_from_slice(&digits(byte));
    }
}

/// Whether a path or query may stand in a request line: no control bytes, no spaces (`ap_scan_vchar_obstext`).
pub fn is_sendable(text: &[u8]) -> bool {
    text.iter().all(|byte| *byte > b' ' && *byte != 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_normalize(path: &str, expected: Option<&str>) {
        let how = Normalize { merge_slashes: true, decode_unreserved: true };
        let got =
            normalize(path.as_bytes(), how).ok().map(|path| String::from_utf8_lossy(&path).into_owned());
        assert_eq!(got.as_deref(), expected, "{path}");
    }

    #[test]
    fn paths_are_normalised() {
        check_normalize("/a/./b", Some("/a/b"));
        check_normalize("/a/../b", Some("/b"));
        check_normalize("/a//b///c", Some("/a/b/c"));
        check_normalize("/a/%2e%2E/b", Some("/b"));
        check_normalize("/a/.%2e", Some("/"));
        check_normalize("/a/..", Some("/"));
        check_normalize("/a/...", Some("/a/..."));
        check_normalize("/%41%7e%2f", Some("/A~%2f"));
        check_normalize("/a/b/../../c/.", Some("/c/"));
        check_normalize("*", Some("*"));
        check_normalize("/../x", None);
        check_normalize("/a/../../x", None);
        check_normalize("/%zz", None);
        check_normalize("/%4", None);
        check_normalize("x", None);
        check_normalize("", None);
    }

    #[test]
    fn what_cannot_be_served_is_shown_as_far_as_it_goes() {
        let how = Normalize { merge_slashes: true, decode_unreserved: true };
        let normalised = |path: &str| normalize(path.as_bytes(), how).unwrap_err().path;
        assert_eq!(normalised("/../x/./%41"), b"/x/A");
        assert_eq!(normalised("/a%zz/%41"), b"/a%zz/A");
        let decoded = |path: &str| unescape(path.as_bytes(), Slashes::Forbid).unwrap_err().path;
        assert_eq!(decoded("/a%2Fb%20"), b"/a/b ");
        assert_eq!(decoded("/a%00b%2f"), b"/a");
        assert_eq!(decoded("/a%zz%20"), b"/a%zz ");
    }

    #[test]
    fn encoded_slashes_are_treated_as_told() {
        type Case = (&'static [u8], Slashes, Result<&'static [u8], Status>);
        let cases: [Case; 7] = [
            (b"/a%2Fb", Slashes::Forbid, Err(Status::NOT_FOUND)),
            (b"/a%2fb", Slashes::Keep, Ok(b"/a%2fb")),
            (b"/a%2Fb", Slashes::Decode, Ok(b"/a/b")),
            (b"/a%20b%3F", Slashes::Forbid, Ok(b"/a b?")),
            (b"/a%00b", Slashes::Decode, Err(Status::NOT_FOUND)),
            (b"/a%zb", Slashes::Decode, Err(Status::BAD_REQUEST)),
            // %25 %32 %46: decoded once only.
            (b"/%252F", Slashes::Forbid, Ok(b"/%2F")),
        ];
        for (path, slashes, expected) in cases {
            let got = unescape(path, slashes);
            assert_eq!(got.as_deref().map_err(|unfit| unfit.status), expected, "{}", path.escape_ascii());
        }
    }

    #[test]
    fn paths_merge_below_a_folder() {
        let cases = [
            ("/var/www", "a/b", Some("/var/www/a/b")),
            ("/var/www/", "a//./b/", Some("/var/www/a/b/")),
            ("/var/www", "../x", Some("/var/x")),
            ("/var/www", "/etc/.", Some("/etc/")),
            ("/var", "../..", None),
            ("/", "", Some("/")),
        ];
        for (folder, path, merged) in cases {
            let got = merge(folder.as_bytes(), path.as_bytes());
            assert_eq!(got.as_deref(), merged.map(str::as_bytes), "{folder} {path}");
        }
    }

    #[test]
    fn prefixes_match_by_segments() {
        let cases = [
            ("/app", "/app", 4),
            ("/app/x", "/app", 4),
            ("/application", "/app", 0),
            ("/app/", "/app/", 5),
            ("/app", "/app/", 0),
            ("//app", "/app", 5),
            ("/x", "/", 1),
            ("/", "/a", 0),
        ];
        for (path, prefix, length) in cases {
            assert_eq!(alias_match(path.as_bytes(), prefix.as_bytes()), length, "{path} {prefix}");
        }
    }

    #[test]
    fn paths_are_encoded_anew() {
        let encoded =
            |path: &[u8], keep| encode(path, keep).map(|path| String::from_utf8_lossy(&path).into_owned());
        assert_eq!(encoded(b"/a b[]'(),:@&=$!*;~", false).as_deref(), Ok("/a%20b%5B%5D'(),:@&=$!*;~"));
        assert_eq!(encoded(b"/a%2Fb", false).as_deref(), Ok("/a%252Fb"));
        assert_eq!(encoded(b"/a%2fb%20", true).as_deref(), Ok("/a%2fb%2520"));
        assert_eq!(encoded("/\u{e9}".as_bytes(), false).as_deref(), Ok("/%C3%A9"));
    }
}
