//! Debian's layout: apache2.conf with its envvars, ports.conf, and folders of enabled modules and sites.

use std::process::Stdio;

use tokio::process::Command;
use wsgate_tests::{Configuration, soon, wsgate};

const APACHE2: &str = "
DefaultRuntimeDir ${APACHE_RUN_DIR}
PidFile ${APACHE_PID_FILE}
User ${APACHE_RUN_USER}
Group ${APACHE_RUN_GROUP}
ErrorLog ${APACHE_LOG_DIR}/error.log
IncludeOptional mods-enabled/*.load
IncludeOptional mods-enabled/*.conf
Include ports.conf
IncludeOptional conf-enabled/*.conf
IncludeOptional sites-enabled/*.conf
";

const ENVVARS: &str = "
unset HOME
if [ \"${APACHE_CONFDIR##/etc/apache2-}\" != \"${APACHE_CONFDIR}\" ] ; then
	SUFFIX=\"-${APACHE_CONFDIR##/etc/apache2-}\"
else
	SUFFIX=
fi
export APACHE_RUN_USER=www-data
export APACHE_RUN_GROUP=www-data
export APACHE_PID_FILE=/var/run/apache2$SUFFIX/apache2.pid
export APACHE_RUN_DIR=/var/run/apache2$SUFFIX
export APACHE_LOG_DIR=/tmp
export LANG=C
";

const SITE: &str = "
<VirtualHost *:80>
    ServerName chat.example.test
    ProxyPass /ws ws://127.0.0.1:9000/ws timeout=3600
    ErrorLog ${APACHE_LOG_DIR}/chat-error.log
    SetEnvIf Host ^chat ${NOT_SET}
</VirtualHost>
";

#[tokio::test]
async fn envvars_beside_the_file_are_taken() {
    let modules = ["proxy", "proxy_http", "proxy_wstunnel", "setenvif", "authz_core"];
    let loads =
        modules.map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"));
    let etc = Configuration::new()
        .file("apache2.conf", APACHE2)
        .file("envvars", ENVVARS)
        .file("ports.conf", "Listen 80\n")
        .file("mods-enabled/all.load", &loads.concat())
        .file("mods-available/unused.conf", "Nonsense\n")
        .file("conf-enabled/security.conf", "ServerTokens OS\nServerSignature On\nTraceEnable Off\n")
        .file("sites-enabled/000-chat.conf", SITE);
    let mut command = Command::new(wsgate());
    command.args(["check", "--format", "line", "-f"]).arg(etc.path("apache2.conf"));
    let clean = command.env_clear().stdin(Stdio::null());
    let output = soon("the check", clean.output()).await.unwrap();
    let found = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{found}");
    // One variable is not set anywhere, and the only one that is told of.
    let undefined: Vec<&str> = found.lines().filter(|line| line.contains("[undefined-variable]")).collect();
    assert_eq!(undefined.len(), 1, "{found}");
    assert!(undefined[0].contains("sites-enabled/000-chat.conf:6:"), "{found}");
}
