//! Answers that are no 101, and requests that ask for none.

use wsgate_tests::{Backend, Configuration};

#[tokio::test]
async fn a_refused_upgrade_is_an_ordinary_answer_and_the_connection_is_kept() {
    let answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\nX-Why: mood\r\n\r\nnot today";
    let refusing = Backend::answering(answer).await;
    let echo = Backend::echo().await;
    let gateway = Configuration::new().tunnelling("/no", &refusing).tunnelling("/ws", &echo).serve().await;
    let mut client = gateway.connect().await;
    for _ in 0..3 {
        client.ask_for_websocket("/no").await;
        let (head, body) = client.answer().await;
        assert!(
            head.starts_with("HTTP/1.1 403 ") && head.to_ascii_lowercase().contains("x-why: mood"),
            "{head}"
        );
        assert_eq!(body, "not today");
    }
    client.open_tunnel("/ws").await;
}

#[tokio::test]
async fn a_backend_that_is_gone_is_503_and_one_that_says_nothing_is_502() {
    let mute = Backend::scripted(|mut connection| async move { drop(connection.head().await) }).await;
    let gone = Backend::echo().await;
    let configuration = Configuration::new().tunnelling("/mute", &mute).tunnelling("/gone", &gone);
    drop(gone);
    let gateway = configuration.serve().await;
    for (path, status) in [("/mute", "502"), ("/gone", "503"), ("/nowhere", "404")] {
        let mut client = gateway.connect().await;
        client.ask_for_websocket(path).await;
        let head = client.head().await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {head}");
    }
    gateway.says(": connection refused: Connection refused (os error ").await;
}

#[tokio::test]
async fn balancers_are_shown_with_how_their_members_fare() {
    let echo = Backend::echo().await;
    let members = format!("BalancerMember ws://{echo}/a route=one\nBalancerMember ws://{echo}/b status=+H");
    let gateway = Configuration::new()
        .with(&format!("<Proxy balancer://pair>\n{members}\n</Proxy>\nProxyPass /ws balancer://pair"))
        .with("<Location /balancers>\nSetHandler balancer-manager\n</Location>")
        .serve()
        .await;
    gateway.connect().await.open_tunnel("/ws").await;
    let mut client = gateway.connect().await;
    client.request("GET /balancers", &["Connection: close"]).await;
    let page = String::from_utf8(client.rest().await).unwrap();
    assert!(page.contains("<title>Balancer Manager</title>") && page.contains("balancer://pair"), "{page}");
    let first = format!(
        "<td>ws://{echo}/a</td><td>one</td><td></td><td>1.00</td><td>0</td><td>Init Ok </td><td>1</td>"
    );
    assert!(page.contains(&first) && page.contains("<td>Init Stby Ok </td><td>0</td>"), "{page}");
}

#[tokio::test]
async fn an_answer_that_is_cut_short_is_told() {
    let backend = Backend::scripted(|mut connection| async move {
        connection.head().await;
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").await;
    })
    .await;
    let gateway = Configuration::new().with(&format!("ProxyPass / http://{backend}/")).serve().await;
    let mut client = gateway.connect().await;
    client.request("GET /", &[]).await;
    assert!(client.rest().await.ends_with(b"half"));
    gateway.says(&format!("{backend}: answer's body cut short")).await;
}

#[tokio::test]
async fn an_answer_that_is_broken_from_the_start_is_502() {
    let backend = Backend::answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\n").await;
    let gateway = Configuration::new().with(&format!("ProxyPass / http://{backend}/")).serve().await;
    let mut client = gateway.connect().await;
    client.request("GET /", &[]).await;
    let head = client.head().await;
    assert!(
        head.starts_with("HTTP/1.1 502 Bad Gateway\r\n") && head.contains("Connection: close\r\n"),
        "{head}"
    );
    assert!(!head.contains("Content-Length"), "its length is not told: {head}");
    assert!(client.rest().await.ends_with(b"</html>\n"));
    gateway.says(&format!("{backend}: answer's chunks are broken")).await;
}

