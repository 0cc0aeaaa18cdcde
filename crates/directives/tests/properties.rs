//! Random and mutated configurations: reading one never panics, always ends, and every place lies in its file.
//!
//! `PROPTEST_CASES=1000000 cargo test --release -p wsgate-directives --test properties` for a long run.

mod common;

use proptest::prelude::*;
use proptest::sample::select;

use wsgate_directives::envvars;
use wsgate_directives::expand::{Expanded, Item, expand};
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::span::{Sources, Span};

/// Pieces of lines; those that matter to the reading come often.
const PIECES: &[&str] = &[
    "\n",
    "\n",
    "\n",
    "\n",
    " ",
    " ",
    " ",
    "\t",
    "\\\n",
    "\\",
    "\"",
    "'",
    ">",
    "<",
    "</",
    ">\n",
    "#",
    "\r\n",
    "\0",
    "$",
    "\u{feff}",
    "é",
    "${a}",
    "${b}",
    "${a",
    "}",
    "$x",
    "@y",
    "%z",
    "a",
    "b",
    "!",
    "*",
    "?",
    "[",
    "a.conf",
    "/etc/httpd/",
    "\nInclude ",
    "\nIncludeOptional ",
    "\nDefine a ",
    "\nDefine b ",
    "\nDefine a ${a}${a}\n",
    "\nUnDefine a\n",
    "\n<IfDefine a>\n",
    "\n</IfDefine>\n",
    "\n<IfModule proxy_module>\n",
    "\n<IfModule !x>\n",
    "\n</IfModule>\n",
    "\n<IfVersion >= 2.4>\n",
    "\n</IfVersion>\n",
    "\n<VirtualHost *>\n",
    "\n</VirtualHost>\n",
    "\n<Location /a>\n",
    "\n</Location>\n",
    "\n<Macro m $x @y>\n",
    "\n<Macro n $x>\n",
    "\n</Macro>\n",
    "\nUse m ",
    "\nUse n ",
    "\nUse n a\n",
    "\nUse m a b\n",
    "\nUndefMacro m\n",
    "\nLoadModule proxy_module x\n",
    "\nServerRoot /etc/httpd/sub\n",
    "\nError ",
    "\nInclude a.conf\n",
    "\nInclude b.conf\n",
    "\nInclude *.conf\n",
    "\nIncludeOptional sub/\n",
    "\n<Perl>\n",
    "\n</Perl>\n",
    "\nServerName ",
    "\n<If \"a > b\">\n",
    "\n</If>\n",
];

/// Pieces of shell lines.
const SHELL: &[&str] = &[
    "\n",
    "\n",
    ";",
    " ",
    " ",
    "export ",
    "unset ",
    "A",
    "B",
    "=",
    "$A",
    "${A}",
    "${",
    "}",
    ":-",
    "##",
    "%",
    "%%",
    "*",
    "?",
    "[",
    "]",
    "\"",
    "'",
    "\\",
    "`",
    "$(",
    ")",
    "#",
    "if ",
    "[ ",
    " ]",
    "; then ",
    "else ",
    "elif ",
    "fi\n",
    "!=",
    "é",
    "$A$A",
    "A=$A$A\n",
    "export A=${A##*/}",
];

fn text() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::collection::vec(select(PIECES), 0..60).prop_map(|pieces| pieces.concat().into_bytes());
    let mutated = (pieces.clone(), prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8));
    let mutated = mutated.prop_map(|(mut text, changes)| {
        for (at, byte) in changes {
            if !text.is_empty() {
                let at = at.index(text.len());
                text[at] = byte;
            }
        }
        text
    });
    prop_oneof![4 => pieces, 2 => mutated, 1 => prop::collection::vec(any::<u8>(), 0..300)]
}

