//! `wsgate check`: what it finds, how it says it, and how it exits.

use std::process::Output;

use wsgate_tests::Configuration;

fn text(output: &Output) -> String {
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The findings, one a line, without the folder of the test.
async fn lines(configuration: &Configuration) -> (Option<i32>, String) {
    let output = configuration.check(&["--format", "line"]).await;
    let folder = format!("{}/", configuration.path("").display()).replace("//", "/");
    (output.status.code(), text(&output).replace(&folder, ""))
}

#[tokio::test]
async fn a_good_configuration_is_accepted() {
    let configuration =
        Configuration::new().with("ProxyWebsocketIdleTimeout 60\nProxyPass /ws ws://127.0.0.1:9/ws");
    let output = configuration.check(&[]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("accepted: 0 errors"));
}

#[tokio::test]
async fn all_faults_are_found_in_one_run_with_file_line_and_column() {
    let configuration = Configuration::new()
        .with("ProxyPas /a ws://b/\n<Location /x>\nListen 81\n</Location>")
        .with("Include more.conf")
        .file("more.conf", "Timeout\n\n  SecRuleEngine On\nProxyPass /b ws://c:port/\n");
    let (code, found) = lines(&configuration).await;
    assert_eq!(code, Some(1));
    for expected in [
        "httpd.conf:3:1: error[unknown-directive]: ",
        "httpd.conf:5:1: error[wrong-context]: ",
        "more.conf:1:1: error[wrong-arguments]: ",
        "more.conf:3:3: error[",
        "more.conf:4:14: error[",
    ] {
        assert!(found.contains(expected), "{expected} is not in:\n{found}");
    }
    assert!(found.contains("did you mean ProxyPass?"), "{found}");
}

#[tokio::test]
async fn text_shows_the_line_and_the_way_to_it() {
    let configuration =
        Configuration::new().with("Include more.conf").file("more.conf", "ProxyPas /a ws://b/\n");
    let output = configuration.check(&[]).await;
    let shown = text(&output);
    assert_eq!(output.status.code(), Some(1));
    for expected in
        ["error[unknown-directive]", "ProxyPas /a ws://b/", "^^^^^^^^", "included from ", "httpd.conf:3"]
    {
        assert!(shown.contains(expected), "{expected} is not in:\n{shown}");
    }
}

/// What scripts look for that were made for `httpd -t`: the line and the file of the first error, as httpd counts them.
#[tokio::test]
async fn the_first_error_is_also_told_in_the_words_of_httpd() {
    let macro_lines = "<Macro m $x>\nTimeout 5\nNonsense $x\n</Macro>\nUse m a";
    let cases = [
        ("ProxyPas \\\n/a \\\nws://b/", "Syntax error on line 5 of FOLDER/httpd.conf: ProxyPas "),
        ("Include more.txt", "Syntax error on line 2 of FOLDER/more.txt: "),
        (macro_lines, "Syntax error on line 2 of macro 'm' (defined on line 3 of \"FOLDER/httpd.conf\")"),
        (
            "<IfModule no.c>\n</IfDefine>\n</IfModule>",
            "Syntax error on line 3 of FOLDER/httpd.conf: Expected ",
        ),
    ];
    for (lines, expected) in cases {
        let configuration = Configuration::new().with(lines).file("more.txt", "Timeout 5\nNonsense\n");
        let shown = text(&configuration.check(&[]).await);
        let folder = configuration.path("").display().to_string();
        let expected = expected.replace("FOLDER", folder.trim_end_matches('/'));
        assert!(shown.contains(&expected), "{expected} is not in:\n{shown}");
    }
}

#[tokio::test]
async fn json_is_one_object_a_finding() {
    let configuration = Configuration::new().with("ProxyPas /a ws://b/");
    let output = configuration.check(&["--format", "json"]).await;
    let shown = text(&output);
    let error = shown.lines().find(|line| line.contains("unknown-directive")).unwrap();
    assert!(error.starts_with('{') && error.ends_with('}'), "{error}");
    for expected in
        [r#""severity":"error""#, r#""line":3"#, r#""column":1"#, r#""length":8"#, r#"/httpd.conf""#]
    {
        assert!(error.contains(expected), "{expected} is not in:\n{error}");
    }
}

#[tokio::test]
async fn what_serve_could_not_load_is_not_accepted() {
    let configuration = Configuration::new()
        .with("SSLEngine On\nSSLCertificateFile /no/such/file.pem\nSSLCertificateKeyFile /no/such/key.pem");
    let (code, found) = lines(&configuration).await;
    assert_eq!(code, Some(1), "{found}");
    assert!(found.contains("/no/such/file.pem"), "{found}");
}

#[tokio::test]
async fn refusals_say_what_to_do_and_defines_hide_them() {
    let configuration = Configuration::new().with("<IfDefine !WSGATE>\nSSLFIPS On\n</IfDefine>");
    let refused = configuration.check(&["--format", "line"]).await;
    assert_eq!(refused.status.code(), Some(1), "{}", text(&refused));
    assert!(text(&refused).contains("error[refused]"), "{}", text(&refused));
    let accepted = configuration.check(&["-D", "WSGATE"]).await;
    assert_eq!(accepted.status.code(), Some(0), "{}", text(&accepted));
}

#[tokio::test]
async fn a_missing_file_is_a_fault_and_no_panic() {
    let output = Configuration::new().check(&["-c", "Include nowhere.conf", "--format", "line"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("-c/-C directives:1:"), "{}", text(&output));
}
