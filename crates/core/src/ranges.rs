//! Ranges of an answer's body (`ap_byterange_filter`): which are asked for, and what of the body is sent for them.
//!
//! Whoever answers: a file, wsgate itself, or a backend whose answer fits into one buffer. Not the bytes: a [`Piece`]
//! says where they stand, and the server sends them.

use bytes::Bytes;
use wsgate_directives::config::Set;
use wsgate_directives::modules::core::RangeLimit;

use crate::answer::{Maker, with_charset};
use crate::http::Version;
use crate::reply::{Reply, Status};
use crate::request::{Phase, Request};
use crate::snapshot::Snapshot;
use crate::validators::{Validity, if_range};

/// httpd's limits where no line sets others.
const MOST: [u32; 3] = [200, 20, 20];

/// A piece of a body that is not sent as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// This text.
    Text(Bytes),
    /// So many bytes of the body from here on.
    Part {
        /// The first.
        start: u64,
        /// How many.
        length: u64,
    },
}

impl Piece {
    /// How long it is.
    pub fn length(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::Part { length, .. } => *length,
        }
    }
}

/// What is sent of a body of this length; none where that is all of it. The request's answer says then which part it is.
///
/// # Errors
/// 416 where the body has none of the ranges.
pub(crate) fn cut(snapshot: &Snapshot, request: &mut Request, length: u64) -> Phase<Option<Vec<Piece>>> {
    let Some(asked) = asked(request).filter(|_| length > 0) else { return Ok(None) };
    let ranges = match Ranges::read(asked, length) {
        Some(ranges) if ranges.fit(request, length) => ranges.merged,
        Some(Ranges { merged, unsatisfiable: true, .. }) if merged.is_empty() => {
            return Err(Reply::page(Status(416)));
        }
        Some(_) | None => return Ok(None),
    };
    request.status = Status(206);
    let said = |range: &Range| format!("bytes {}-{}/{length}", range.first, range.last);
    if let [only] = &*ranges {
        request.answer_headers.set("Content-Range", said(only));
        return Ok(Some(vec![only.piece()]));
    }
    // As random as it is long: no body holds it but by chance.
    let boundary = format!("{:016x}", snapshot.world.random(usize::MAX));
    let content_type = request.content_type.as_ref();
    let content_type = content_type.map(|content_type| with_charset(request, content_type, Maker::Handler));
    let mut pieces = Vec::with_capacity(2 * ranges.len() + 1);
    for range in &ranges {
        let mut head = format!("\r\n--{boundary}\r\n").into_bytes();
        if let Some(content_type) = &content_type {
            head.extend([b"Content-type: ", &**content_type, b"\r\n"].concat());
        }
        head.extend(format!("Content-range: {}\r\n\r\n", said(range)).bytes());
        pieces.extend([Piece::Text(head.into()), range.piece()]);
    }
    pieces.push(Piece::Text(format!("\r\n--{boundary}--\r\n").into()));
    request.content_type = Some(format!("multipart/byteranges; boundary={boundary}").into());
    Ok(Some(pieces))
}

/// The ranges that are asked for, as written; none if nothing is, or the answer is a part already.
fn asked(request: &Request) -> Option<&[u8]> {
    let text = request.head.headers.get("Range")?;
    let (unit, ranges) = text.split_at_checked(6)?;
    let part = request.answer_headers.contains("Content-Range");
    let parts = request.content_type.as_ref().is_some_and(|content_type| {
        content_type.get(..20).is_some_and(|start| start.eq_ignore_ascii_case(b"multipart/byteranges"))
    });
    let whole = request.status == Status::OK && !part && !parts && request.head.version > Version::HTTP_09;
    let fresh = whole && unit.eq_ignore_ascii_case(b"bytes=") && if_range(request) != Validity::NoMatch;
    fresh.then_some(ranges)
}

/// The first and the last byte of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    first: u64,
    last: u64,
}

impl Range {
    fn piece(self) -> Piece {
        Piece::Part { start: self.first, length: self.last - self.first + 1 }
    }
}

/// Ranges, those joined that follow each other and touch.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ranges {
    merged: Vec<Range>,
    overlaps: usize,
    reversals: usize,
    /// One was not in the body.
    unsatisfiable: bool,
}

impl Ranges {
    /// Ranges of a body of this length (`ap_set_byterange`); none where one of them is no range.
    fn read(text: &[u8], length: u64) -> Option<Self> {
        let mut ranges = Self::default();
        for (index, word) in text.split(|byte| *byte == b',').enumerate() {
            if word.is_empty() {
                // A list that begins with a comma is at its end.
                if index == 0 {
                    break;
                }
                continue;
            }
            match range(word, length)? {
                // All of it, whatever else is asked for.
                Asked::Everything => {
                    ranges.merged = vec![Range { first: 0, last: length - 1 }];
                    break;
                }
                Asked::Beyond => ranges.unsatisfiable = true,
                Asked::Range(range) => ranges.add(range),
            }
        }
        Some(ranges)
    }

