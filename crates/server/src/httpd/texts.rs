//! What httpd prints about itself, as it prints it: scripts read it.

use wsgate_directives::diag::{Diagnostic, Severity};
use wsgate_directives::modules;
use wsgate_directives::registry::{Contexts, Module, Overrides, Status};
use wsgate_directives::span::Sources;

use crate::render::{Format, render, syntax_error};

/// ServerRoot where `-d` does not say.
pub(super) const HTTPD_ROOT: &str = "/etc/apache2";
/// The configuration file where `-f` does not say, below ServerRoot.
pub(super) const SERVER_CONFIG_FILE: &str = "apache2.conf";
/// PidFile where the configuration does not say, below ServerRoot.
pub(super) const DEFAULT_PIDLOG: &str = "logs/httpd.pid";

/// The release whose directives and answers these are, and who gives them.
const DESCRIPTION: &str = concat!("Apache/2.4.71 (wsgate/", env!("CARGO_PKG_VERSION"), ")");
/// `MODULE_MAGIC_NUMBER` of that release: programs ask it what directives there are.
const MAGIC: &str = "20120211:142";

/// `-v`.
pub(super) fn version() -> String {
    format!("Server version: {DESCRIPTION}\nServer built:   wsgate {}\n", env!("CARGO_PKG_VERSION"))
}

/// `-V`.
pub(super) fn settings() -> String {
    let bits = usize::BITS;
    version()
        + &format!(
            "Server's Module Magic Number: {MAGIC}\n\
             Architecture:   {bits}-bit\n\
             Server MPM:     event\n  \
               threaded:     yes (fixed thread count)\n    \
                 forked:     no\n\
             Server compiled with....\n \
              -D APR_HAVE_IPV6 (IPv4-mapped addresses enabled)\n \
              -D AP_HAVE_RELIABLE_PIPED_LOGS\n \
              -D HTTPD_ROOT=\"{HTTPD_ROOT}\"\n \
              -D DEFAULT_PIDLOG=\"{DEFAULT_PIDLOG}\"\n \
              -D DEFAULT_ERRORLOG=\"logs/error_log\"\n \
              -D SERVER_CONFIG_FILE=\"{SERVER_CONFIG_FILE}\"\n"
        )
}

/// All known modules. What the MPMs share is no module of httpd's.
pub(super) fn of_httpd() -> impl Iterator<Item = &'static Module> {
    modules::all().filter(|module| module.file != modules::mpm::COMMON.file)
}

/// `-l`: the modules that wsgate does the work of are built in.
pub(super) fn module_list() -> String {
    let mut names: Vec<&str> =
        of_httpd().filter(|module| module.implemented).map(|module| module.file).collect();
    names.sort_unstable();
    names.into_iter().fold("Compiled in modules:\n".to_owned(), |text, name| text + "  " + name + "\n")
}

/// `-L`: what is taken, by module.
pub(super) fn directives() -> String {
    let mut text = String::new();
    for module in modules::all().filter(|module| module.implemented) {
        for row in module.rows.iter().filter(|row| !matches!(row.status, Status::Refused(..))) {
            let name = row.name.trim_end_matches('>');
            text += &format!("{name} ({})\n\t{}\n\t{}\n", module.file, row.doc, place(row.contexts));
        }
    }
    text
}

/// httpd's `show_overrides`.
fn place(contexts: Contexts) -> String {
    let server = contexts.allows(Contexts::GLOBAL) || contexts.allows(Contexts::VHOST);
    let section = contexts.allows(Contexts::LOCATION) || contexts.allows(Contexts::DIRECTORY);
    let place = match (server, section) {
        (true, true) => "anywhere",
        (true, false) => "only outside <Directory>, <Files>, <Location>, or <If>",
        _ => "only inside <Directory>, <Files>, <Location>, or <If>",
    };
    let files = match contexts.overrides {
        Overrides::NONE => String::new(),
        Overrides::ALL => " and in .htaccess\n\twhen AllowOverride isn't None".to_owned(),
        some => format!(" and in .htaccess\n\twhen AllowOverride includes {}", some.names().join(" or ")),
    };
    format!("Allowed in *.conf {place}{files}")
}

/// How to use it (`usage`).
pub(super) fn usage(program: &str) -> String {
    let pad = " ".repeat(program.len());
    format!(
        "Usage: {program} [-D name] [-d directory] [-f file]\n       \
         {pad} [-C \"directive\"] [-c \"directive\"]\n       \
         {pad} [-k start|restart|graceful|graceful-stop|stop]\n       \
         {pad} [-v] [-V] [-h] [-l] [-L] [-t] [-T] [-S] [-X]\n{OPTIONS}"
    )
}

const OPTIONS: &str = "Options:
  -D name            : define a name for <IfDefine name>, or name=value
  -d directory       : ServerRoot until the configuration sets it
  -f file            : the configuration file
  -C \"directive\"     : a directive to read before the configuration
  -c \"directive\"     : a directive to read behind the configuration
  -e level           : the level of messages while starting
  -E file            : the file for messages while starting
  -v                 : print the version
  -V                 : print the version and the defaults
  -h                 : print this
  -l                 : list the modules that are built in
  -L                 : list the directives that are known
  -t -D DUMP_VHOSTS  : show the virtual hosts
  -t -D DUMP_RUN_CFG : show the settings of the process
  -S                 : both of these
  -t -D DUMP_MODULES : show the modules that count as loaded
  -M                 : the same
  -t -D DUMP_INCLUDES: show the files that are read
  -t -D DUMP_CERTS   : check the configuration, and show the files of certificates
  -t                 : check the configuration
  -T                 : taken for httpd's sake
  -X                 : stay in the foreground
";

/// Findings in httpd's words for where they are; notes are `wsgate check`'s.
pub(super) fn findings(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut text = String::new();
    for finding in diagnostics {
        match (finding.severity, syntax_error(finding, sources)) {
            (Severity::Note, _) => {}
            (_, Some(place)) => {
                text += &format!("AH00526: {place}:\n");
                text += &finding.message;
                text += &finding.help.as_ref().map_or_else(String::new, |help| format!(" ({help})"));
                text += "\n";
            }
            _ => text += &render(std::slice::from_ref(finding), sources, Format::Line, false),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What httpd's test framework and Debian's scripts look for.
    #[test]
    fn scripts_find_what_they_look_for() {
        assert!(version().starts_with("Server version: Apache/2.4."));
        let settings = settings();
        for line in
            ["Server MPM:     event\n", " -D HTTPD_ROOT=\"/etc/apache2\"\n", "Magic Number: 20120211:"]
        {
            assert!(settings.contains(line), "{settings}");
        }
        let modules = module_list();
        for name in ["core.c", "http_core.c", "event.c", "mod_proxy.c", "mod_rewrite.c"] {
            assert!(modules.contains(&format!("\n  {name}\n")), "{modules}");
        }
        assert!(!modules.contains("mpm_common"));
    }

    #[test]
    fn directives_are_listed_with_their_places() {
        let text = directives();
        let outside = "only outside <Directory>, <Files>, <Location>, or <If>";
        assert!(text.contains("Listen (") && text.contains(&format!("\n\tAllowed in *.conf {outside}\n")));
        assert!(text.contains("<Location (core.c)\n"));
    }
}
