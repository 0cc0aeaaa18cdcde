use proptest::strategy::Strategy;

use super::*;
use crate::regex::Options;
use crate::span::{Origin, SourceFile, Sources, Span};
use std::sync::Arc;

fn text(text: &str) -> Word {
    Word::Text(text.as_bytes().to_vec())
}

fn call(function: Function, argument: Word) -> Word {
    Word::Call(function, Box::new(argument))
}

#[track_caller]
fn tree(source: &str, expected: &Condition) {
    let parsed = condition(source.as_bytes(), Trust::Server);
    assert_eq!(parsed.as_ref().map(|expr| &expr.root), Ok(expected), "{source}");
}

#[track_caller]
fn word(source: &str, expected: &Word) {
    let parsed = string(source.as_bytes(), Trust::Server);
    assert_eq!(parsed.as_ref().map(|expr| &expr.root), Ok(expected), "{source}");
}

#[test]
fn operators_bind_as_in_httpd() {
    let (yes, no) = (Condition::Constant(true), Condition::Constant(false));
    let not = |inner: &Condition| Condition::Not(Box::new(inner.clone()));
    let all = |parts: &[&Condition]| Condition::All(parts.iter().copied().cloned().collect());
    let any = |parts: &[&Condition]| Condition::Any(parts.iter().copied().cloned().collect());
    tree("true", &yes);
    tree("!!!true", &not(&yes));
    tree("not not true", &yes);
    tree("true && false || true", &any(&[&all(&[&yes, &no]), &yes]));
    tree("true or false and true", &any(&[&yes, &all(&[&no, &yes])]));
    tree("(true || false) && true", &all(&[&any(&[&yes, &no]), &yes]));
    tree("!true && false", &all(&[&not(&yes), &no]));
    tree("!(true && false)", &not(&all(&[&yes, &no])));
    tree("true&&true&&false", &all(&[&yes, &yes, &no]));
    tree("-n 'a' . 'b'", &not(&Condition::Empty(Word::Concat(vec![text("a"), text("b")]))));
}

#[test]
fn comparisons() {
    let compare = |kind, relation| Condition::Compare {
        left: text("a"),
        comparison: Comparison { kind, relation },
        right: Word::Digits(b"-1".to_vec()),
    };
    for (relation, text, number) in [
        (Relation::Equal, ["=", "=="], ["eq", "-eq"]),
        (Relation::NotEqual, ["!=", " != "], ["ne", "-ne"]),
        (Relation::Less, ["<", " < "], ["lt", "-lt"]),
        (Relation::LessOrEqual, ["<=", "<= "], ["le", "-le"]),
        (Relation::Greater, [">", " >"], ["gt", "-gt"]),
        (Relation::GreaterOrEqual, [">=", "\t>="], ["ge", "-ge"]),
    ] {
        for operator in text {
            tree(&format!("'a'{operator}-1"), &compare(ComparisonKind::Text, relation));
        }
        for operator in number {
            tree(&format!("'a'{operator} -1"), &compare(ComparisonKind::Number, relation));
        }
    }
}

#[test]
fn lists_patterns_and_networks() {
    let words = vec![text("a"), Word::Concat(vec![text("b"), Word::Digits(b"1".to_vec())])];
    tree("$1 -in {'a','b'.1}", &Condition::In { needle: Word::Backref(1), list: List::Words(words) });
    let list = List::PeerExtensions(text("1.2.3"));
    tree("'x' in peerextlist ( '1.2.3' )", &Condition::In { needle: text("x"), list });
    let pattern =
        |source: &[u8], options| Condition::Matches(text("a"), Regex::with_options(source, options).unwrap());
    tree("'a' =~ /a.b/", &pattern(b"a.b", Options::DEFAULT));
    tree("'a'=~m#/#i", &pattern(b"/", Options::CASELESS));
    tree("'a' =~ m_.a_", &pattern(b".a", Options::DEFAULT));
    tree("'a' !~ //", &Condition::Not(Box::new(pattern(b"", Options::DEFAULT))));
    let subnet = Subnet::parse(b"10.0.0.0/8").unwrap();
    tree("-R '10.1.2.3/8'", &Condition::ClientIn(subnet));
    tree("'a' -IPMatch '10'", &Condition::AddressIn(text("a"), subnet));
    let glob = Condition::Glob { subject: text("a"), rule: Glob::Path, pattern: text("b") };
    tree("'a' -fnmatch 'b'", &glob);
}