#[tokio::test]
async fn who_holds_a_body_back_is_refused_at_once() {
    let lines = "Redirect gone /gone\nRedirect 404 /lost\nErrorDocument 404 /gone\n";
    let gateway = Configuration::new().with(lines).serve().await;
    for (path, status) in [("/gone", "410 Gone"), ("/lost", "404 Not Found")] {
        let mut client = gateway.connect().await;
        client.request(&format!("POST {path}"), &["Content-Length: 3", "Expect: 100-continue"]).await;
        let (head, _) = client.answer().await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{head}");
        assert!(head.contains("Connection: close\r\n"), "{head}");
    }
}

#[tokio::test]
async fn an_error_that_ends_the_connection_does_not_wait_for_the_body() {
    let gateway = Configuration::new().with("Redirect 503 /\n").serve().await;
    let mut client = gateway.connect().await;
    client.request("POST /", &["Content-Length: 3"]).await;
    let (head, _) = client.answer().await;
    assert!(head.starts_with("HTTP/1.1 503 ") && head.contains("Connection: close\r\n"), "{head}");
}

#[tokio::test]
async fn a_body_that_is_there_goes_on_with_its_length_though_the_client_would_wait() {
    let backend = Backend::scripted(|mut connection| async move {
        let head = connection.head().await;
        connection.send("HTTP/1.1 100 Continue\r\n\r\n").await;
        let fine = head.contains("Content-Length: 3\r\n") && connection.bytes(3).await == b"abc";
        let status = if fine { 200 } else { 400 };
        connection.send(format!("HTTP/1.1 {status} Seen\r\nContent-Length: 0\r\n\r\n")).await;
    })
    .await;
    let gateway = Configuration::new().with(&format!("ProxyPass / http://{backend}/")).serve().await;
    let mut client = gateway.connect().await;
    let fields = "Host: h\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n";
    client.send(format!("POST / HTTP/1.1\r\n{fields}1\r\na\r\n2\r\nbc\r\n0\r\n\r\n")).await;
    assert!(client.head().await.starts_with("HTTP/1.1 100 "));
    assert!(client.head().await.starts_with("HTTP/1.1 200 Seen"));
}

#[tokio::test]
async fn a_101_that_was_not_asked_for_is_502() {
    let answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n";
    let backend = Backend::answering(answer).await;
    let gateway = Configuration::new().tunnelling("/ws", &backend).serve().await;
    let mut client = gateway.connect().await;
    client.ask_for_websocket("/ws").await;
    assert!(client.head().await.starts_with("HTTP/1.1 502 "));
}

#[tokio::test]
async fn a_tunnel_s_path_serves_plain_requests_too() {
    let backend = Backend::answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain").await;
    let gateway = Configuration::new().tunnelling("/ws", &backend).serve().await;
    let mut client = gateway.connect().await;
    for _ in 0..2 {
        client.request("GET /ws/page", &[]).await;
        let (head, body) = client.answer().await;
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        assert_eq!(body, "plain");
    }
}

