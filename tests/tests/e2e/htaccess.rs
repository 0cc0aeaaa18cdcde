//! What `.htaccess` files and symbolic links on a real disk do while the gateway runs.

use std::fs;
use std::os::unix::fs::symlink;

use wsgate_tests::{Configuration, Gateway};

/// A folder `www` with a file, and lines about it.
fn site(lines: &str) -> Configuration {
    let configuration = Configuration::new().file("www/a/f.txt", "content");
    let www = configuration.path("www");
    let folder = format!("<Directory {}>\n{lines}\n</Directory>", www.display());
    configuration.with(&format!("DocumentRoot {}", www.display())).with(&folder)
}

/// The status that a path is answered.
async fn status(gateway: &Gateway, path: &str) -> String {
    let mut client = gateway.connect().await;
    client.request(&format!("GET {path}"), &[]).await;
    client.head().await.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn what_it_says_holds_from_the_next_request_on() {
    let configuration = site("AllowOverride All");
    let file = configuration.path("www/a/.htaccess");
    let gateway = configuration.serve().await;
    assert_eq!(status(&gateway, "/a/f.txt").await, "200");
    for (text, expected) in [
        ("Require all denied\n", "403"),
        ("Redirect /a/f.txt http://a.test/\n", "302"),
        ("Require all granted\n", "200"),
        ("# That was it.\nRequire all maybe\n", "500"),
        ("Require all denied\n", "403"),
    ] {
        fs::write(&file, text).unwrap();
        assert_eq!(status(&gateway, "/a/f.txt").await, expected, "{text}");
    }
    gateway.says(&format!("{}:2:13: ", file.display())).await;
    fs::remove_file(&file).unwrap();
    assert_eq!(status(&gateway, "/a/f.txt").await, "200");
    fs::create_dir(&file).unwrap();
    assert_eq!(status(&gateway, "/a/f.txt").await, "403");
}

#[tokio::test]
async fn links_are_followed_where_options_say_so() {
    let configuration = site("Options None\nAllowOverride All");
    let www = configuration.path("www");
    symlink("a", www.join("folder")).unwrap();
    symlink("f.txt", www.join("a/file")).unwrap();
    symlink("nothing", www.join("a/dangling")).unwrap();
    let gateway = configuration.serve().await;
    for path in ["/folder/f.txt", "/folder/", "/a/file", "/a/dangling", "/a/dangling/x"] {
        assert_eq!(status(&gateway, path).await, "403", "{path}");
    }
    assert_eq!(status(&gateway, "/a/f.txt").await, "200");
    // A folder speaks for what is in it, not for the link that leads there.
    fs::write(www.join("a/.htaccess"), "Options +SymLinksIfOwnerMatch\n").unwrap();
    for (path, expected) in
        [("/a/file", "200"), ("/a/dangling", "403"), ("/folder/f.txt", "403"), ("/folder/file", "403")]
    {
        assert_eq!(status(&gateway, path).await, expected, "{path}");
    }
    fs::write(www.join(".htaccess"), "Options FollowSymLinks\n").unwrap();
    for (path, expected) in [("/folder/f.txt", "200"), ("/folder/file", "200"), ("/a/dangling", "403")] {
        assert_eq!(status(&gateway, path).await, expected, "{path}");
    }
}

#[tokio::test]
async fn check_reads_those_of_the_folders_that_it_sees() {
    let configuration = site("AllowOverride AuthConfig").file("www/.htaccess", "Redirect / http://a.test/\n");
    let output = configuration.check(&["--format", "line"]).await;
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    let place =
        format!("{}:1:1: Redirect is not allowed here", configuration.path("www/.htaccess").display());
    assert!(said.contains("warning[htaccess-mistake]") && said.contains(&place), "{said}");
    assert!(said.contains("note[htaccess-unseen]"), "{said}");
}
