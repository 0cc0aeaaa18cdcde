//! What mod_headers, mod_env, mod_setenvif and mod_alias take and refuse, and how their settings are merged.

use wsgate_directives::config::{Config, Merge};
use wsgate_directives::expand::expand;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::interpret::interpret;
use wsgate_directives::modules::alias::From;
use wsgate_directives::registry::Registry;

fn read(lines: &str) -> Config {
    let files = MemoryFiles([("/httpd.conf".to_owned(), lines.as_bytes().to_vec())].into());
    let facts = Facts { server_root: "/etc/httpd".to_owned(), ..Facts::default() };
    interpret(expand("/httpd.conf", &files, &facts, &Registry))
}

/// The codes of all findings.
#[track_caller]
fn check(lines: &str, codes: &[&str]) {
    let config = read(lines);
    let found: Vec<&str> = config.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(found, codes, "{lines}\n{:#?}", config.diagnostics);
}

#[test]
fn header_lines() {
    for line in [
        "Header set A b",
        "Header ALWAYS Set A: b env=!C",
        "Header onsuccess unset A early",
        "Header unset A expr=true",
        "Header edit A b c \"expr=%{REQUEST_URI} == '/'\"",
        "Header edit* A b expr=%{REQUEST_URI}",
        "Header echo ^X-",
        "Header note A b",
        "Header set A \"\"",
        "Header set A %",
        "RequestHeader set A %{B}e",
        "RequestHeader setifempty A b early",
    ] {
        check(line, &[]);
    }
    for (line, code) in [
        ("Header set", "bad-argument"),
        ("Header set A", "bad-argument"),
        ("Header put A b", "bad-argument"),
        ("Header set A b c", "bad-argument"),
        ("Header set A b early d", "wrong-arguments"),
        ("Header set A b c d e", "wrong-arguments"),
        ("Header unset A early b", "wrong-arguments"),
        ("Header edit A b", "bad-argument"),
        ("Header edit A ( b", "bad-regex"),
        ("Header echo (", "bad-regex"),
        ("Header set A %x", "bad-argument"),
        ("Header set A %l", "refused"),
        ("Header set A b env=", "bad-argument"),
        ("Header set A b env=!", "bad-argument"),
        ("Header set A b \"expr=nothing at all\"", "bad-expression"),
        ("Header set A expr=%{NOTHING}", "bad-expression"),
        ("Header set A expr=%{LAST_MODIFIED}", "refused"),
        ("Header set \"A B\" c", "bad-field-name"),
        ("RequestHeader set \"A B\" c", "bad-field-name"),
        ("RequestHeader echo A", "bad-argument"),
        ("RequestHeader note A b", "bad-argument"),
        ("RequestHeader always set A b", "bad-argument"),
    ] {
        check(line, &[code]);
    }
    check("<Location />\nHeader set A b early\n</Location>", &["early-in-section"]);
}

#[test]
fn environment_lines() {
    for line in [
        "SetEnv A",
        "SetEnvIf Host a B=1 !C D",
        "SetEnvIfNoCase ^X- (a) B=$1",
        "BrowserMatch ^Mozilla nokeepalive",
        "SetEnvIfExpr \"%{REQUEST_URI} =~ /a/\" B",
        "UnsetEnv A B",
    ] {
        check(line, &[]);
    }
    for (line, code) in [
        ("SetEnv A=b", "env-name-with-equals"),
        ("PassEnv A", "env-not-set"),
        ("SetEnv A b c", "wrong-arguments"),
        ("SetEnvIf", "bad-argument"),
        ("SetEnvIf Host", "bad-argument"),
        ("SetEnvIf Host a", "bad-argument"),
        ("SetEnvIf Host ( A", "bad-regex"),
        ("SetEnvIf ( a A", "bad-regex"),
        ("BrowserMatch", "bad-argument"),
        ("SetEnvIfExpr nothing A", "bad-expression"),
    ] {
        check(line, &[code]);
    }
}

#[test]
fn alias_lines() {
    for line in [
        "Alias /a /b",
        "AliasMatch ^/a(.*) /b$1",
        "Redirect /a http://b/",
        "Redirect permanent /a /b",
        "Redirect gone /a",
        "Redirect 404 /a",
        "RedirectMatch 307 ^/a(.*) $1",
        "<Location /a>\nAlias /b\nRedirect 301 http://b/%{REQUEST_URI}\n</Location>",
        "<Location /a>\nRedirect gone\n</Location>",
        "<Directory /a>\nRedirect /a http://b/\n</Directory>",
    ] {
        check(line, &[]);
    }
    for (line, code) in [
        ("Alias /a", "bad-argument"),
        ("<Location /a>\nAlias /a /b\n</Location>", "wrong-context"),
        ("Alias /a /b\nAlias /a/c /d", "alias-overlaps"),
        ("AliasMatch ( /b", "bad-regex"),
        ("ScriptAlias /a /b", "scripts-not-run"),
        ("Redirect /a", "bad-argument"),
        ("Redirect 301 /a", "bad-argument"),
        ("Redirect gone /a http://b/", "bad-argument"),
        ("Redirect nothing /a http://b/", "bad-argument"),
        ("Redirect /a b", "bad-argument"),
        ("RedirectMatch ( http://b/", "bad-regex"),
        ("RedirectMatch ^/a \"\"", "wrong-arguments"),
        ("RedirectTemp /a", "wrong-arguments"),
    ] {
        check(line, &[code]);
    }
}

#[test]
fn error_documents() {
    for line in ["ErrorDocument 404 /a", "ErrorDocument 302 text", "ErrorDocument 500 \"%{REQUEST_URI}\""] {
        check(line, &[]);
    }
    // Of 2.4, that is: trunk knows them.
    for unknown in ["600", "418", "425"] {
        check(&format!("ErrorDocument {unknown} a"), &["bad-argument"]);
    }
    check("ErrorDocument 404 %{NOTHING}", &["bad-expression"]);
    check("ErrorDocument 401 http://a/", &["error-document-401"]);
}

#[test]
fn inner_settings_stand_on_outer_ones() {
    let outer = read("SetEnv A outer\nSetEnv B outer\nRedirect /a http://outer/\nHeader set A outer");
    let inner =
        read("SetEnv C inner\nUnsetEnv a C\nSetEnv B inner\nRedirect /b http://inner/\nHeader set A inner");
    let dir = Merge::merge(&outer.main.base, &inner.main.base);
    assert_eq!(dir.env.vars, [("B".into(), "inner".into())]);
    // What UnsetEnv takes away is gone for the scopes inside as well, but it takes nothing from those.
    let again = Merge::merge(&dir, &outer.main.base);
    assert_eq!(again.env.vars, [("B".into(), "outer".into()), ("A".into(), "outer".into())]);
    assert_eq!(dir.headers.onsuccess.len(), 2);
    let conf = Merge::merge(&outer.main.conf, &inner.main.conf);
    let paths = conf.alias.redirects.iter().map(|redirect| match &redirect.from {
        From::Prefix(path) => &**path,
        From::Regex(_) => "",
    });
    assert_eq!(paths.collect::<Vec<_>>(), ["/b", "/a"]);
}

/// What no request could be asked is refused wherever an expression stands.
#[test]
fn expressions_that_nobody_answers() {
    for line in [
        "CustomLog /l %h \"expr=%{LAST_MODIFIED} == 'x'\"",
        "RewriteCond expr \"%{SCRIPT_USER} == 'x'\"",
        "SetEnvIfExpr \"%{LAST_MODIFIED} == 'x'\" A",
    ] {
        check(line, &["refused"]);
    }
}
