//! CustomLog, ErrorLog and their kin: what is accepted, and what is said about the rest.
#![allow(clippy::unwrap_used, reason = "these are tests")]

use wsgate_directives::config::Config;
use wsgate_directives::expand::expand;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::interpret::interpret;
use wsgate_directives::modules::core::Level;
use wsgate_directives::registry::Registry;

fn read(lines: &str) -> Config {
    let files = MemoryFiles([("/httpd.conf".to_owned(), lines.as_bytes().to_vec())].into());
    interpret(expand("/httpd.conf", &files, &Facts::default(), &Registry))
}

#[track_caller]
fn accepted(lines: &str) {
    let config = read(lines);
    assert_eq!(config.diagnostics, [], "{lines}");
}

/// Compares the column and the message of the only finding.
#[track_caller]
fn refused(line: &str, column: u32, message: &str) {
    let config = read(line);
    let [diagnostic] = config.diagnostics.as_slice() else { panic!("{line}: {:?}", config.diagnostics) };
    assert_eq!((diagnostic.span.unwrap().column, diagnostic.message.as_str()), (column, message), "{line}");
}

#[test]
fn access_logs() {
    accepted("LogFormat \"%h %I %{SSL_CIPHER}x\" a\nCustomLog logs/a a\nTransferLog \"|rotatelogs x\"");
    accepted("CustomLog logs/a %m env=!dull\nCustomLog logs/b %m \"expr=%{REQUEST_STATUS} -ge 500\"");
    accepted("GlobalLog logs/g common\n<VirtualHost *:80>\nCustomLog logs/v %m ENV=some\n</VirtualHost>");
    refused("CustomLog logs/a \"%h %y\"", 23, "%y is no code of a log format");
    refused("LogFormat %{a", 14, "the format ends within a code");
    refused("CustomLog logs/a %m env=", 21, "the name of an environment variable is missing");
    refused("CustomLog logs/a %m env=!", 21, "the name of an environment variable is missing");
    refused("CustomLog logs/a %m expr=", 21, "the condition is missing");
    refused("CustomLog logs/a %h %m", 21, "this is no condition");
    refused(
        "CustomLog logs/a %m \"expr=%{NO_SUCH} == 1\"",
        29,
        "bad expression: variable `NO_SUCH` does not exist",
    );
    refused("CustomLog logs/a", 1, "CustomLog takes two or three arguments");
    refused("<VirtualHost *:80>\nGlobalLog logs/g %m\n</VirtualHost>", 1, "GlobalLog is not allowed here");
}

#[test]
fn codes_belong_to_modules() {
    let loaded = "LoadModule ssl_module x.so\n";
    accepted(&format!("{loaded}LogFormat %I%x"));
    refused("LoadModule alias_module x.so\nLogFormat %x", 12, "%x is no code of a log format");
}

#[test]
fn error_logs() {
    accepted("ErrorLog logs/e\nErrorLogFormat \"[%{u}t] [%-m:%l] %M% ,\\ referer\\ %{Referer}i\"");
    accepted(
        "ErrorLogFormat request \"[%{uc}t] [R:%L] UA:'%+{User-Agent}i'\"\nErrorLogFormat Connection \"\"",
    );
    accepted("ErrorLog syslog:local3:gate\n<VirtualHost *:80>\nErrorLog |/bin/cat\n</VirtualHost>");
    refused("ErrorLog syslog:nothing", 10, "syslog has no such facility");
    refused("ErrorLogFormat %a", 16, "the format of messages has to hold the message: %M");
    refused("ErrorLogFormat \"%M %q\"", 21, "%q is no code of an error log");
    refused("ErrorLogFormat other %M", 16, "ErrorLogFormat takes connection or request before the format");
}

#[test]
fn log_levels() {
    accepted("LogLevel warn proxy:debug proxy_wstunnel_module:trace2 mod_rewrite.c:info");
    refused("LogLevel loud", 10, "\"loud\" is no log level");
    refused("LogLevel proxy:", 10, "\"\" is no log level");
    refused("LogLevel trace9", 10, "\"trace9\" is no log level");
    refused("LogLevel nothing:warn", 10, "there is no module nothing");
    refused("LoadModule alias_module x.so\nLogLevel proxy:debug", 10, "the module proxy is not loaded");
}

#[test]
fn a_level_for_all_forgets_those_before_it() {
    let config =
        read("LogLevel proxy:trace1 info core:error\n<Location />\nLogLevel proxy:debug\n</Location>");
    let server = &config.main.conf.core.log_levels;
    assert_eq!(server.of("proxy"), Some(Level::Info));
    assert_eq!(server.of("core"), Some(Level::Error));
    let section = &config.main.locations[0].conf.core.log_levels;
    assert_eq!((section.of("proxy"), section.of("core")), (Some(Level::Debug), None));
}
