//! What is said of directives that wsgate does not act on: without effect, refused, or accepted only as `Off`.

use wsgate_directives::expand::expand;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::interpret::interpret;
use wsgate_directives::registry::Registry;

/// The codes of all findings about a file of these lines.
#[track_caller]
fn check(lines: &str, codes: &[&str]) {
    let files = MemoryFiles([("/httpd.conf".to_owned(), lines.as_bytes().to_vec())].into());
    let config = interpret(expand("/httpd.conf", &files, &Facts::default(), &Registry));
    let found: Vec<&str> = config.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(found, codes, "{lines}\n{:#?}", config.diagnostics);
}

#[test]
fn what_changes_no_answer_is_a_note() {
    check("EnableSendfile Off", &["no-effect"]);
    check("SSLSessionCache shmcb:/run/ssl_scache(512000)", &["no-effect"]);
    check("<VirtualHost *:80>\nCacheEnable disk /\n</VirtualHost>", &["no-effect"]);
}

#[test]
fn parameters_of_workers_that_change_nothing_are_notes() {
    let check = |parameters: &str, notes: usize| {
        check(&format!("ProxyPass /a http://127.0.0.1/ {parameters}"), &vec!["no-effect"; notes]);
    };
    check("iobuffersize=4096 receivebuffersize=4096 flushwait=10 flusher=flush addressttl=60 secret=s", 6);
    check("keepalive=Off flushpackets=auto", 2);
    check("keepalive=On flushpackets=on", 0);
}

#[test]
fn limits_that_bind_nothing_here_are_notes() {
    check("LimitRequestBody 1048576", &[]);
    check("LimitRequestBody -1", &["bad-argument"]);
    check("LoadModule http2_module modules/mod_http2.so\nProtocolsHonorOrder Off", &["no-effect"]);
    check("ProtocolsHonorOrder On", &[]);
}

#[test]
fn sizes_of_pieces_that_nobody_sees_are_notes() {
    check("DeflateBufferSize 65536", &["no-effect"]);
    check("DeflateBufferSize 0", &["bad-argument"]);
}

#[test]
fn its_arguments_are_counted_all_the_same() {
    check("EnableMMAP", &["wrong-arguments"]);
    check("H2Push On Off", &["wrong-arguments"]);
}

#[test]
fn it_stands_only_where_httpd_takes_it() {
    check("<VirtualHost *:80>\nMutex default\n</VirtualHost>", &["wrong-context"]);
    check("<Location />\nAcceptFilter http none\n</Location>", &["wrong-context"]);
    check("<Location />\n<Files a>\nEnableMMAP Off\n</Files>\n</Location>", &["wrong-context"]);
    check("<Limit GET>\nEnableMMAP Off\n</Limit>", &["wrong-context"]);
    check("<Location />\n<Limit GET>\nEnableMMAP Off\n</Limit>\n</Location>", &["no-effect"]);
}

#[test]
fn what_would_change_an_answer_is_refused() {
    check("ScriptAlias /cgi-bin/ /usr/lib/cgi-bin/", &["scripts-not-run"]);
    check("<Location />\nAuthDigestProvider file\n</Location>", &["refused"]);
    check("OIDCClientID wsgate", &["refused"]);
    check("UserDir public_html", &["refused"]);
}

#[test]
fn a_refused_section_is_one_finding() {
    check("<MDomain example.org>\nMDRenewMode auto\nNoSuchDirective\n</MDomain>", &["refused"]);
}

#[test]
fn switched_off_is_how_it_is() {
    check("<Directory />\nDav Off\n</Directory>", &[]);
    check("<Directory />\nDav On\n</Directory>", &["dav-not-served"]);
    check("<Directory />\nDav filesystem\n</Directory>", &["dav-not-served"]);
    check("<Directory />\nDav none\n</Directory>", &["bad-argument"]);
    check("UserDir disabled root", &[]);
}

/// Parts of lines that are acted on otherwise.
#[test]
fn arguments_without_effect_are_told() {
    check("LoadFile /usr/lib/libxml2.so.2", &["no-effect"]);
    check("ProxyPass / balancer://b/ nonce=None growth=5 stickysession=A", &["no-effect", "no-effect"]);
    check("<Proxy balancer://b>\nProxySet Growth=5\n</Proxy>", &["no-effect"]);
    check("KeepAlive On Off\nKeepAlive On # as always", &["ignored-argument"]);
    check("ProxyPassReverse /a http://b/ retry=0", &["ignored-argument"]);
    check("ProxyPassReverse /a http://b/ interpolate", &[]);
    check("Listen 8080 ws\nListen 8081 http\nListen 8082 HTTPS", &["no-effect"]);
    check("ProxyPass /a ! timeout=5", &["ignored-argument"]);
    check("ErrorLogFormat \"[%t] %E: %M\"", &["no-effect"]);
    check("ErrorLogFormat request \"%{A}e %{B}n %L\"", &["no-effect", "no-effect"]);
    check("ErrorLogFormat \"[%t] [%l] %M\"\nErrorLogFormat request \"\"", &[]);
    check("<Location />\nAnonymous_LogEmail On\n</Location>", &["no-effect"]);
    check("<Location />\nAnonymous_LogEmail Off\n</Location>", &[]);
}

#[test]
fn protocols_that_are_not_spoken() {
    check("Protocols h2 h2c http/1.1", &[]);
    check("LoadModule http2_module x.so\nProtocols h2 http/1.1", &[]);
    check("LoadModule ssl_module x.so\nProtocols h2 http/1.1", &["unknown-protocol"]);
    check("Protocols acme-tls/1 http/1.1", &["unknown-protocol"]);
}

#[test]
fn sections_that_come_too_late() {
    check("<If true>\n<Files a>\nRequire all denied\n</Files>\n</If>", &["section-too-late"]);
    check(
        "<Location />\n<If true>\n<FilesMatch a>\n</FilesMatch>\n</If>\n</Location>",
        &["section-too-late"],
    );
    check("<Proxy *>\n<Files a>\n</Files>\n</Proxy>", &["section-too-late"]);
    check("<Proxy http://b/>\nProxyPass http://c/\n</Proxy>", &["section-too-late"]);
    check("<Proxy *>\nAlias /srv\n</Proxy>", &["section-too-late"]);
    check("<Files a>\n<If true>\nRequire all denied\n</If>\n</Files>", &[]);
    check("<Location /a>\nProxyPass http://c/\n</Location>", &[]);
}
