use super::*;
use crate::config::{Config, Server};
use crate::expand::expand;
use crate::expr::{Relation, Variable};
use crate::facts::Facts;
use crate::files::MemoryFiles;
use crate::interpret::interpret;
use crate::registry::Registry;
use crate::span::{Origin, SourceFile, Sources};
use crate::words::RawArgs;

fn read(lines: &str) -> Config {
    let files = MemoryFiles([("/httpd.conf".to_owned(), lines.as_bytes().to_vec())].into());
    let facts = Facts { server_root: "/etc/httpd".to_owned(), ..Facts::default() };
    interpret(expand("/httpd.conf", &files, &facts, &Registry))
}

/// The findings about a file of these lines: `code line`.
#[track_caller]
fn check(lines: &str, expected: &[&str]) {
    let config = read(lines);
    let found: Vec<String> = config
        .diagnostics
        .iter()
        .map(|diagnostic| format!("{} {}", diagnostic.code, diagnostic.span.map_or(0, |span| span.line)))
        .collect();
    assert_eq!(found, expected, "{lines}\n{:#?}", config.diagnostics);
}

/// The only rule of the main server.
#[track_caller]
fn rule(line: &str) -> Arc<Rule> {
    let config = read(&format!("RewriteEngine On\nRewriteMap m int:tolower\n{line}"));
    let Server { conf, .. } = &config.main;
    assert_eq!(conf.rewrite.rules.len(), 1, "{line}: {:#?}", config.diagnostics);
    conf.rewrite.rules[0].clone()
}

/// What httpd refuses, too.
#[test]
fn errors() {
    for line in [
        "RewriteRule",
        "RewriteRule ^/x",
        "RewriteRule ( /x",
        "RewriteRule ^/x /y [P, L]",
        "RewriteRule ^/x /y # why",
        "RewriteRule ^/x /y L",
        "RewriteRule ^/x /y []",
        "RewriteRule ^/x /y [L,]",
        "RewriteRule ^/x /y [Q]",
        "RewriteRule ^/x /y [LAST1]",
        "RewriteRule ^/x /y [BNE]",
        "RewriteRule ^/x /y [R=999]",
        "RewriteRule ^/x /y [R=306]",
        "RewriteRule ^/x /y [R=418]",
        "RewriteCond %{HTTPS}",
        "RewriteCond %{HTTPS} off [XX]",
        "RewriteCond %{HTTPS} off [NC OR]",
        "RewriteCond %{HTTPS} (off",
        "RewriteEngine Yes",
        "RewriteBase /x",
        "<Location /a>\nRewriteBase x\n</Location>",
        "RewriteOptions Everything",
        "RewriteMap m",
        "RewriteMap m int:rot13",
        "<Location /a>\nRewriteMap m int:tolower\n</Location>",
    ] {
        let config = read(line);
        assert!(
            config.diagnostics.iter().any(|found| found.severity == crate::diag::Severity::Error),
            "{line}: {:#?}",
            config.diagnostics
        );
    }
    check("RewriteMap m prg:/bin/cat", &["refused 1"]);
    check("RewriteMap m dbm=gdbm:/x", &["refused 1"]);
    check("RewriteMap m fastdbd:SELECT", &["refused 1"]);
    check("RewriteCond expr \"%{NOTHING} == 'x'\"", &["bad-expression 1"]);
}

#[test]
fn texts_are_bounded() {
    let deep = format!("RewriteRule ^/x /{}", "${a:".repeat(1000));
    let long = format!("RewriteRule ^/x /{}", "x".repeat(9000));
    let ahead = format!("RewriteRule ^/x /%{{{}HTTPS}}", "LA-U:".repeat(1000));
    check(&format!("RewriteEngine On\n{deep}"), &["bad-argument 2"]);
    check(&format!("RewriteEngine On\n{long}"), &["bad-argument 2"]);
    check(&format!("RewriteEngine On\n{ahead}"), &["rewrite-unknown-variable 2"]);
    check(&format!("RewriteEngine On\nRewriteRule ^/({}x) /y", "long|".repeat(3000)), &[]);
}

