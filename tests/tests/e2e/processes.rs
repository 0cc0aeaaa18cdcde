//! The program as httpd's: its options, its background process, its PidFile.

use std::fs;

use wsgate_tests::{Configuration, Raw};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn a_background_process_is_started_told_and_ended() {
    let configuration = Configuration::new().with("Redirect /where http://one.test/");
    let pid_file = configuration.path("pid");
    let configuration = configuration.with(&format!("PidFile {}", pid_file.display()));
    let order = async |name: &str| {
        let output = configuration.httpd(&["-k", name]).await;
        (output.status.code(), text(&output.stdout))
    };
    assert_eq!(order("stop").await, (Some(0), "httpd (no pid file) not running\n".to_owned()));
    assert_eq!(order("start").await, (Some(0), String::new()));
    let pid = fs::read_to_string(&pid_file).unwrap();
    let mut client = Raw::connect(configuration.address()).await;
    client.request("GET /where", &[]).await;
    assert!(client.answer().await.0.starts_with("HTTP/1.1 302 "));
    assert_eq!(order("start").await, (Some(0), format!("httpd (pid {}) already running\n", pid.trim())));
    assert_eq!(order("graceful").await, (Some(0), String::new()));
    assert_eq!(order("stop").await, (Some(0), String::new()));
    assert!(client.rest().await.is_empty());
    let gone = async {
        while pid_file.exists() {
            tokio::task::yield_now().await;
        }
    };
    wsgate_tests::soon("the PidFile to go", gone).await;
}

#[tokio::test]
async fn a_start_that_fails_says_so() {
    let address = Configuration::new().address();
    let _taken = std::net::TcpListener::bind(address).unwrap();
    let configuration = Configuration::new().with(&format!("Listen {address}"));
    let pid_file = configuration.path("pid");
    let configuration = configuration.with(&format!("PidFile {}", pid_file.display()));
    let output = configuration.httpd(&["-k", "start"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains(&format!("cannot listen on {address}")));
    assert!(!pid_file.exists());
}

#[tokio::test]
async fn a_check_speaks_as_httpd_does() {
    let output = Configuration::new().httpd(&["-t"]).await;
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), "Syntax OK\n".to_owned()));
    let output = Configuration::new().with("Nonsense here").httpd(&["-t"]).await;
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.starts_with("AH00526: Syntax error on line 3 of ") && said.contains("httpd.conf:\nNonsense "),
        "{said}"
    );
}

#[tokio::test]
async fn certificates_are_listed_as_httpd_lists_them() {
    let configuration = Configuration::new().file("one.pem", "a certificate");
    let path = configuration.path("one.pem").display().to_string();
    let configuration = configuration.with(&format!("SSLEngine Off\nSSLCertificateFile {path}"));
    let output = configuration.httpd(&["-t", "-D", "DUMP_CERTS"]).await;
    assert_eq!(text(&output.stdout), format!("Server certificates:\n  {path}\n"));
    assert_eq!(text(&output.stderr), "Syntax OK\n");
}

#[tokio::test]
async fn virtual_hosts_are_listed_as_httpd_lists_them() {
    let vhost =
        |name: &str, alias: &str| format!("<VirtualHost *:81>\nServerName {name}\n{alias}</VirtualHost>");
    let configuration = Configuration::new()
        .with(&vhost("one.test", ""))
        .with(&vhost("two.test", "ServerAlias *.two.test\n"));
    let output = configuration.httpd(&["-S"]).await;
    let file = configuration.path("httpd.conf").display().to_string();
    let wanted = format!(
        "VirtualHost configuration:\n\
         *:81                   is a NameVirtualHost\n         \
         default server one.test ({file}:3)\n         \
         port 81 namevhost one.test ({file}:3)\n         \
         port 81 namevhost two.test ({file}:6)\n                 \
         wild alias *.two.test\nServerRoot: "
    );
    let said = text(&output.stdout);
    assert!(said.starts_with(&wanted), "{said}");
}

#[tokio::test]
async fn who_serves_is_told_as_httpd_tells_it() {
    let configuration = Configuration::new().with("User #1\nGroup #1");
    let output = configuration.httpd(&["-t", "-D", "DUMP_RUN_CFG"]).await;
    let used = if nix::unistd::geteuid().is_root() { "" } else { " not_used" };
    let wanted = format!("User: name=\"#1\" id=1{used}\nGroup: name=\"#1\" id=1{used}\n");
    let said = text(&output.stdout);
    assert!(said.ends_with(&wanted), "{said}");
}
