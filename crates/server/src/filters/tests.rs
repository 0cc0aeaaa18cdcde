//! What comes out of filters, whatever the pieces are in which it goes in.

use std::io::Read;
use std::sync::Arc;

use flate2::read::GzDecoder;
use http_body_util::BodyExt;
use proptest::prelude::*;
use wsgate_core::filters::{Rate, Substitutions};
use wsgate_directives::expand::expand;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::filters::Compression;
use wsgate_directives::interpret::interpret;
use wsgate_directives::modules::deflate::Inflation;
use wsgate_directives::registry::Registry;

use super::*;

/// What a body does next.
#[derive(Clone, Debug)]
enum Step {
    Piece(Vec<u8>),
    /// Nothing comes for a while: everything so far has to be out.
    Pause,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let byte = prop_oneof![3 => Just(b'a'), 1 => any::<u8>()];
    let piece = prop_oneof![0..40_usize, 0..30_000_usize]
        .prop_flat_map(move |most| prop::collection::vec(byte.clone(), 0..=most).prop_map(Step::Piece));
    prop::collection::vec(prop_oneof![4 => piece, 1 => Just(Step::Pause)], 0..12)
}

fn whole(steps: &[Step]) -> Vec<u8> {
    let pieces = steps.iter().filter_map(|step| match step {
        Step::Piece(piece) => Some(&piece[..]),
        Step::Pause => None,
    });
    pieces.flatten().copied().collect()
}

/// Runs a filter as [`Filtered`] does; `at_pause` sees what has come out when a pause begins, and what went in.
fn run(filter: &mut dyn Filter, steps: &[Step], mut at_pause: impl FnMut(&[u8], &[u8])) -> Vec<u8> {
    let (mut out, mut into) = (Vec::new(), Vec::new());
    let drain = |filter: &mut dyn Filter, out: &mut Vec<u8>| {
        while let Some(piece) = filter.next().expect("no error") {
            assert!(!piece.is_empty() && piece.len() <= 64 << 10, "{}", piece.len());
            out.extend_from_slice(&piece);
        }
    };
    for step in steps {
        match step {
            Step::Piece(piece) => {
                into.extend_from_slice(piece);
                filter.push(piece.clone().into());
            }
            Step::Pause => {
                filter.flush();
                drain(filter, &mut out);
                assert!(!filter.flush(), "there is nothing left to flush");
                at_pause(&out, &into);
            }
        }
        drain(filter, &mut out);
    }
    filter.finish();
    drain(filter, &mut out);
    out
}

/// As much of a gzip file as can be read of what there is.
fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    // A file that has not ended is an error at its end, behind everything that is there.
    let _ = GzDecoder::new(bytes).read_to_end(&mut out);
    out
}

fn unbrotli(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let _ = ::brotli::Decompressor::new(bytes, 4096).read_to_end(&mut out);
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn gzip_in_any_pieces(steps in steps(), level in 1..=9_u8, window in 9..=15_u8) {
        let mut gzip = gzip::Gzip::new(Compression { level, window }, Arc::default());
        let out = run(&mut gzip, &steps, |out, into| assert_eq!(gunzip(out), into));
        let mut decoded = Vec::new();
        GzDecoder::new(&out[..]).read_to_end(&mut decoded).expect("a whole file");
        prop_assert_eq!(decoded, whole(&steps));
    }

    #[test]
    fn brotli_in_any_pieces(steps in steps(), level in 0..=6_u8, window in 10..=24_u8) {
        let mut brotli = brotli::Brotli::new(Compression { level, window }, 0, Arc::default());
        let out = run(&mut brotli, &steps, |out, into| assert_eq!(unbrotli(out), into));
        let mut decoded = Vec::new();
        ::brotli::Decompressor::new(&out[..], 4096).read_to_end(&mut decoded).expect("a whole stream");
        prop_assert_eq!(decoded, whole(&steps));
    }
}

/// Rules that make lines longer, shorter and fewer.
fn rules() -> Substitutions {
    let text = "Substitute s/a+/<$0>/\nSubstitute s/[^a-z\\n]{3}//\nSubstitute s/<aaa/--/n\nSubstituteMaxLineLength 1m";
    let files = MemoryFiles([("/c".to_owned(), text.as_bytes().to_vec())].into());
    let config = interpret(expand("/c", &files, &Facts::default(), &Registry));
    assert!(config.diagnostics.is_empty(), "{:?}", config.diagnostics);
    Substitutions::of(&config.main.base)
}