    fn add(&mut self, range: Range) {
        let Some(known) = self.merged.last_mut() else { return self.merged.push(range) };
        let mut joined = range.first >= known.first && range.last <= known.last;
        if range.first < known.first && range.last >= known.first - 1 {
            known.first = range.first;
            self.reversals += 1;
            joined = true;
        }
        if range.last >= known.last && range.first <= known.last + 1 {
            known.last = range.last;
            joined = true;
        }
        if joined {
            self.overlaps += 1;
        } else {
            self.merged.push(range);
        }
    }

    /// Whether there are any, they are not more than the body, and within what the request may ask for.
    fn fit(&self, request: &Request, length: u64) -> bool {
        let core = &request.dir.core;
        let limits = [&core.max_ranges, &core.max_range_overlaps, &core.max_range_reversals];
        let counts = [self.merged.len(), self.overlaps, self.reversals];
        let sum = self.merged.iter().map(|range| u128::from(range.last - range.first) + 1).sum::<u128>();
        let within = |((limit, most), count)| is_within(limit, most, count);
        !self.merged.is_empty()
            && sum <= u128::from(length)
            && limits.into_iter().zip(MOST).zip(counts).all(within)
    }
}

fn is_within(limit: &Set<RangeLimit>, most: u32, count: usize) -> bool {
    match limit.as_ref().map(|limit| limit.value) {
        None | Some(RangeLimit::Default) => count <= most as usize,
        Some(RangeLimit::AtMost(most)) => count <= most as usize,
        Some(RangeLimit::Unlimited) => true,
    }
}

/// A range as it is asked for.
enum Asked {
    Range(Range),
    /// From the first byte to the end.
    Everything,
    /// Behind the end.
    Beyond,
}

/// A range of a body of this length; none if it is no range.
fn range(word: &[u8], length: u64) -> Option<Asked> {
    let dash = word.iter().position(|byte| *byte == b'-')?;
    let end = length - 1;
    let (first, last) = match (&word[..dash], &word[dash + 1..]) {
        (b"", count) => (length.saturating_sub(number(count).filter(|count| *count > 0)?), end),
        (first, b"") => match number(first)? {
            0 => return Some(Asked::Everything),
            first => (first, end),
        },
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if first > last {
                return None;
            }
            (first, last.min(end))
        }
    };
    Some(if first >= length { Asked::Beyond } else { Asked::Range(Range { first, last }) })
}

/// Digits and nothing else (`ap_parse_strict_length`).
fn number(text: &[u8]) -> Option<u64> {
    let digits = text.iter().all(u8::is_ascii_digit);
    let number: u64 = std::str::from_utf8(text).ok().filter(|_| digits)?.parse().ok()?;
    (number <= i64::MAX as u64).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ranges, and how often they overlap and go back.
    type Read<'a> = (&'a [(u64, u64)], usize, usize);

    /// Of a body of 100 bytes.
    #[track_caller]
    fn check(text: &str, expected: Option<Read<'_>>) {
        let ranges = Ranges::read(text.as_bytes(), 100);
        let got = ranges.as_ref().map(|ranges| {
            let merged: Vec<_> = ranges.merged.iter().map(|range| (range.first, range.last)).collect();
            (merged, ranges.overlaps, ranges.reversals)
        });
        let expected = expected.map(|(merged, overlaps, reversals)| (merged.to_vec(), overlaps, reversals));
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn ranges_are_read_as_httpd_does() {
        check("0-9", Some((&[(0, 9)], 0, 0)));
        check("-9", Some((&[(91, 99)], 0, 0)));
        check("-900", Some((&[(0, 99)], 0, 0)));
        check("90-", Some((&[(90, 99)], 0, 0)));
        check("90-900", Some((&[(90, 99)], 0, 0)));
        check("100-", Some((&[], 0, 0)));
        check("5-9,0-", Some((&[(0, 99)], 0, 0)));
        check("0-1,100-200,8-9", Some((&[(0, 1), (8, 9)], 0, 0)));
        check("0-9,5-29", Some((&[(0, 29)], 1, 0)));
        check("0-9,10-19", Some((&[(0, 19)], 1, 0)));
        check("20-29,0-9", Some((&[(20, 29), (0, 9)], 0, 0)));
        check("20-29,10-19", Some((&[(10, 29)], 1, 1)));
        check("10-19,5-25", Some((&[(5, 25)], 1, 1)));
        check("0-9,,20-29,", Some((&[(0, 9), (20, 29)], 0, 0)));
        check(",0-9", Some((&[], 0, 0)));
        check("", Some((&[], 0, 0)));
        for none in ["5-4", "a-b", "-", "--1", "-0", "+1-2", "1 -2", "0-1, 3-4", "7", "99999999999999999999-"]
        {
            check(none, None);
        }
    }
}