#[tokio::test]
async fn who_is_kept_out_is_named_once_in_the_error_log() {
    let configuration = Configuration::new().file("users", "ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n");
    let users = configuration.path("users").display().to_string();
    let gateway = configuration
        .with(&format!(
            "<Location />\nAuthType Basic\nAuthName r\nAuthUserFile {users}\nRequire valid-user\n</Location>\n\
             <Location /denied>\nRequire all denied\n</Location>\n\
             <Location /old>\nOrder deny,allow\nDeny from all\n</Location>\n\
             <Location /post>\nAllowMethods POST\n</Location>\n\
             <Location /ssl>\nSSLRequireSSL\n</Location>\n\
             <Location /bob>\nRequire user bob\n</Location>"
        ))
        .serve()
        .await;
    let mut client = gateway.connect().await;
    for (path, authorization, status, told) in [
        ("/denied", "", "403", "client denied by server configuration: "),
        ("/old", "", "403", "client denied by server configuration: /old"),
        ("/post", "", "405", "client method denied by server configuration: 'GET' to /post"),
        ("/ssl", "", "403", "access to /ssl failed, reason: SSL connection required"),
        ("/scheme", "Bearer x", "401", "client used wrong authentication scheme: /scheme"),
        ("/no", "Basic bm9ib2R5Ong=", "401", "user nobody not found: /no"),
        (
            "/wrong",
            "Basic YW5uOng=",
            "401",
            "user ann: authentication failure for \"/wrong\": Password Mismatch",
        ),
        ("/bob", "Basic YW5uOnNlY3JldA==", "401", "user ann: authorization failure for \"/bob\": "),
        ("/spoof", "Basic L0NOPXg6cGFzc3dvcmQ=", "403", "FakeBasicAuth spoof: /CN=x"),
    ] {
        let field = format!("Authorization: {authorization}");
        let fields = if authorization.is_empty() { &[][..] } else { &[field.as_str()] };
        client.request(&format!("GET {path}"), fields).await;
        let (head, _) = client.answer().await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {head}");
        let line = gateway.says(told).await;
        assert_eq!(line.matches("[client ").count(), 1, "{line}");
    }
}

#[tokio::test]
async fn a_file_is_not_sent_for_a_body_that_is_too_long() {
    let configuration = Configuration::new().file("page", "a page");
    let folder = configuration.path("");
    let gateway =
        configuration.with(&format!("DocumentRoot {}\nLimitRequestBody 9\n", folder.display())).serve().await;
    let long = "Content-Length: 10\r\n\r\n0123456789";
    let pieces = "Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n";
    for (rest, status) in [
        (&*long.replace("10", "9"), "200"),
        (&*pieces.replacen("5\r\n01234", "4\r\n0123", 1), "200"),
        (long, "413"),
        (pieces, "413"),
    ] {
        let mut client = gateway.connect().await;
        client.send(format!("GET /page HTTP/1.1\r\nHost: h\r\n{rest}")).await;
        let (head, _) = client.answer().await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{rest}\n{head}");
    }
}

#[tokio::test]
async fn interim_answers_are_passed_on_without_what_is_the_connection_s() {
    let answer = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: close, X\r\nX: 1\r\nContent-Length: 5\r\n\r\n\
                  HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let backend = Backend::answering(answer).await;
    for (policy, interim) in [("", true), ("RFC", true), ("Suppress", false)] {
        let policy =
            if policy.is_empty() { String::new() } else { format!("SetEnv proxy-interim-response {policy}") };
        let lines = format!("{policy}\nProxyVia On\nProxyPass / http://{backend}/");
        let gateway = Configuration::new().with(&lines).serve().await;
        let mut client = gateway.connect().await;
        client.request("GET /", &[]).await;
        if interim {
            let head = client.head().await;
            let fields: Vec<&str> = head.trim_end().lines().skip(1).collect();
            assert!(head.starts_with("HTTP/1.1 103 Early Hints\r\n"), "{head}");
            assert_eq!(fields.len(), 2, "{head}");
            assert!(fields[0] == "Link: </a>" && fields[1].starts_with("Via: 1.1 localhost"), "{head}");
        }
        let (head, body) = client.answer().await;
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert_eq!(body, "ok");
    }
}

#[tokio::test]
async fn log_level_of_a_section_holds_while_its_request_is_decided() {
    let configuration = Configuration::new();
    let folder = configuration.path("").display().to_string();
    let gateway = configuration
        .with(&format!(
            "DocumentRoot {folder}\nErrorLog \"|$cat >&2\"\nLogLevel error\n<Location /told>\nLogLevel core:info\n</Location>"
        ))
        .serve()
        .await;
    let mut client = gateway.connect().await;
    for path in ["/quiet", "/told"] {
        client.request(&format!("GET {path}"), &[]).await;
        let (head, _) = client.answer().await;
        assert!(head.starts_with("HTTP/1.1 404 "), "{head}");
    }
    // The first such line, and so not one about the request before.
    let said = gateway.says("File does not exist: ").await;
    assert!(said.trim_end().ends_with("/told"), "{said}");
}
