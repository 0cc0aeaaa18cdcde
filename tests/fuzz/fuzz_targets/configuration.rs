//! Configurations under libFuzzer, through expand and interpret as the server loads them. The input is the root file;
//! behind a line `===` follows a second one that Include b.conf reads.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wsgate_directives::expand::expand;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::interpret::interpret;
use wsgate_directives::registry::Registry;

const SEPARATOR: &[u8] = b"\n===\n";

fuzz_target!(|input: &[u8]| {
    let end = input.windows(SEPARATOR.len()).position(|bytes| bytes == SEPARATOR);
    let (root, included) = match end {
        Some(end) => (&input[..end], &input[end + SEPARATOR.len()..]),
        None => (input, &[][..]),
    };
    let files = [("/f/a.conf", root), ("/f/b.conf", included)];
    let files = MemoryFiles(files.map(|(name, text)| (name.to_owned(), text.to_vec())).into());
    let facts = Facts { server_root: "/f".to_owned(), ..Facts::default() };
    let config = interpret(expand("a.conf", &files, &facts, &Registry));
    // Reports quote the line of each finding.
    for span in config.diagnostics.iter().filter_map(|diagnostic| diagnostic.span) {
        config.sources.line(span);
    }
});