#[test]
fn strings() {
    word("", &text(""));
    word("it's \"so\" 100% $x }", &text("it's \"so\" 100% $x }"));
    word(r"\n\r\t\b\f\101\7\x\\\%\$", &text("\n\r\t\u{8}\u{c}A\u{7}x\\%$"));
    word("$0a$12", &Word::Concat(vec![Word::Backref(0), text("a"), Word::Backref(1), text("2")]));
    word("%{time}", &Word::Variable(Variable::Time(TimePart::Whole)));
    word("%{Ssl_Foo}", &Word::Ssl("SSL_FOO".to_owned()));
    word("%{ssl_client_s_dn_Email}", &Word::Ssl("SSL_CLIENT_S_DN_Email".to_owned()));
    word("%{HTTP_HOST}", &call(Function::Request, text("Host")));
    word("%{Http:X:y%z}", &call(Function::Request, text("X:y%z")));
    let inner = call(Function::Transform(Transform::ToUpper), Word::Variable(Variable::RequestMethod));
    let argument = Word::Concat(vec![text("a"), inner]);
    word(
        "%{tolower:a%{toupper:%{REQUEST_METHOD}}}",
        &call(Function::Transform(Transform::ToLower), argument),
    );
    assert_eq!(string(b"plain", Trust::Server).unwrap().constant(), Some(&b"plain"[..]));
    assert_eq!(string(b"%{TIME}", Trust::Server).unwrap().constant(), None);
}

/// All of these httpd 2.4.71 refuses too, most with the same words.
#[test]
fn errors_of_conditions() {
    for (source, offset, message) in [
        ("", 0, "the expression ends where a condition is expected"),
        (" foo ", 5, "the expression ends where `(` and an argument is expected"),
        ("TRUE", 4, "the expression ends where `(` and an argument is expected"),
        ("()", 1, "unexpected `)`, expected a condition"),
        ("(true", 5, "the expression ends where `)`, `&&` or `||` is expected"),
        ("true)", 4, "unexpected `)`, expected `&&`, `||` or the end"),
        ("true && ", 8, "the expression ends where a condition is expected"),
        ("true AND true", 5, "unexpected `AND`, expected `&&`, `||` or the end"),
        ("true & true", 5, "unexpected `&`, expected `&&`, `||` or the end"),
        ("true == true", 5, "unexpected `==`, expected `&&`, `||` or the end"),
        ("'a' == 'b' == 'c'", 11, "unexpected `==`, expected `&&`, `||` or the end"),
        ("'a' == 'a' 'b'", 11, "unexpected `'`, expected `&&`, `||` or the end"),
        ("$1", 2, "the expression ends where an operator is expected"),
        ("%{TIME}%{TIME} == ''", 7, "unexpected `%{`, expected an operator"),
        ("'a' . == 'a'", 6, "unexpected `==`, expected a condition"),
        ("1 + 1", 2, "unexpected `+`, expected an operator"),
        ("1-1", 1, "unexpected `-1`, expected an operator"),
        ("'a' -e 'b'", 4, "unexpected `-e`, expected an operator"),
        ("'bar' = bar", 11, "the expression ends where `(` and an argument is expected"),
        ("'a' == $10", 9, "unexpected `0`, expected `&&`, `||` or the end"),
        ("'a' == $x", 7, "unexpected `$`, expected a word"),
        ("-n", 2, "the expression ends where a word is expected"),
        ("-n1", 0, "unexpected `-n1`, expected a condition"),
        ("-in 'a'", 0, "unexpected `-in`, expected a condition"),
        ("-Q 'x'", 0, "unary operator `-Q` does not exist"),
        ("-D '/etc'", 0, "unary operator `-D` does not exist"),
        ("- f 'x'", 0, "unexpected `-`, expected a condition"),
        ("'a' -foo 'b'", 4, "binary operator `-foo` does not exist"),
        ("foo('bar') = 'bar'", 0, "function `foo` does not exist"),
        ("PeerExtList('x') == 'b'", 0, "function `PeerExtList` does not exist"),
        ("filemod('x') -gt 1", 0, "function `filemod` does not exist"),
        ("'b' in foolist('1')", 7, "list function `foolist` does not exist"),
        ("'b' in tolower('1')", 7, "list function `tolower` does not exist"),
        ("toupper('x','y') == 'X'", 11, "unexpected `,`, expected `.` or `)`"),
        ("toupper() == ''", 8, "unexpected `)`, expected a word"),
        ("'a' -in {}", 9, "unexpected `}`, expected a word"),
        ("'a' -in {'a',}", 13, "unexpected `}`, expected a word"),
        ("'a' -in {'a' 'b'}", 13, "unexpected `'`, expected `,` or `}`"),
        ("'a' -in 'a'", 8, "unexpected `'`, expected `{` or a list function"),
        ("'a' =~ 'a'", 7, "unexpected `'`, expected `/pattern/` or `m#pattern#`"),
        ("'a' =~ m(a)", 7, "unexpected `m`, expected `/pattern/` or `m#pattern#`"),
        ("'a' =~ m_ab_", 7, "unexpected `m_ab_`, expected `/pattern/` or `m#pattern#`"),
        ("'a' =~ /a", 8, "unterminated pattern"),
        ("'a' =~ /a/ii", 11, "unexpected `i`, expected `&&`, `||` or the end"),
        ("'a' =~ /a/s", 10, "unexpected `s`, expected `&&`, `||` or the end"),
        ("'a' =~ /b(/", 10, "pattern does not compile: missing closing parenthesis at offset 2"),
        (r"'a' =~ /a\/b/", 10, "pattern does not compile: \\ at end of pattern at offset 2"),
        ("-R 'abc'", 3, "not an IP address"),
        ("-R ''", 3, "not an IP address"),
        ("-R 127", 3, "address or network has to be a quoted constant"),
        ("-R %{REMOTE_ADDR}", 3, "address or network has to be a quoted constant"),
        ("-R 'fe::1/200'", 3, "the mask is neither a number of bits, at least 1, nor an IPv4 mask"),
        ("'1.2.3.4' -ipmatch '1.2'.'.3'", 19, "address or network has to be a quoted constant"),
        ("'1.2.3.4' -ipmatch '1.2.3/24'", 19, "malformed IP address"),
        ("'abc", 1, "unterminated string or variable"),
        ("'a' == \"a", 8, "unterminated string or variable"),
        ("'a\n'", 1, "unterminated string or variable"),
        ("'a\\", 2, "unterminated string or variable"),
        ("true\r", 4, "unexpected `\r`, expected `&&`, `||` or the end"),
    ] {
        error(condition(source.as_bytes(), Trust::Server), source, offset, message);
    }
}