fn check(texts: Vec<Vec<u8>>) {
    let names = ["case.conf", "a.conf", "b.conf", "sub/c.conf"];
    let files = MemoryFiles(names.iter().map(|name| format!("/etc/httpd/{name}")).zip(texts).collect());
    let environment = [("b".to_owned(), "from the environment".to_owned())].into();
    let facts = Facts { server_root: "/etc/httpd".to_owned(), environment, ..Facts::default() };
    let expanded = expand("case.conf", &files, &facts, &common::Few);
    places_are_in_their_files(&expanded);
    // Printing follows every trail of Includes.
    assert!(common::print(&expanded).lines().count() >= expanded.items.len() + expanded.diagnostics.len());
}

fn places_are_in_their_files(expanded: &Expanded) {
    let sources = &expanded.sources;
    for diagnostic in &expanded.diagnostics {
        let related = diagnostic.related.iter().map(|(span, _)| *span);
        for span in diagnostic.span.into_iter().chain(related) {
            is_in_its_file(sources, span);
        }
    }
    let mut left: Vec<&Item> = expanded.items.iter().collect();
    while let Some(item) = left.pop() {
        let (name, args, span) = match item {
            Item::Directive(directive) => (&directive.name, &directive.args, directive.span),
            Item::Section(section) => {
                left.extend(&section.body);
                (&section.name, &section.args, section.span)
            }
        };
        is_in_its_file(sources, span);
        is_in_its_file(sources, name.span);
        is_in_its_file(sources, args.span());
        for word in args.words() {
            is_in_its_file(sources, word.span);
        }
    }
}

fn is_in_its_file(sources: &Sources, span: Span) {
    let text = &sources.file(span.file).text;
    let line = text.split(|byte| *byte == b'\n').nth(span.line as usize - 1).expect("the line exists");
    assert!(
        span.column >= 1 && (span.column - 1 + span.len) as usize <= line.len(),
        "{span:?} in {}",
        line.escape_ascii()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_ends_and_knows_its_places(texts in prop::collection::vec(text(), 4)) {
        check(texts);
    }

    #[test]
    fn envvars_files_are_read_to_their_end(pieces in prop::collection::vec(select(SHELL), 0..60)) {
        let environment = [("A".to_owned(), "a/b-c".to_owned())].into();
        let after = envvars::parse(pieces.concat().as_bytes(), &environment);
        prop_assert!(after.values().all(|value| value.len() <= 64 << 10));
    }
}

#[test]
fn deep_nesting_is_refused_in_time() {
    check(vec!["<A>\n".repeat(500).into_bytes()]);
    check(vec!["<IfDefine !x>\n".repeat(500).into_bytes()]);
    check(vec!["<IfDefine x>\n".repeat(500).into_bytes()]);
    check(vec![format!("Include {}*\n", "a/".repeat(100_000)).into_bytes()]);
    check(vec![b"Include a.conf\n".to_vec(), b"<A>\nInclude a.conf\n</A>\n".to_vec()]);
    check(vec![b"Include a.conf\n".to_vec(), b"<IfDefine !x>\nInclude a.conf\n</IfDefine>\n".to_vec()]);
    check(vec![b"Include a.conf\n".to_vec(), b"Include a.conf\nInclude a.conf\n".to_vec()]);
}

#[test]
fn bombs_are_defused() {
    let mut macros = "<Macro m0 $x>\nA $x\n</Macro>\n".to_owned();
    for n in 1..40 {
        macros += &format!("<Macro m{n} $x>\nUse m{} $x\nUse m{} $x\n</Macro>\n", n - 1, n - 1);
    }
    check(vec![(macros + "Use m39 1\n").into_bytes()]);
    let variables = "Define a ${a}${a}\n".repeat(64);
    check(vec![format!("Define a xxxxxxxx\n{variables}{}", "B ${a}${a}\n".repeat(1000)).into_bytes()]);
    let includes = "Include *.conf\n".repeat(50);
    check(vec![b"IncludeOptional ?.conf\n".repeat(50), includes.clone().into_bytes(), includes.into_bytes()]);
}
