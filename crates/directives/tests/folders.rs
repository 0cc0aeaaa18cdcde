//! What Options and AllowOverride lines are taken to mean, alone and on top of each other.

use wsgate_directives::config::{Config, Merge};
use wsgate_directives::expand::expand;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::interpret::interpret;
use wsgate_directives::modules::core::Options;
use wsgate_directives::registry::Registry;

fn read(text: &str) -> Config {
    let files = MemoryFiles([("/c".to_owned(), text.as_bytes().to_vec())].into());
    interpret(expand("/c", &files, &Facts::default(), &Registry))
}

/// The codes of all findings about these lines in a folder.
#[track_caller]
fn check(lines: &str, expected: &[&str]) {
    let config = read(&format!("<Directory /srv>\n{lines}\n</Directory>"));
    let found: Vec<&str> = config.diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(found, expected, "{lines}\n{:#?}", config.diagnostics);
}

/// What is on where each block of lines stands in a scope of its own, the server first.
#[track_caller]
fn on(scopes: &[&str], expected: &[Options]) {
    let [server, folders @ ..] = scopes else { panic!("there is a server") };
    let folders: String =
        folders.iter().map(|lines| format!("<Directory /srv>\n{lines}\n</Directory>\n")).collect();
    let config = read(&format!("{server}\n{folders}"));
    let sections = config.main.directories.iter().map(|section| &section.conf.core.options);
    let merged = sections.fold(config.main.base.core.options, |outer, inner| Merge::merge(&outer, inner));
    let expected = expected.iter().fold(Options::NONE, |all, one| all.or(*one));
    assert_eq!(merged.on, expected, "{scopes:?}");
}

const FOLLOW: Options = Options::FOLLOW_SYM_LINKS;

#[test]
fn options_of_one_scope() {
    on(&[""], &[FOLLOW]);
    on(&["Options Indexes"], &[Options::INDEXES]);
    on(&["Options +Indexes"], &[Options::INDEXES, FOLLOW]);
    on(&["Options -FollowSymLinks +Indexes"], &[Options::INDEXES]);
    on(&["options none"], &[]);
    on(&["Options All"], &[Options::ALL]);
    on(&["Options None +Indexes"], &[Options::INDEXES]);
    on(&["Options All -Indexes"], &[Options::ALL.without(Options::INDEXES)]);
    on(&["Options None Indexes"], &[Options::INDEXES]);
    on(&["Options Indexes\nOptions +MultiViews"], &[Options::INDEXES, Options::MULTI_VIEWS]);
    on(&["Options IncludesNOEXEC"], &[Options::INCLUDES]);
    on(&["Options Includes"], &[Options::INCLUDES, Options::INCLUDES_EXEC]);
    on(&["Options"], &[FOLLOW]);
}

#[test]
fn options_on_top_of_each_other() {
    on(&["Options Indexes", "Options +MultiViews"], &[Options::INDEXES, Options::MULTI_VIEWS]);
    on(&["Options Indexes", "Options FollowSymLinks"], &[FOLLOW]);
    on(&["Options All", "Options -Indexes", "Options +Indexes"], &[Options::ALL]);
    on(&["Options +Indexes", "Options None", "Options +MultiViews"], &[Options::MULTI_VIEWS]);
    on(&["", "Options -FollowSymLinks", ""], &[]);
    // What was added is added again to what a scope between says exactly, and only there.
    on(&["", "Options +Indexes", "Options None", ""], &[]);
    on(&["", "Options SymLinksIfOwnerMatch"], &[Options::SYM_LINKS_IF_OWNER_MATCH]);
}

#[test]
fn options_that_are_mistakes() {
    check("Options Indexes +MultiViews", &["bad-argument"]);
    check("Options +Indexes MultiViews", &["bad-argument"]);
    check("Options Indexes None", &["bad-argument"]);
    check("Options +All", &["bad-argument"]);
    check("Options -None", &["bad-argument"]);
    check("Options None +Indexes MultiViews", &["bad-argument"]);
    check("Options Index", &["bad-argument"]);
    check("<Limit GET>\nOptions None\n</Limit>", &[]);
}

#[test]
fn options_that_are_not_done() {
    check("Options +MultiViews", &["not-negotiated"]);
    check("Options -MultiViews -ExecCGI", &[]);
    check("Options ExecCGI Includes Indexes", &["no-effect", "no-effect"]);
    check("Options All", &[]);
}

#[test]
fn what_htaccess_may_say() {
    check("AllowOverride All", &[]);
    check("AllowOverride authconfig FileInfo Indexes Limit Options=All,MultiViews Nonfatal=All", &[]);
    check("AllowOverrideList Redirect RewriteRule <IfModule", &[]);
    check("AllowOverrideList Include AllowOverride", &["not-overridable"; 2]);
    check("AllowOverride None", &[]);
    check("AllowOverride", &[]);
    check("AllowOverride None Foo", &["bad-argument"]);
    check("AllowOverride Nonfatal", &["bad-argument"]);
    check("AllowOverride Options=Foo", &["bad-argument"]);
    check("AllowOverride Nonfatal=Foo", &["ignored-argument"]);
    check("AllowOverrideList None", &[]);
    check("AllowOverrideList None Header", &["bad-argument"]);
    check("AllowOverrideList Foo Listen ServerName", &["not-overridable"; 3]);
    check("<Files a>\nAllowOverride None\n</Files>", &["section-too-late"]);
}

#[test]
fn where_it_may_be_said() {
    let codes = |text: &str| read(text).diagnostics.iter().map(|found| found.code).collect::<Vec<_>>();
    assert_eq!(codes("AllowOverride None"), ["wrong-context"]);
    assert_eq!(codes("<Location />\nAllowOverride None\n</Location>"), ["section-too-late"]);
    assert_eq!(codes("<DirectoryMatch a>\nAllowOverride None\n</DirectoryMatch>"), ["section-too-late"]);
    assert_eq!(codes("<Directory ~ a>\nAllowOverrideList None\n</Directory>"), ["section-too-late"]);
    assert_eq!(codes("<Directory /a>\nAccessFileName b\n</Directory>"), ["wrong-context"]);
    assert!(codes("AccessFileName a .b\nAccessFileName").is_empty());
}

#[test]
fn folders_are_read_as_the_disk_has_them() {
    let folder = |path: &str| match &read(&format!("<Directory {path}>\n</Directory>")).main.directories[..] {
        [section] => format!("{:?}", section.scope).split('"').nth(1).map(str::to_owned),
        _ => None,
    };
    assert_eq!(folder("/"), Some("/".to_owned()));
    assert_eq!(folder("/srv"), Some("/srv/".to_owned()));
    assert_eq!(folder("/srv//./a/../b/"), Some("/srv/b/".to_owned()));
    assert_eq!(folder("*"), Some("*/".to_owned()));
    assert_eq!(folder("/srv/../../etc"), None);
}
