//! The request line: httpd's `ap_parse_request_line` (server/protocol.c) over one line, without its line end.

use std::ops::Range;

use wsgate_core::http::{Version, is_token_byte};
use wsgate_core::target::Target;
use wsgate_directives::methods::BUILT_IN;

use super::head::{HeadRules, Methods};

/// A request line as far as it could be understood; the ranges lie within the line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RequestLine {
    pub(super) method: Range<usize>,
    pub(super) target: Range<usize>,
    pub(super) protocol: Range<usize>,
    pub(super) version: Version,
    /// The status to answer with, if the line is not to be served.
    pub(super) refused: Option<u16>,
}

impl RequestLine {
    /// Reads `line`. Whatever is wrong with it, the parts are found as well as can be, for the access log.
    pub(super) fn read(line: &[u8], rules: &HeadRules) -> Self {
        let strict = rules.conformance.is_strict();
        let (start, mut good) = gap(line, 0, strict);
        good &= start == 0;
        let method = word(line, start, if strict { is_token_byte } else { is_visible }, &mut good);
        let (start, spaced) = gap(line, method.end, strict);
        good &= spaced;
        let target = word(line, start, is_visible, &mut good);
        let (start, spaced) = gap(line, target.end, strict);
        good &= spaced;
        let protocol =
            if start < line.len() { word(line, start, is_visible, &mut good) } else { start..start };
        let (rest, spaced) = gap(line, protocol.end, strict);
        good &= spaced && rest == line.len() && !(strict && !protocol.is_empty() && rest > protocol.end);

        let version = match &line[protocol.clone()] {
            [] => Some(Version::HTTP_09),
            protocol => version(protocol, strict),
        };
        let mut read =
            Self { method, target, protocol, version: version.unwrap_or(Version::HTTP_09), refused: None };
        read.refused = read.judge(line, rules, good && version.is_some());
        if read.refused.is_some() && read.version == Version::HTTP_09 {
            // Most likely garbled HTTP/1: it is answered with a head (`rrl_failed`).
            read.version = Version::HTTP_10;
        }
        read
    }

    /// The line with single spaces: httpd's `the_request`. `None` if it is the line itself.
    pub(super) fn rebuilt(&self, line: &[u8]) -> Option<Vec<u8>> {
        let Self { method, target, protocol, .. } = self;
        let single = |gap: Range<usize>| line.get(gap) == Some(b" ");
        if method.start == 0
            && single(method.end..target.start)
            && single(target.end..protocol.start)
            && !protocol.is_empty()
            && protocol.end == line.len()
        {
            return None;
        }
        let parts = [method, target, protocol].into_iter().filter(|part| !part.is_empty());
        Some(parts.map(|part| &line[part.clone()]).collect::<Vec<_>>().join(&b' '))
    }

    fn judge(&self, line: &[u8], rules: &HeadRules, good: bool) -> Option<u16> {
        let method = &line[self.method.clone()];
        let old = self.version == Version::HTTP_09;
        if !good || (old && (!rules.http09 || (rules.conformance.is_strict() && method != b"GET"))) {
            return Some(400);
        }
        if !rules.methods.allow(method) {
            return Some(501);
        }
        let target = Target::parse(method, &line[self.target.clone()], rules.conformance);
        target.is_err().then_some(400)
    }
}

impl Methods {
    fn allow(&self, method: &[u8]) -> bool {
        match self {
            Self::Lenient => true,
            Self::Registered(more) => {
                BUILT_IN.iter().any(|known| known.as_bytes() == method)
                    || more.iter().any(|known| known == method)
            }
        }
    }
}

/// The white space behind `at`, and whether it is as it should be: only spaces, and in strict mode at most one.
fn gap(line: &[u8], at: usize, strict: bool) -> (usize, bool) {
    let space = line[at..].iter().take_while(|byte| is_space(**byte)).count();
    let good = line[at..at + space].iter().all(|&byte| byte == b' ') && (!strict || space < 2);
    (at + space, good)
}

/// The word at `at`: as far as `accept` goes, which has to be the next white space; up to there in any case.
fn word(line: &[u8], at: usize, accept: fn(u8) -> bool, good: &mut bool) -> Range<usize> {
    let len = line[at..].iter().take_while(|byte| accept(**byte)).count();
    let end = at + len;
    if len > 0 && line.get(end).is_none_or(|&byte| is_space(byte)) {
        return at..end;
    }
    *good = false;
    at..line[end..].iter().position(|&byte| is_space(byte)).map_or(line.len(), |more| end + more)
}

/// `HTTP/d.d` with a major version above 0.
fn version(protocol: &[u8], strict: bool) -> Option<Version> {
    let [name @ .., b'/', major @ b'1'..=b'9', b'.', minor @ b'0'..=b'9'] = protocol else { return None };
    let named = if strict { name == b"HTTP" } else { name.eq_ignore_ascii_case(b"HTTP") };
    named.then(|| Version { major: major - b'0', minor: minor - b'0' })
}

/// C's isspace().
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// What may stand in a target: neither controls nor a space; 8-bit bytes may (`T_VCHAR_OBSTEXT`).
fn is_visible(byte: u8) -> bool {
    !byte.is_ascii_control() && byte != b' '
}
