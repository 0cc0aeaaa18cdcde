use super::*;

#[track_caller]
fn finds(options: Options, pattern: &str, subject: &[u8], expected: Option<&[u8]>) {
    let regex = Regex::with_options(pattern.as_bytes(), options).unwrap();
    let captures = regex.captures(subject).unwrap();
    assert_eq!(captures.as_ref().and_then(|captures| captures.get(0)), expected, "{pattern} on {subject:?}");
    assert_eq!(regex.is_match(subject).unwrap(), expected.is_some());
}

#[test]
fn dollar_is_the_very_end() {
    type Case = (&'static str, &'static [u8], Option<&'static [u8]>);
    let default: &[Case] = &[
        ("a$", b"a", Some(b"a")),
        ("a$", b"a\n", None),
        ("^(a|b$)$", b"b\n", None),
        (r"a\$", b"a$", Some(b"a$")),
        (r"a\\$", b"a\\\n", None),
        ("[$]a", b"$a", Some(b"$a")),
        ("[]$]a$", b"$a\n", None),
        ("[^]$]a", b"$a", None),
        ("[[:alpha:]$]$", b"$", Some(b"$")),
        ("[[:alpha:]$]$", b"$\n", None),
        ("[[:x]$", b"x\n", None),
        ("[a[$]$", b"$\n", None),
        (r"[\]$]$", b"$\n", None),
        (r"\Qa$[\Eb$", b"a$[b", Some(b"a$[b")),
        (r"\Qa$\Eb$", b"a$b\n", None),
        (r"\Qa$", b"a$", Some(b"a$")),
        ("a(?#$[)b$", b"ab\n", None),
        ("(?m)a$", b"a\nb", Some(b"a")),
        ("(?m:a$)", b"a\n", Some(b"a")),
        ("(?m:x?)a$", b"a\n", None),
        ("((?m)x?)a$", b"a\n", None),
        ("(?m)(?-m:a$)", b"a\n", None),
        ("(?m)(?^)a$", b"a\n", None),
        ("(?x) a # [ $\n b $", b"ab\n", None),
        ("a#[$]b", b"a#$b", Some(b"a#$b")),
        ("(?i)A$", b"a\n", None),
        ("(?>a$)|a.$", b"a\n", Some(b"a\n")),
        ("(?<n>a$)", b"a\n", None),
        ("(?(?=a)a$|b)", b"a\n", None),
        (r"\c[$", b"\x1b\n", None),
        ("(*ACCEPT)$", b"", Some(b"")),
    ];
    for (pattern, subject, expected) in default {
        finds(Options::DEFAULT, pattern, subject, *expected);
    }
    let line_end = Options { dollar_end_only: false, ..Options::DEFAULT };
    finds(line_end, "a$", b"a\n", Some(b"a"));
}

#[test]
fn flags_are_httpds() {
    finds(Options::DEFAULT, "a.b", b"a\nb", Some(b"a\nb"));
    finds(Options { dot_all: false, ..Options::DEFAULT }, "a.b", b"a\nb", None);
    finds(Options::DEFAULT, "A", b"a", None);
    finds(Options::CASELESS, "A", b"a", Some(b"a"));
    finds(Options { multi_line: true, ..Options::DEFAULT }, "^b$", b"a\nb\nc", Some(b"b"));
    // Bytes, not characters: one dot is one byte of a two-byte letter, case folds in ASCII only.
    finds(Options::DEFAULT, "^.$", "é".as_bytes(), None);
    finds(Options::CASELESS, "é", "É".as_bytes(), None);
    finds(Options::DEFAULT, "é", "é".as_bytes(), Some("é".as_bytes()));
    // A group name twice (PCRE2_DUPNAMES), also behind a verb that must come first.
    finds(Options::DEFAULT, "(?<n>a)|(?<n>b)", b"b", Some(b"b"));
    finds(Options::DEFAULT, "(*UCP)(?<n>a)|(?P<n>b)", b"b", Some(b"b"));
}

#[test]
fn patterns_need_not_be_utf8() {
    for (pattern, subject, expected) in [
        (&b"^\xff[\xfe\xfd]$"[..], &b"\xff\xfd"[..], true),
        (b"^\xff[\xfe\xfd]$", b"\xff\xfc", false),
        (b"^\\Q\xff$\\E$", b"\xff$", true),
        (b"\\Q\xff$\\E$", b"\xff$\n", false),
        (b"^\\\xff$", b"\xff", true),
    ] {
        let regex = Regex::new(pattern).unwrap();
        assert_eq!(regex.is_match(subject), Ok(expected), "{}", pattern.escape_ascii());
    }
}

#[test]
fn compile_errors_point_into_the_source() {
    for (pattern, offset, words) in [
        (&b"(a"[..], 2, "missing closing parenthesis"),
        (b"a$b$(", 5, "missing closing parenthesis"),
        (b"a)", 1, "unmatched closing parenthesis"),
        (b"*", 0, "quantifier does not follow a repeatable item"),
        (b"$*", 1, "quantifier does not follow a repeatable item"),
        (b"[a", 2, "missing terminating ] for character class"),
        (b"\xff$[z-a]", 5, "range out of order in character class"),
        (b"(?<n", 4, "syntax error in subpattern name (missing terminator?)"),
        (b"ab\0c", 2, "zero byte in pattern"),
        (b"(?<=a*)b", 0, "length of lookbehind assertion is not limited"),
        (b"\\", 1, "\\ at end of pattern"),
    ] {
        let error = Regex::new(pattern).unwrap_err();
        assert_eq!((error.offset, error.message.as_str()), (offset, words), "{}", pattern.escape_ascii());
    }
}

#[test]
fn groups_and_names() {
    let regex = Regex::new(b"^/(?<user>[a-z]+)(/x)?/(?<rest>.*)").unwrap();
    assert_eq!(regex.groups(), 3);
    assert_eq!(regex.names().collect::<Vec<_>>(), [(1, "user"), (3, "rest")]);
    let captures = regex.captures(b"/joe/a").unwrap().unwrap().into_owned();
    let texts: Vec<_> = (0..5).map(|group| captures.get(group)).collect();
    assert_eq!(texts, [Some(&b"/joe/a"[..]), Some(b"joe"), None, Some(b"a"), None]);
    assert_eq!(captures.range(1), Some(1..4));
    assert_eq!(captures.subject(), b"/joe/a");
    assert_eq!(regex.captures(b"joe"), Ok(None));
}

#[test]
fn captures_from_an_offset() {
    let regex = Regex::new(b"a").unwrap();
    let at = |start| regex.captures_at(b"aba", start).unwrap().and_then(|captures| captures.range(0));
    assert_eq!([at(0), at(1), at(3), at(4)], [Some(0..1), Some(2..3), None, None]);
    assert_eq!(Regex::new(b"^a").unwrap().captures_at(b"aa", 1), Ok(None));
}

#[test]
fn a_hopeless_match_is_an_error() {
    let regex = Regex::new(b"^(a+)+$").unwrap();
    let subject = [vec![b'a'; 64], vec![b'!']].concat();
    assert!(regex.is_match(&subject).is_err());
    assert!(regex.captures(&subject).is_err());
    assert_eq!(regex.is_match(b"aaa"), Ok(true));
}

#[test]
fn long_subjects_do_not_exhaust_the_stack() {
    let subject = b"ab".repeat(4000);
    assert_eq!(Regex::new(b"^(?:(a)|(b))*$").unwrap().is_match(&subject), Ok(true));
}

#[test]
fn substitution() {
    let regex = Regex::new(b"^(a)(x)?(b*)").unwrap();
    let captures = regex.captures(b"abbc").unwrap().unwrap();
    for (template, expected) in [
        ("<$0|$1|$2|$3|$4|$9>", "<abb|a||bb||>"),
        (r"\$1 \\ \a $", r"$1 \ a $"),
        (r"end\", r"end\"),
        ("$$1&$x$10", "$a&$xa0"),
        ("", ""),
    ] {
        let result = substitute(template.as_bytes(), &captures).unwrap();
        assert_eq!(result.escape_ascii().to_string(), expected.escape_default().to_string());
    }
    let long = |len| substitute(&vec![b'x'; len], &captures);
    assert_eq!(long(SUBSTITUTED_MAX - 1).map(|text| text.len()), Ok(SUBSTITUTED_MAX - 1));
    assert_eq!(long(SUBSTITUTED_MAX), Err(TooLong));
}

proptest::proptest! {
    /// Whatever a configuration or a request holds, nothing panics, and error offsets lie in the pattern.
    #[test]
    fn no_pattern_or_subject_panics(
        pattern in proptest::collection::vec(proptest::prop_oneof![
            proptest::sample::select(b"$\\[](){}?*+^|#:-<>'QEcmixPabz= \n".to_vec()), proptest::num::u8::ANY,
        ], 0..24),
        subject in proptest::collection::vec(proptest::num::u8::ANY, 0..40),
        caseless: bool, multi_line: bool, dot_all: bool, dollar_end_only: bool,
    ) {
        match Regex::with_options(&pattern, Options { caseless, multi_line, dot_all, dollar_end_only }) {
            Ok(regex) => drop(regex.captures(&subject)),
            Err(error) => proptest::prop_assert!(error.offset <= pattern.len()),
        }
    }
}
