//! What comes out of filters, whatever the pieces are in which it goes in.

use std::io::Read;

use flate2::read::GzDecoder;
use proptest::prelude::*;
use wsgate_directives::filters::Compression;

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
        let mut gzip = gzip::Gzip::new(Compression { level, window });
        let out = run(&mut gzip, &steps, |out, into| assert_eq!(gunzip(out), into));
        let mut decoded = Vec::new();
        GzDecoder::new(&out[..]).read_to_end(&mut decoded).expect("a whole file");
        prop_assert_eq!(decoded, whole(&steps));
    }

    #[test]
    fn brotli_in_any_pieces(steps in steps(), level in 0..=6_u8, window in 10..=24_u8) {
        let mut brotli = brotli::Brotli::new(Compression { level, window }, 0);
        let out = run(&mut brotli, &steps, |out, into| assert_eq!(unbrotli(out), into));
        let mut decoded = Vec::new();
        ::brotli::Decompressor::new(&out[..], 4096).read_to_end(&mut decoded).expect("a whole stream");
        prop_assert_eq!(decoded, whole(&steps));
    }
}
