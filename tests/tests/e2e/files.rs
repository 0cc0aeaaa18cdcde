//! Files over real sockets: whole, in parts, in listings; and none from outside of DocumentRoot.

use std::fmt::Write;
use std::os::unix::fs::symlink;

use wsgate_tests::{Backend, Configuration, Gateway};

/// A gateway with files below its DocumentRoot, and one beside that.
async fn serving(files: &[(&str, &str)], lines: &str) -> Gateway {
    let mut configuration = Configuration::new().file("secret", "secret").file("www/a.txt", "0123456789");
    for (name, content) in files {
        configuration = configuration.file(&format!("www/{name}"), content);
    }
    let root = configuration.path("www");
    symlink("../secret", root.join("link")).unwrap();
    configuration.with(&format!("DocumentRoot {}\n{lines}", root.display())).serve().await
}

/// Three MiB, of which no two pieces are alike.
fn large() -> String {
    let mut text = String::new();
    for line in 0..(3 << 20) / 16 {
        _ = writeln!(text, "line {line:>10}");
    }
    text
}

#[tokio::test]
async fn large_files_come_whole_and_in_parts() {
    let content = large();
    let gateway = serving(&[("large.txt", &content)], "").await;
    let mut client = gateway.connect().await;
    for _ in 0..2 {
        client.request("GET /large.txt", &[]).await;
        let (head, body) = client.answer().await;
        assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("Content-Type: text/plain\r\n"), "{head}");
        assert!(body == content, "the file as it is");
    }
    client.request("GET /large.txt", &["Range: bytes=70000-2000000"]).await;
    let (head, body) = client.answer().await;
    assert!(head.contains(&format!("Content-Range: bytes 70000-2000000/{}\r\n", content.len())), "{head}");
    assert!(body == content[70_000..=2_000_000], "the part as it is");
    client.request("HEAD /large.txt", &[]).await;
    let head = client.head().await;
    assert!(head.contains(&format!("Content-Length: {}\r\n", content.len())), "{head}");
    client.request("GET /a.txt", &[]).await;
    assert_eq!(client.answer().await.1, "0123456789", "no byte of a body follows the answer to HEAD");
}

#[tokio::test]
async fn several_parts_are_one_body() {
    let content = large();
    let gateway = serving(&[("large.txt", &content)], "").await;
    let mut client = gateway.connect().await;
    client.request("GET /large.txt", &["Range: bytes=0-3,100000-300000,-5"]).await;
    let (head, body) = client.answer().await;
    let (_, rest) = head.split_once("Content-Type: multipart/byteranges; boundary=").expect(&head);
    let boundary = rest.lines().next().unwrap();
    let size = content.len();
    let part = |first: usize, last: usize| {
        let text = &content[first..=last];
        format!(
            "\r\n--{boundary}\r\nContent-type: text/plain\r\nContent-range: bytes {first}-{last}/{size}\r\n\r\n{text}"
        )
    };
    let parts = [part(0, 3), part(100_000, 300_000), part(size - 5, size - 1)].concat();
    assert!(body == format!("{parts}\r\n--{boundary}--\r\n"), "{head}");
}

#[tokio::test]
async fn a_short_answer_of_a_backend_is_cut_as_well() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Type: text/plain\r\n\r\n0123456789";
    let backend = Backend::answering(answer).await;
    let gateway = Configuration::new().with(&format!("ProxyPass / http://{backend}/")).serve().await;
    let mut client = gateway.connect().await;
    for (range, status, expected) in [
        ("2-4", "206 Partial Content", "234"),
        ("-1", "206 Partial Content", "9"),
        ("a", "200 OK", "0123456789"),
    ] {
        client.request("GET /x", &[&format!("Range: bytes={range}")]).await;
        let (head, body) = client.answer().await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{head}");
        assert_eq!(body, expected);
    }
    client.request("GET /x", &["Range: bytes=10-"]).await;
    assert!(client.head().await.starts_with("HTTP/1.1 416 "));
}

#[tokio::test]
async fn nothing_outside_of_document_root_is_sent() {
    let gateway = serving(&[("folder/x", "x")], "AllowEncodedSlashes On\nOptions None").await;
    for path in [
        "/../secret",
        "/folder/../../secret",
        "/%2e%2e/secret",
        "/.%2e/secret",
        "/%2e%2e%2fsecret",
        "/folder/..%2f..%2fsecret",
        "/..%5csecret",
        "//../secret",
        "/%252e%252e/secret",
        "/folder/%2e%2e/%2e%2e/secret",
        "/a.txt/../../secret",
        "/a.txt%00/../../secret",
        "/..;/secret",
        "/link",
    ] {
        let mut client = gateway.connect().await;
        client.request(&format!("GET {path}"), &[]).await;
        let (head, body) = client.answer().await;
        let status = head.split(' ').nth(1).unwrap();
        assert!(["400", "403", "404"].contains(&status) && body != "secret", "{path}: {head}{body}");
    }
}

#[tokio::test]
async fn folders_have_an_index_or_a_list() {
    let files = [("index.html", "<p>here"), ("list/<b>.txt", "x"), ("list/sub/x", "x"), ("none/x", "x")];
    let gateway = serving(&files, "<Location /list>\nOptions Indexes\nIndexIgnore x\n</Location>\n").await;
    let mut client = gateway.connect().await;
    client.request("GET /", &[]).await;
    let (head, body) = client.answer().await;
    assert!(head.contains("Content-Type: text/html\r\n") && body == "<p>here", "{head}");
    client.request("GET /list/", &[]).await;
    let (_, body) = client.answer().await;
    let entries = "<li><a href=\"/\"> Parent Directory</a></li>\n\
                   <li><a href=\"%3cb%3e.txt\"> &lt;b&gt;.txt</a></li>\n\
                   <li><a href=\"sub/\"> sub/</a></li>\n</ul>";
    assert!(body.contains(entries), "{body}");
    client.request("GET /none/", &[]).await;
    assert!(client.answer().await.0.starts_with("HTTP/1.1 403 "));
    client.request("GET /list", &[]).await;
    assert!(client.answer().await.0.starts_with("HTTP/1.1 301 "));
}
