//! Lines and words whose bytes do not fit into a text file: line ends, NUL, byte order marks, 8-bit text.
#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::sync::Arc;

use wsgate_directives::diag::Diagnostic;
use wsgate_directives::span::{FileId, Origin, SourceFile, Sources};
use wsgate_directives::syntax::{Kind, Lines, statement};
use wsgate_directives::words::getword_conf;

fn source(text: &[u8]) -> (FileId, Arc<[u8]>) {
    let text: Arc<[u8]> = text.into();
    let file = SourceFile { path: "x".to_owned(), text: Arc::clone(&text), origin: Origin::Root };
    (Sources::default().add(file), text)
}

/// Reads a text and compares its lines, `text@line:column~last line` each, and the codes of what was found.
#[track_caller]
fn lines(text: &[u8], expected: &[&str], codes: &[&str]) {
    let (file, bytes) = source(text);
    let mut reader = Lines::new(file, bytes);
    let (mut found, mut diagnostics) = (Vec::new(), Vec::<Diagnostic>::new());
    while let Some(line) = reader.next(&mut diagnostics) {
        let span = line.text.span();
        let shown = line.text.as_bytes().escape_ascii();
        found.push(format!("{shown}@{}:{}+{}~{}", span.line, span.column, span.len, line.last_line));
    }
    assert_eq!(found, expected);
    assert_eq!(diagnostics.iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>(), codes);
}

#[test]
fn line_ends() {
    lines(b"", &[], &[]);
    lines(b"\n", &["@1:1+0~1"], &[]);
    lines(b"a", &["a@1:1+1~1"], &[]);
    lines(b"a\nb\n", &["a@1:1+1~1", "b@2:1+1~2"], &[]);
    lines(b"a\r\n b \r\n", &["a@1:1+1~1", "b@2:2+1~2"], &[]);
    lines(b" \t\x0b\x0c\n", &["@1:5+0~1"], &[]);
    lines(b"a\rb\n", &["a\\rb@1:1+3~1"], &[]);
}

#[test]
fn continuations() {
    lines(b"a\\\nb\n", &["ab@1:1+1~2"], &[]);
    lines(b"a \\\r\n  b\r\n", &["a   b@1:1+2~2"], &[]);
    // Without a line feed behind it the backslash is text.
    lines(b"a \\", &["a \\\\@1:1+3~1"], &[]);
    lines(b"a \\\n", &["a@1:1+1~1"], &[]);
    lines(b"a \\ \nb", &["a \\\\@1:1+3~1", "b@2:1+1~2"], &[]);
    lines(b"# c \\\nd\ne", &["# c d@1:1+4~2", "e@3:1+1~3"], &[]);
    lines(b"\\\n\\\n a", &["a@3:2+1~3"], &[]);
    lines(b"a\\\\\n\nb", &["ab@1:1+1~3"], &[]);
    lines(b"a\\\\\r\n\r\nb", &["ab@1:1+1~3"], &[]);
}

#[test]
fn odd_bytes() {
    lines(b"# caf\xe9\nA caf\xe9\n", &["# caf\\xe9@1:1+6~1", "A caf\\xe9@2:1+6~2"], &[]);
    lines(b"A b\0c\\\nd\n", &["A b@1:1+3~1", "d@2:1+1~2"], &["nul-byte"]);
    lines(b"\0\n", &["@1:1+0~1"], &["nul-byte"]);
    lines(b"\xef\xbb\xbfA b\nc", &["A b@1:4+3~1", "c@2:1+1~2"], &["byte-order-mark"]);
    lines(b"\xff\xfeA", &["A@1:3+1~1"], &["byte-order-mark"]);
    lines(b"\xef\xbb\xbf", &["@1:4+0~1"], &["byte-order-mark"]);
    lines(b"a\n\xef\xbb\xbfb", &["a@1:1+1~1", "\\xef\\xbb\\xbfb@2:1+4~2"], &[]);
}

/// Compares the name, the arguments and what stands behind them.
#[track_caller]
fn takes_apart(text: &str, kind: Kind, parts: [&str; 3], bracket: bool) {
    let (file, bytes) = source(text.as_bytes());
    let line = Lines::new(file, bytes).next(&mut Vec::new()).unwrap();
    let found = statement(&line.text).unwrap();
    let texts = [found.name.text(), found.args.text(), found.behind.text()].map(Result::unwrap);
    assert_eq!((found.kind, texts, found.bracket), (kind, parts, bracket), "{text}");
}

#[test]
fn statements() {
    use Kind::{Close, Directive, Open};
    takes_apart("A", Directive, ["A", "", ""], true);
    takes_apart("A  b  c", Directive, ["A", "b  c", ""], true);
    takes_apart("\"A b\" c", Directive, ["A b", "c", ""], true);
    takes_apart("A> b", Directive, ["A", "b", ""], true);
    takes_apart("<A b>", Open, ["A", "b", ""], true);
    takes_apart("<A b > c", Open, ["A", "b", "c"], true);
    takes_apart("<A>", Open, ["A", "", ""], true);
    takes_apart("<A", Open, ["A", "", ""], true);
    takes_apart("<A b", Open, ["A", "b", ""], false);
    takes_apart("<A> b", Open, ["A", "b", ""], false);
    takes_apart("<A> b> c> d", Open, ["A", "b> c", "d"], true);
    takes_apart("< A>", Open, ["", "A", ""], true);
    takes_apart("</A>", Close, ["A", "", ""], true);
    takes_apart("</A> b", Close, ["A", "b", ""], true);
    takes_apart("</A", Close, ["A", "", ""], false);
    takes_apart("</A >", Close, ["A", ">", ""], false);
    takes_apart("</", Close, ["", "", ""], false);
    takes_apart(">", Directive, ["", "", ""], true);
}

#[track_caller]
fn word(line: &str, word: &str, rest: &str) {
    let (found, left) = getword_conf(line.as_bytes());
    assert_eq!(
        (std::str::from_utf8(&found).unwrap(), std::str::from_utf8(left).unwrap()),
        (word, rest),
        "{line}"
    );
}

#[test]
fn words_as_ap_getword_conf_takes_them() {
    word("", "", "");
    word("  ", "", "");
    word("a", "a", "");
    word("  a  b ", "a", "b ");
    word("\"a b\" c", "a b", "c");
    word("'a \"b' c", "a \"b", "c");
    word("\"a \\\" b\" c", "a \" b", "c");
    word("'a \\' b' c", "a ' b", "c");
    word("\"a \\' b\"", "a \\' b", "");
    word("\"a \\\\\" b", "a \\", "b");
    word("\"open a", "open a", "");
    word("\"open \\", "open \\", "");
    word("\"a\"b c", "a", "b c");
    word("a\"b c\"", "a\"b", "c\"");
    word("a\\\\b\\c", "a\\b\\c", "");
    word("\\\"a b", "\\\"a", "b");
    word("\"\" b", "", "b");
    word("\"", "", "");
    word("a\x0b\x0c\r\nb", "a", "b");
    word("a\u{a0}b c", "a\u{a0}b", "c");
}