/// What httpd takes, though one would not think so.
#[test]
fn no_errors() {
    for line in [
        r#"RewriteRule "^/x""#,
        "RewriteRule ^/x /y [L] # why",
        "RewriteRule ^/x /y \"[P, L]\"",
        r"RewriteRule ^/x\ y /z [l,nocase]",
        "RewriteRule ^/x /y \"[ L , NC ]\"",
        "RewriteRule ^/x /y [R=other]",
        "RewriteRule ^/x /y$2",
        "RewriteRule ^/x - \"[S=two,N=3,CO=a:b:c,E=!x,T=text/plain,B= ?,BNE=/,BNP,BCTLS,UNC,NS,END]\"",
    ] {
        check(&format!("RewriteEngine On\n{line}"), &[]);
    }
}

#[test]
fn words_behind_the_flags() {
    check("RewriteMap m int:tolower user:group", &["ignored-argument 1"]);
    check("RewriteEngine On\nRewriteRule ^/x /y [L] [R=301]", &["ignored-argument 2"]);
    check("RewriteEngine On\nRewriteCond %{HTTPS} on [NC] [OR]\nRewriteRule ^/x /y", &["ignored-argument 2"]);
}

/// httpd takes any word that begins with a D for a flag.
#[test]
fn flags_that_are_none() {
    check("RewriteEngine On\nRewriteRule ^/x /y [dwhatever,L]", &["rewrite-unknown-flag 2"]);
    check("RewriteEngine On\nRewriteRule ^/x /y [D,DPI,DiscardPath,L]", &[]);
}

