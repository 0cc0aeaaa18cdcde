//! Configurations under libFuzzer, through expand and interpret as the server loads them. The input is the root file;
//! behind a line `===` follows a second one that Include b.conf reads. It is also read as a `.htaccess`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wsgate_directives::expand::{Surroundings, expand};
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::htaccess::{Permit, read};
use wsgate_directives::interpret::interpret;
use wsgate_directives::modules::core::AllowOverride;
use wsgate_directives::registry::{Overrides, Registry};

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
    let allowed = Some(AllowOverride { classes: Overrides::ALL, ..AllowOverride::UNSET });
    let permit = Permit { allowed, listed: None };
    let reading = read(("/f/.htaccess", root), ("/f/", &permit), 9, &files, &Surroundings::default());
    // Reports quote the line of each finding.
    for (findings, sources) in [(&config.diagnostics, &*config.sources), (&reading.findings, &reading.sources)] {
        for span in findings.iter().filter_map(|diagnostic| diagnostic.span) {
            sources.line(span);
        }
    }
});