#[test]
fn errors_of_strings() {
    for (source, offset, message) in [
        ("%{FOO}", 2, "variable `FOO` does not exist"),
        ("a%{HTTP_X}", 3, "variable `HTTP_X` does not exist"),
        ("%{TIMES}", 2, "variable `TIMES` does not exist"),
        ("%{foo:User-Agent}", 2, "function `foo` does not exist"),
        ("%{req:}", 6, "unexpected `}`, expected an argument"),
        ("%{TIME:}", 7, "unexpected `}`, expected an argument"),
        ("%{}", 2, "unexpected `}`, expected a name"),
        ("%{1}", 2, "unexpected `1`, expected a name"),
        ("%{ TIME}", 2, "unexpected ` `, expected a name"),
        ("%{TIME }", 6, "unexpected ` `, expected `}` or `:`"),
        ("%{TIME", 6, "unterminated string or variable"),
        ("%{", 2, "unterminated string or variable"),
        ("%{req:x", 6, "unterminated string or variable"),
        ("%{req:%{x", 9, "unterminated string or variable"),
        ("%{req:a'b}", 7, "unexpected `'`, expected `}`; a quote is written `\\'`"),
        ("a\nb", 0, "unterminated string or variable"),
        (r"x\", 1, "unterminated string or variable"),
        (r"\1234", 0, "bad escape sequence"),
        (r"\777", 0, "bad escape sequence"),
        (r"\8", 0, "bad escape sequence"),
        (r"\08", 0, "bad escape sequence"),
        (r"a\0b", 1, "bad escape sequence"),
    ] {
        error(string(source.as_bytes(), Trust::Server), source, offset, message);
    }
}

#[track_caller]
fn error<T: fmt::Debug>(parsed: Result<Expr<T>, Error>, source: &str, offset: usize, message: &str) {
    let error = parsed.expect_err(source);
    assert_eq!((error.offset, error.problem.to_string().as_str()), (offset, message), "{source}");
}

#[test]
fn sizes_are_bounded() {
    let long = "x".repeat(8192);
    assert!(string(&long.as_bytes()[1..], Trust::Server).is_ok());
    error(string(long.as_bytes(), Trust::Server), "long string", 0, "string too long");
    error(
        condition(format!("'a' =~ /{long}/").as_bytes(), Trust::Server),
        "long pattern",
        8,
        "pattern too long",
    );
    let deep = |depth: usize| format!("{}true{}", "(".repeat(depth), ")".repeat(depth));
    assert!(condition(deep(100).as_bytes(), Trust::Server).is_ok());
    error(condition(deep(101).as_bytes(), Trust::Server), "deep", 100, "nested too deeply");
    assert!(string("%{tolower:".repeat(100_000).as_bytes(), Trust::Server).is_err());
    let wide = vec!["true"; 100_000].join("&&");
    assert!(condition(wide.as_bytes(), Trust::Server).is_ok());
    assert!(condition(format!("{}true", "!".repeat(100_000)).as_bytes(), Trust::Server).is_ok());
}

#[test]
fn what_the_server_has_to_answer_is_told() {
    let source = "-f '%{SCRIPT_USER}' && file('x') == 'y' || -U %{REMOTE_HOST} && 'x' in PeerExtList('1') && -z '%{TIME}'";
    let needs: Vec<_> = condition(source.as_bytes(), Trust::Server)
        .unwrap()
        .needs
        .iter()
        .map(|need| (need.offset, need.name, need.facility))
        .collect();
    let expected = [
        (6, "SCRIPT_USER", Facility::RequestFile),
        (0, "-f", Facility::FileStatus),
        (23, "file", Facility::FileContent),
        (48, "REMOTE_HOST", Facility::HostName),
        (43, "-U", Facility::Subrequest),
        (71, "PeerExtList", Facility::PeerExtensions),
    ];
    assert_eq!(needs, expected);
}

#[test]
fn htaccess_reads_no_files() {
    let parse = |source: &str| condition(source.as_bytes(), Trust::Htaccess);
    error(parse("file('/x') == ''"), "file", 0, "`file` is not available in .htaccess");
    error(parse("%{filesize:/x} -gt 1"), "filesize", 2, "`filesize` is not available in .htaccess");
    assert!(parse("-f '/x'").is_ok());
}

/// The refusal points at the byte, unless escapes in the argument hide where that is.
#[test]
fn refusals_point_into_the_argument() {
    let source = SourceFile { path: String::new(), text: Arc::default(), origin: Origin::Root };
    let file = Sources::default().add(source);
    for (bytes, len, start, expected) in [
        ("true)", 7, 0, (15, 1)),
        ("true)", 5, 0, (14, 1)),
        ("(true", 7, 0, (16, 0)),
        ("expr=true)", 12, 5, (20, 1)),
        ("true)", 8, 0, (10, 8)),
    ] {
        let arg = Arg { bytes: bytes.into(), span: Span { file, line: 1, column: 10, len } };
        let error = condition(&arg.bytes[start..], Trust::Server).unwrap_err();
        let span = error.refusal(&arg, start).span.unwrap();
        assert_eq!((span.column, span.len), expected, "{bytes}");
    }
}

proptest::proptest! {
    /// Nothing panics, and errors lie in the source.
    #[test]
    fn no_expression_panics(
        parts in proptest::collection::vec(proptest::prop_oneof![
            proptest::sample::select(vec![
                "true", "!", "&&", "||", "(", ")", "'a'", "\"", "'", "%{", "}", "TIME", "req:", "req(", "$1", "\\", "7",
                "=~", "/(a)/i", "m#", "-in", "{", ",", ".", " ", "==", "-f", "-R", "-ipmatch", "'1.2.3.4/8'", "é", "\n",
            ]).prop_map(|part| part.as_bytes().to_vec()),
            proptest::collection::vec(proptest::num::u8::ANY, 1..3),
        ], 0..20),
    ) {
        let source = parts.concat();
        for trust in [Trust::Server, Trust::Htaccess] {
            for error in [condition(&source, trust).err(), string(&source, trust).err()].into_iter().flatten() {
                proptest::prop_assert!(error.offset <= source.len());
            }
        }
    }
}