#[test]
fn lines_are_split_as_httpd_does() {
    for (line, first, second, flags) in [
        (r"a b", "a", "b", None),
        (r"a\ b c [L]", r"a\ b", "c", Some("[L]")),
        (r#""a b" 'c d' [L] rest"#, "a b", "c d", Some("[L]")),
        (r#"a "b\"c [L]"#, "a", r"b\", Some("c")),
        (r"a b\\ c", "a", r"b\\ c", None),
        (r#""a" "#, "a", "", None),
        (r#""a"b c"#, "a", "b", Some("c")),
    ] {
        let source = SourceFile { path: String::new(), text: Arc::default(), origin: Origin::Root };
        let mut raw = RawArgs::at(Sources::default().add(source), 1, 1);
        raw.push_line(1, line.as_bytes());
        let split = line::Line::split("RewriteRule", &raw).unwrap();
        let text = |arg: &Arg| String::from_utf8(arg.bytes.clone()).unwrap();
        let got = (text(&split.first), text(&split.second), split.flags.as_ref().map(text));
        assert_eq!(got, (first.to_owned(), second.to_owned(), flags.map(str::to_owned)), "{line}");
    }
}

#[test]
fn templates() {
    let text = |text: &str| Part::Text(text.as_bytes().to_vec());
    let of = |text: &str| Template::parse(text.as_bytes());
    let variable = |name: Variable| Part::Variable(Name::Variable(name));
    assert_eq!(of("/a$1b%2").0, [text("/a"), Part::Rule(1), text("b"), Part::Condition(2)]);
    assert_eq!(of("%{Request_Uri}").0, [variable(Variable::RequestUri)]);
    assert_eq!(of("100% $x ${a} ${m:k").0, [text("100% $x ${a} ${m:k")]);
    assert_eq!(of(r"\$1\?").0, [Part::Escaped(b'$'), text("1"), Part::Escaped(b'?')]);
    assert_eq!(of("\\").0, [text("\\")]);
    assert_eq!(of("%{HTTP:X-A}").0, [Part::Variable(Name::Header("X-A".into()))]);
    assert_eq!(of("%{HTTP_HOST}").0, [Part::Variable(Name::Header("Host".into()))]);
    assert_eq!(of("%{ENV:a}").0, [Part::Variable(Name::Env(b"a"[..].into()))]);
    assert_eq!(of("%{CONTENT_TYPE}").0, [Part::Variable(Name::Unknown("CONTENT_TYPE".into()))]);
    let user = Box::new(Name::Variable(Variable::RemoteUser));
    assert_eq!(of("%{LA-U:REMOTE_USER}").0, [Part::Variable(Name::LookAhead(LookAhead::Url, user))]);
    let key =
        Template(vec![Part::Rule(1), Part::Map { map: b"in"[..].into(), key: of("x|y"), default: None }]);
    assert_eq!(
        of("${in:x|y}").0[0],
        Part::Map { map: b"in"[..].into(), key: of("x"), default: Some(of("y")) }
    );
    let Part::Map { key: inner, .. } = &of("${out:$1${in:x}|d}").0[0] else { unreachable!() };
    assert_eq!(inner.0.len(), key.0.len());
}

#[test]
fn rules() {
    let made = rule("RewriteRule !^/x /y? [R=permanent,NE,S=2,N=7]");
    assert!(made.negated && made.flags.redirect && made.flags.no_escape && made.flags.query.none);
    assert_eq!((made.flags.status, made.flags.skip, made.flags.next), (301, 2, Some(7)));
    assert_eq!(&*made.output, b"/y");
    assert!(rule("RewriteRule ^/x /y? [QSA]").flags.query.last);
    assert!(rule("RewriteRule ^/x /y [QSD]").flags.query.none);
    let gone = rule("RewriteRule ^/x /y [G]");
    assert!(gone.substitution.is_none() && gone.flags.answers && gone.flags.status == 410);
    let legal = rule("RewriteRule ^/x /y [R=451]");
    assert!(legal.substitution.is_none() && legal.flags.answers && legal.flags.status == 451);
    let escape = rule("RewriteRule ^/x /y$1 \"[B= ?,BNP]\"").flags.escape.clone().unwrap();
    assert_eq!((escape.only.as_deref(), escape.no_plus), (Some(&b" ?"[..]), true));
    assert!(rule("RewriteRule ^/x /y$1 [BNP]").flags.escape.is_none());
}

#[test]
fn conditions_go_to_the_next_rule() {
    let made = rule(
        "RewriteCond %{TIME} -ne5 [OR]\nRewriteCond %{HTTP:Upgrade} !=WebSocket [NC]\nRewriteCond a !-ge4\n\
         RewriteCond %{REQUEST_FILENAME} !-F\nRewriteRule ^/x /y",
    );
    assert_eq!(made.conditions.len(), 4);
    let first = &made.conditions[0];
    assert!(first.negated && first.or && matches!(first.test, Test::Number { operand: 5, .. }));
    let Test::Text { relation: Relation::Equal, operand, caseless: true, .. } = &made.conditions[1].test
    else {
        panic!("{:?}", made.conditions[1]);
    };
    assert_eq!(&**operand, b"WebSocket");
    assert!(matches!(made.conditions[3].test, Test::Subrequest(..)));
}

#[test]
fn lints_tell_what_goes_wrong() {
    let on = |lines: &str| format!("RewriteEngine On\n{lines}");
    check("RewriteRule ^/a /b", &["rewrite-engine-off 1"]);
    check(&on("RewriteCond %{HTTPS} off"), &["rewrite-cond-without-rule 2"]);
    check(&on("RewriteRule ^/a /${m:x}"), &["rewrite-undefined-map 2"]);
    check(&on("RewriteRule ^/a /${m:x}\nRewriteMap m int:tolower"), &[]);
    check(
        &on("RewriteCond %{HTTP:Connection} ^Upgrade$ [NC]\nRewriteRule ^/a /b"),
        &["rewrite-connection-anchored 2"],
    );
    check(&on("RewriteCond %{HTTP:Connection} upgrade [NC]\nRewriteRule ^/a /b"), &[]);
    check(&on("RewriteRule ^/a ws://h{REQUEST_URI} [P]"), &["rewrite-missing-percent 2"]);
    check(&on("RewriteCond %{X-Real-IP} ^1\nRewriteRule ^/a /b"), &["rewrite-unknown-variable 2"]);
    check(&on("RewriteCond %{HTTPS} -f [NC]\nRewriteRule ^/a /b"), &["rewrite-nocase-ignored 2"]);
    check(&on("RewriteRule ^/a/(.*) http://h/$1 [P]"), &["rewrite-unsafe-capture 2"]);
    check(&on("RewriteRule ^/a/(.*) http://h/?q=$1 [P,B,BNP]"), &[]);
    check(
        &on("RewriteCond %{HTTP:Upgrade} websocket [NC]\nRewriteRule .* ws://h/%{REQUEST_URI} [P]"),
        &["rewrite-replaceable 3"],
    );
    check(&on("RewriteRule ^abc /b"), &["rewrite-never-matches 2"]);
    check("<Directory /x>\nRewriteRule ^/abc /b\n</Directory>", &["rewrite-never-matches 2"]);
    check(&on("RewriteOptions MaxRedirects=3"), &["rewrite-max-redirects 2"]);
}

fn outputs(rules: &[Arc<Rule>]) -> String {
    rules.iter().map(|rule| String::from_utf8_lossy(&rule.output).into_owned()).collect::<Vec<_>>().join(" ")
}

#[test]
fn servers_inherit_as_httpd_has_it() {
    for (main, vhost, expected) in [
        ("", "", "v"),
        ("", "RewriteOptions Inherit", "v m"),
        ("", "RewriteOptions InheritBefore", "m v"),
        ("RewriteOptions InheritDown", "", "v m"),
        ("RewriteOptions InheritDownBefore", "", "m v"),
        ("RewriteOptions InheritDown", "RewriteOptions IgnoreInherit", "v"),
        // A vhost without options of its own has the main server's.
        ("RewriteOptions Inherit", "", "v m"),
        ("RewriteOptions Inherit", "RewriteOptions AllowAnyURI", "v"),
    ] {
        let config = read(&format!(
            "RewriteEngine On\n{main}\nRewriteRule ^/ m\n<VirtualHost *>\n{vhost}\nRewriteRule ^/ v\n</VirtualHost>"
        ));
        let merged = ServerConf::merge(&config.main.conf.rewrite, &config.vhosts[0].conf.rewrite);
        assert_eq!(outputs(&merged.rules), expected, "{main} / {vhost}");
        assert!(merged.engine.is_some_and(|on| *on) && merged.touched);
    }
}

#[test]
fn sections_replace_or_inherit() {
    let config = read(
        "<Location /a>\nRewriteRule x a\nRewriteBase /base\n</Location>\n<Location /a/b>\nRewriteRule x b\n</Location>\n\
         <Location /a/c>\nRewriteOptions InheritBefore MergeBase\nRewriteRule x c\n</Location>\n<Location /a/d>\n</Location>",
    );
    let section = |index: usize| &config.main.locations[index].conf.rewrite;
    let merged = |index: usize| DirConf::merge(section(0), section(index));
    assert_eq!(section(0).directory.as_deref(), Some("/a/"));
    assert_eq!((outputs(&merged(1).rules).as_str(), merged(1).base.is_none()), ("b", true));
    assert_eq!(outputs(&merged(2).rules), "a c");
    assert_eq!(merged(2).base.as_ref().map(|base| &*base.value), Some("/base"));
    assert_eq!((outputs(&merged(3).rules).as_str(), merged(3).directory.as_deref()), ("a", Some("/a/")));
}
