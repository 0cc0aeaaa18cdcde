//! What is said of access rules, users and passwords that are not right.

use wsgate_directives::expand::expand;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::interpret::interpret;
use wsgate_directives::registry::Registry;

/// The code of the first finding about these lines in a Location, or nothing.
#[track_caller]
fn check(lines: &str, expected: &str) {
    let text = format!("<Location />\n{lines}\n</Location>");
    let files = MemoryFiles([("/c".to_owned(), text.into_bytes())].into());
    let config = interpret(expand("/c", &files, &Facts::default(), &Registry));
    let found = config.diagnostics.first().map_or("", |found| found.code);
    assert_eq!(found, expected, "{lines}\n{:#?}", config.diagnostics);
}

#[test]
fn rules() {
    for (lines, expected) in [
        ("Require all granted", ""),
        ("Require ALL granted", "bad-argument"),
        ("Require all Granted", ""),
        ("Require all allowed", "bad-argument"),
        ("Require", "bad-argument"),
        ("Require not all granted", "bad-argument"),
        ("Require ip 10 192.168.1.0/24 fe80::/10", ""),
        ("Require ip", "bad-argument"),
        ("Require ip 10.0.0.0/33", "bad-argument"),
        ("Require ip example.org", "bad-argument"),
        ("Require host example.org", "refused"),
        ("Require host localhost", ""),
        ("Require forward-dns example.org", "refused"),
        ("Require method GET FOO", "bad-argument"),
        ("Require expr %{REMOTE_USER} == 'x'", ""),
        ("Require expr \"%{REMOTE_USER} == 'x'\"", ""),
        ("Require expr %{NONSENSE} == 'x'", "bad-expression"),
        ("Require expr %{LAST_MODIFIED} == 'x'", "refused"),
        ("Require user %{NONSENSE}", "bad-expression"),
        ("Require ldap-group cn=x", "refused"),
        ("Require shib-session", "bad-argument"),
        ("Require ssl now", "bad-argument"),
        ("<RequireAny>\n</RequireAny>", "bad-argument"),
        ("<RequireAny>\nRequire not ip 10\n</RequireAny>", "bad-argument"),
        ("<RequireNone>\nRequire ip 10\n</RequireNone>", "bad-argument"),
        ("<RequireAll>\nRequire not ip 10\n</RequireAll>", "bad-argument"),
        (
            "<RequireAll>\nRequire all granted\n<RequireAll>\nRequire not ip 10\n</RequireAll>\n</RequireAll>",
            "",
        ),
        (
            "<RequireAll>\nRequire all granted\n<RequireNone>\nRequire ip 10\n</RequireNone>\n</RequireAll>",
            "",
        ),
        ("<RequireAll x>\nRequire all granted\n</RequireAll>", "bad-argument"),
        ("AuthMerging Xor", "bad-argument"),
    ] {
        check(lines, expected);
    }
}

#[test]
fn rules_of_old() {
    for (lines, expected) in [
        ("Order Allow,Deny\nAllow from all", ""),
        ("Order Allow, Deny", "wrong-arguments"),
        ("Order first", "bad-argument"),
        ("Allow all", "wrong-arguments"),
        ("Allow to all", "bad-argument"),
        ("Deny from env=a env=!b 10 1.2.3.4/16 ::1", ""),
        ("Deny from 10.0.0.0/x", "bad-argument"),
        ("Deny from name/8", "bad-argument"),
        ("Allow from example.org", "refused"),
        ("Allow from a#b", "bad-argument"),
        ("Satisfy none", "bad-argument"),
        ("AllowMethods", "wrong-arguments"),
        ("AllowMethods GET FOO", "bad-argument"),
        ("<Limit TRACE>\n</Limit>", "bad-argument"),
        ("<LimitExcept TRACE>\n</LimitExcept>", ""),
        ("<Limit>\n</Limit>", "bad-argument"),
        ("<Limit GET>\n<Limit POST>\n</Limit>\n</Limit>", "bad-argument"),
        ("<Limit GET>\n<LimitExcept POST>\n</LimitExcept>\n</Limit>", "bad-argument"),
        ("<LimitExcept GET>\n<Limit POST>\nRequire all denied\n</Limit>\n</LimitExcept>", ""),
    ] {
        check(lines, expected);
    }
}

#[test]
fn users() {
    for (lines, expected) in [
        ("AuthType Basic\nAuthName r\nAuthUserFile users\nAuthGroupFile groups", ""),
        ("AuthType Digest", "refused"),
        ("AuthType form", "refused"),
        ("AuthType openid-connect", "auth-type-unknown"),
        ("AuthType None", ""),
        ("AuthType %{NONSENSE}", "bad-expression"),
        ("AuthName a b", "wrong-arguments"),
        ("AuthBasicProvider file anon socache", ""),
        ("AuthBasicProvider ldap", "refused"),
        ("AuthBasicUseDigestAlgorithm MD5", "refused"),
        ("AuthBasicUseDigestAlgorithm Off", "no-effect"),
        ("AuthBasicFake %{REMOTE_USER} x", ""),
        ("Anonymous guest *\nAnonymous_MustGiveEmail Off", ""),
        ("Anonymous \"\"", "wrong-arguments"),
    ] {
        check(lines, expected);
    }
}