fn gzipped(content: &[u8]) -> Vec<u8> {
    let mut gzip = gzip::Gzip::new(Compression { level: 6, window: 15 }, Arc::default());
    run(&mut gzip, &[Step::Piece(content.to_vec())], |_, _| {})
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn lines_in_any_pieces(text in "[ab0-9\n]{0,4000}", cuts in prop::collection::vec(0..4000_usize, 0..12)) {
        let rules = rules();
        let lines = text.split_inclusive('\n').map(|line| rules.line(line.as_bytes()).expect("short"));
        let expected: Vec<u8> = lines.flatten().collect();
        let steps = cut(text.as_bytes(), cuts);
        let out = run(&mut substitute::Substitute::new(rules), &steps, |_, _| {});
        prop_assert_eq!(out, expected);
    }

    #[test]
    fn gunzip_in_any_pieces(steps in steps(), cuts in prop::collection::vec(0..9000_usize, 0..12)) {
        let content = whole(&steps);
        let steps = cut(&gzipped(&content), cuts);
        let bounds = Inflation { ratio: 2000, burst: 3 };
        let out = run(&mut gunzip::Gunzip::new(bounds), &steps, |_, _| {});
        prop_assert_eq!(out, content);
    }
}

/// A text in pieces, with pauses between them.
fn cut(text: &[u8], mut cuts: Vec<usize>) -> Vec<Step> {
    cuts.retain(|cut| *cut < text.len());
    cuts.extend([0, text.len()]);
    cuts.sort_unstable();
    let pieces = cuts.windows(2).map(|ends| Step::Piece(text[ends[0]..ends[1]].to_vec()));
    pieces.flat_map(|piece| [piece, Step::Pause]).collect()
}

/// Everything that comes out until there is an error.
fn until_error(filter: &mut dyn Filter, input: Vec<u8>) -> (usize, Option<io::Error>) {
    filter.push(input.into());
    let mut length = 0;
    let mut finished = false;
    loop {
        match filter.next() {
            Ok(Some(piece)) => {
                assert!(piece.len() <= PIECE, "a piece at a time");
                length += piece.len();
            }
            Ok(None) if finished => return (length, None),
            Ok(None) => {
                filter.finish();
                finished = true;
            }
            Err(error) => return (length, Some(error)),
        }
    }
}

#[test]
fn what_grows_too_much_is_cut() {
    let bomb = gzipped(&vec![0; 32 << 20]);
    let (length, error) = until_error(&mut gunzip::Gunzip::new(Inflation::default()), bomb.clone());
    assert!(length <= 5 * PIECE && error.is_some(), "{length}");
    let (length, error) = until_error(&mut gunzip::Gunzip::new(Inflation { ratio: 2000, burst: 1 }), bomb);
    assert!(length == 32 << 20 && error.is_none(), "{length}");
}

#[test]
fn what_is_no_gzip_file_is_an_error() {
    let whole = gzipped(b"text");
    let (half, mut flawed) = (whole[..whole.len() - 5].to_vec(), whole.clone());
    flawed[whole.len() - 6] ^= 1;
    for bad in [b"text".to_vec(), half, flawed, Vec::new()] {
        let (_, error) = until_error(&mut gunzip::Gunzip::new(Inflation::default()), bad.clone());
        assert!(error.is_some(), "{bad:?}");
    }
    let more = [&whole[..], b"more"].concat();
    let (length, error) = until_error(&mut gunzip::Gunzip::new(Inflation::default()), more);
    assert!(length == 4 && error.is_none(), "what stands behind the end is left out");
}

#[test]
fn a_line_without_end_is_an_error() {
    let (length, error) = until_error(&mut substitute::Substitute::new(rules()), vec![b'x'; (1 << 20) + 1]);
    assert!(length == 0 && error.is_some());
}

#[test]
fn nothing_comes_behind_a_line_that_cannot_be_passed_on() {
    let long = vec![b'a'; 1 << 20];
    let mut filter = substitute::Substitute::new(rules());
    filter.push([&b"before\n"[..], &long, b"\nbehind\n"].concat().into());
    assert!(filter.next().is_err());
    filter.push(b"behind\n"[..0].into());
    filter.finish();
    assert_eq!(filter.next().expect("no more errors").as_deref(), Some(&b"before\n"[..]));
    assert_eq!(filter.next().expect("no more errors"), None);
}

#[tokio::test(start_paused = true)]
async fn what_is_slowed_down_passes_by_shares() {
    let rate = Rate { bytes: 5 * 1024, burst: 2048 };
    let mut body = filtered(Body::bytes(vec![7; 10_000].into()), vec![Stage::Slow(rate)]);
    let begun = tokio::time::Instant::now();
    let mut came = Vec::new();
    while let Some(frame) = body.frame().await {
        came.push((begun.elapsed().as_millis(), frame.expect("no error").into_data().expect("data").len()));
    }
    let shares = (1..=7).map(|interval| (interval * 200, if interval < 7 { 1024 } else { 784 }));
    assert_eq!(came, std::iter::once((0, 3072)).chain(shares).collect::<Vec<_>>());
}
