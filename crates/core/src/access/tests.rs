//! Who is let in: requests to configurations, and what becomes of them.

use asked::{Ask, ask, check, decided, snapshot, status};

use crate::credentials::basic;

mod asked;
mod model;

/// Lines in a Location of everything.
fn in_root(lines: &str) -> String {
    format!("<Location />\n{lines}\n</Location>")
}

const BASIC: &str = "AuthType Basic\nAuthName r\nAuthUserFile /users\nAuthGroupFile /groups\n";

#[test]
fn tests_of_the_request_alone() {
    let get = || ask("GET /");
    check(&in_root("Require all denied"), &[(get(), 403)]);
    check(&in_root("Require ip 10 192.0.2.0/25"), &[(get(), 200), (get().from("192.0.2.200"), 403)]);
    check(
        &in_root("Require local"),
        &[(get(), 403), (get().from("127.9.9.9"), 200), (get().from("192.0.2.9"), 200)],
    );
    check(&in_root("Require local"), &[(get().from("[::1]"), 200), (get().from("[::ffff:127.0.0.1]"), 200)]);
    check(&in_root("Require host localhost"), &[(get(), 403), (get().from("[::1]"), 200)]);
    check(&in_root("Require forward-dns 192.0.2.1"), &[(get(), 200), (get().from("192.0.2.2"), 403)]);
    check(&in_root("Require method GET OPTIONS"), &[(ask("HEAD /"), 200), (ask("POST /"), 403)]);
    check(&in_root("Require expr %{HTTP:X} == '1'"), &[(get(), 403), (get().field("X", "1"), 200)]);
    check(&in_root("Require expr \"-R '192.0.2.0/30'\""), &[(get(), 200), (get().from("192.0.2.4"), 403)]);
    check(
        &format!("SetEnvIf X . seen\n{}", in_root("Require env other seen")),
        &[(get(), 403), (get().field("X", "1"), 200)],
    );
    check(&in_root("Require ssl"), &[(get(), 403), (get().tls(), 200)]);
    check(&in_root("Require ssl-verify-client"), &[(get(), 403), (get().tls(), 200)]);
}

#[test]
fn rules_in_sections() {
    let get = || ask("GET /");
    let some = "<RequireAll>\nRequire all granted\nRequire not ip 10\n</RequireAll>";
    check(&in_root(some), &[(get(), 200), (get().from("10.0.0.1"), 403)]);
    let none = "<RequireAll>\nRequire all granted\n<RequireNone>\nRequire ip 10\nRequire env e\n</RequireNone>\n</RequireAll>";
    check(&in_root(none), &[(get(), 200), (get().from("10.0.0.1"), 403)]);
    check(&in_root("<Limit POST>\nRequire all denied\n</Limit>"), &[(get(), 200), (ask("POST /"), 403)]);
    let except = "<LimitExcept GET>\nRequire all denied\n</LimitExcept>";
    check(&in_root(except), &[(ask("HEAD /"), 200), (ask("POST /"), 403), (ask("FOO /"), 403)]);
}

#[test]
fn sections_of_requests() {
    let inner = |merging: &str| {
        format!(
            "<Location />\nRequire ip 10\n</Location>\n<Location /a>\n{merging}\nRequire env none\n</Location>"
        )
    };
    let asks = |near, far| [(ask("GET /a").from("10.0.0.1"), near), (ask("GET /").from("10.0.0.1"), far)];
    check(&inner(""), &asks(403, 200));
    check(&inner("AuthMerging And"), &asks(403, 200));
    check(&inner("AuthMerging Or"), &asks(200, 200));
    let off = "<Location />\nRequire all denied\n</Location>\n<Location /a>\nAuthMerging Off\n</Location>";
    check(off, &[(ask("GET /a"), 200), (ask("GET /"), 403)]);
    check(
        "<Proxy *>\nRequire ip 10\n</Proxy>\n<Directory />\nRequire all denied\n</Directory>",
        &[(ask("GET /a"), 403), (ask("GET /a").from("10.0.0.1"), 200)],
    );
    check(
        "<If \"%{HTTP:X} == '1'\">\nRequire all denied\n</If>",
        &[(ask("GET /"), 200), (ask("GET /").field("X", "1"), 403)],
    );
    let arms = "<If \"%{HTTP:X} == '1'\">\nRequire all granted\n</If>\n<ElseIf \"%{HTTP:X} == '2'\">\nRequire env none\n</ElseIf>\n<Else>\nRequire all denied\n</Else>";
    check(
        arms,
        &[(ask("GET /"), 403), (ask("GET /").field("X", "1"), 200), (ask("GET /").field("X", "2"), 403)],
    );
}

#[test]
fn access_of_old() {
    let get = || ask("GET /");
    let near = || get().from("10.0.0.1");
    check(&in_root("Order allow,deny\nAllow from 10"), &[(get(), 403), (near(), 200)]);
    check(
        &in_root("Order deny,allow\nDeny from 10 192.0.2\nAllow from 10.0"),
        &[(get(), 403), (near(), 200)],
    );
    check(&in_root("Order mutual-failure\nAllow from all\nDeny from 10"), &[(get(), 200), (near(), 403)]);
    check(&in_root("Order allow,deny\nAllow from all\nDeny from env=!seen"), &[(get(), 403)]);
    check(&in_root("Deny from all\nAllow from localhost"), &[(get(), 403), (get().from("127.0.0.1"), 200)]);
    // The inner section's lines replace the outer's, the order with them.
    let inner = "<Location />\nOrder allow,deny\n</Location>\n<Location /a>\nAllow from 10\n</Location>";
    check(inner, &[(get(), 403), (ask("GET /a"), 200)]);
    check(&in_root("<Limit POST>\nOrder allow,deny\n</Limit>"), &[(get(), 200), (ask("POST /"), 403)]);
}

#[test]
fn methods_that_may_be_used() {
    let lines =
        "<Location />\nAllowMethods GET\n</Location>\n<Location /all>\nAllowMethods reset\n</Location>";
    check(lines, &[(ask("HEAD /"), 200), (ask("POST /"), 405), (ask("FOO /"), 405), (ask("POST /all"), 200)]);
}

#[test]
fn users_and_passwords() {
    let get = || ask("GET /");
    let all = |lines: &str| in_root(&format!("{BASIC}{lines}"));
    check(
        &all("Require valid-user"),
        &[
            (get(), 401),
            (get().user("ann:secret"), 200),
            (get().user("ann:wrong"), 401),
            (get().user("nobody:secret"), 401),
            (get().field("Authorization", "Bearer x"), 401),
            (get().field("Authorization", "basic YW5uOnNlY3JldA"), 200),
            (get().field("Authorization", "Basic !!!"), 401),
        ],
    );
    check(
        &all("Require user bob \"x y\""),
        &[(get().user("ann:secret"), 401), (get().user("bob:secret"), 200)],
    );
    check(
        &all("Require group other STAFF"),
        &[(get().user("ann:secret"), 200), (get().user("bob:secret"), 401)],
    );
    check(&all("Require user %{HTTP:X}"), &[(get().user("ann:secret").field("X", "ann"), 200)]);
    check(&all("Require expr %{REMOTE_USER} == 'ann'"), &[(get(), 401), (get().user("ann:secret"), 200)]);
    let both = "<RequireAll>\nRequire valid-user\nRequire ip 10\n</RequireAll>";
    check(&all(both), &[(get().user("ann:secret"), 403), (get().user("ann:secret").from("10.0.0.1"), 200)]);
    let not = "AuthzSendForbiddenOnFailure On\n<RequireAll>\nRequire valid-user\nRequire not user ann\n</RequireAll>";
    check(&all(not), &[(get().user("ann:secret"), 403), (get().user("bob:secret"), 200), (get(), 401)]);
    check(
        &all("Satisfy Any\nDeny from all\nAllow from 10\nRequire valid-user"),
        &[(get(), 401), (get().from("10.0.0.1"), 200), (get().user("ann:secret"), 200)],
    );
}

#[test]
fn settings_that_do_not_fit_together() {
    let get = || ask("GET /").user("ann:secret");
    check(&in_root("AuthType Basic\nAuthName r\nAuthUserFile /users"), &[(get(), 500)]);
    check(&in_root("AuthType Basic\nAuthUserFile /users\nRequire valid-user"), &[(get(), 500)]);
    check(&in_root("AuthType Basic\nAuthName r\nRequire valid-user"), &[(get(), 500), (ask("GET /"), 401)]);
    check(&in_root("AuthType Basic\nAuthName r\nAuthUserFile /absent\nRequire valid-user"), &[(get(), 500)]);
    check(&in_root("AuthType Shibboleth\nAuthName r\nRequire valid-user"), &[(get(), 500)]);
    check(&in_root("AuthType None\nRequire valid-user"), &[(get(), 500)]);
    check(&in_root("Require valid-user"), &[(get(), 500)]);
    check(&in_root("AuthType Basic\nRequire all granted"), &[(get(), 200)]);
    let other = format!("{BASIC}AuthBasicAuthoritative Off\nRequire valid-user");
    check(
        &in_root(&other),
        &[(ask("GET /").user("x:y"), 500), (ask("GET /").user("ann:x"), 401), (get(), 200)],
    );
    let groups = format!("{BASIC}AuthGroupFile /absent\nRequire group staff");
    check(&in_root(&groups), &[(get(), 401)]);
}

#[test]
fn what_cannot_be_evaluated_opens_no_door() {
    let broken = "file('/absent') == 'x'";
    for lines in [
        format!("Require expr {broken}"),
        format!("<RequireAny>\nRequire expr {broken}\nRequire all granted\n</RequireAny>"),
        format!("<RequireAll>\nRequire all granted\nRequire not expr {broken}\n</RequireAll>"),
        format!("<If \"{broken}\">\nRequire all denied\n</If>"),
        format!("<If \"! {broken}\">\nRequire all denied\n</If>\n<Else>\nRequire all granted\n</Else>"),
        format!(
            "{BASIC}AuthGroupFile /absent\n<RequireAll>\nRequire valid-user\nRequire not group x\n</RequireAll>"
        ),
        format!(
            "{BASIC}AuthGroupFile /absent\n<RequireAll>\nRequire valid-user\n<RequireNone>\nRequire group x\n</RequireNone>\n</RequireAll>"
        ),
    ] {
        check(&in_root(&lines), &[(ask("GET /").user("ann:secret"), 500)]);
    }
}

#[test]
fn guests() {
    let lines = format!("{BASIC}AuthBasicProvider anon file\nAnonymous guest\nRequire valid-user");
    check(
        &in_root(&lines),
        &[
            (ask("GET /").user("Guest:me"), 200),
            (ask("GET /").user("guest:"), 401),
            (ask("GET /").user("ann:secret"), 200),
            (ask("GET /").user("ann:me"), 401),
        ],
    );
}

#[test]
fn certificates() {
    let get = || ask("GET /");
    check(&in_root("SSLRequireSSL"), &[(get(), 403), (get().tls(), 200)]);
    let any = format!("{BASIC}SSLRequireSSL\nSatisfy Any\nRequire valid-user\n");
    check(&in_root(&any), &[(get().user("ann:secret"), 200), (get(), 401), (get().tls(), 200)]);
    let strict = format!("{any}SSLOptions +StrictRequire");
    check(&in_root(&strict), &[(get().user("ann:secret"), 403), (get().tls(), 200)]);
    let fake = format!("{BASIC}SSLOptions +FakeBasicAuth\nRequire valid-user");
    check(&in_root(&fake), &[(get(), 401), (get().tls(), 200), (get().user("/CN=cert:password"), 403)]);
    check(&in_root("SSLUserName SSL_CLIENT_S_DN_CN\nRequire user cert"), &[(get().tls(), 200)]);
    check(&in_root("SSLUserName SSL_CLIENT_S_DN_CN\nRequire user other"), &[(get().tls(), 403)]);
    let listed = "Require expr \"'b' -in PeerExtList('1.2.3')\"";
    check(&in_root(listed), &[(get(), 403), (get().tls(), 200)]);
    let untold = "Require expr \"!('b' -in PeerExtList('2.5.29.17'))\"";
    check(&in_root(untold), &[(get(), 200), (get().tls(), 500)]);
}

#[test]
fn what_is_told_of_users() {
    let lines = in_root(&format!("{BASIC}AuthName \"a \\\"b\\\"\"\nRequire valid-user"));
    let snapshot = snapshot(&lines);
    let refused = decided(&snapshot, &ask("GET /").user("ann:wrong"));
    let challenge = refused.request.error_headers.get("WWW-Authenticate");
    assert_eq!(challenge.map(|field| &field[..]), Some(&b"Basic realm=\"a \\\"b\\\"\""[..]));
    assert_eq!(refused.request.user.as_deref(), Some(&b"ann"[..]), "the log names who failed");
    let let_in = decided(&snapshot, &ask("GET /").user("ann:secret"));
    assert_eq!(let_in.request.auth_type.as_deref(), Some(&b"Basic"[..]));
    assert!(!let_in.request.error_headers.contains("WWW-Authenticate"));
}

#[test]
fn what_the_backend_is_told() {
    let authorization = |lines: &str, ask: Ask| {
        let decided = decided(&snapshot(&in_root(lines)), &ask);
        assert_eq!(status(&decided), 200);
        decided.request.head.headers.get("Authorization").map(|field| field.to_vec())
    };
    let ann = || ask("GET /").user("ann:secret");
    let fake = "AuthBasicFake %{HTTP:X} pw";
    assert_eq!(authorization("", ann()), Some(basic(b"ann", b"secret").into_bytes()));
    assert_eq!(authorization(fake, ann().field("X", "joe")), Some(basic(b"joe", b"pw").into_bytes()));
    assert_eq!(authorization(fake, ann()), None);
    assert_eq!(authorization("AuthBasicFake joe", ann()), Some(basic(b"joe", b"password").into_bytes()));
    assert_eq!(authorization("AuthBasicFake off", ann()), Some(basic(b"ann", b"secret").into_bytes()));
    let environment = decided(&snapshot(&in_root("SSLOptions +StdEnvVars")), &ask("GET /").tls()).request.env;
    let var = |name: &str| environment.get(name).map(|value| value.to_vec());
    assert_eq!(var("HTTPS").as_deref(), Some(&b"on"[..]));
    assert_eq!(var("SSL_CLIENT_S_DN_CN").as_deref(), Some(&b"cert"[..]));
    assert_eq!(var("SSL_CLIENT_S_DN").as_deref(), Some(&b"CN=cert"[..]));
}

#[test]
fn error_documents_of_protected_places() {
    // The document lies under the same settings: it is shown. Under others it is protected as well.
    let same = format!("{}\nErrorDocument 401 /sorry", in_root(&format!("{BASIC}Require valid-user")));
    check(&same, &[(ask("GET /"), 200)]);
    let other = format!("{same}\n<Location /sorry>\nRequire user bob\n</Location>");
    check(&other, &[(ask("GET /"), 401)]);
}

#[test]
fn questions_of_subrequests() {
    let lines = format!(
        "<Location /in>\n{BASIC}Require valid-user\n</Location>\n<Location /out>\nRequire expr -U '/in'\n</Location>"
    );
    check(
        &lines,
        &[
            (ask("GET /out").user("ann:secret"), 200),
            (ask("GET /out").user("ann:wrong"), 403),
            (ask("GET /out"), 403),
        ],
    );
}

/// What httpd 2.4.71 says: texts are no reason to vary, conditions that were evaluated are.
#[test]
fn only_conditions_make_answers_vary() {
    let location = |path: &str, rule: &str| {
        let basic = "AuthType Basic\nAuthName %{req:X-R}\nAuthUserFile /users";
        format!("<Location {path}>\n{basic}\nRequire {rule}\n</Location>\n")
    };
    let condition = "%{req:X-U} == 'ann'";
    let snapshot = snapshot(
        &[
            location("/text", "user %{req:X-U}"),
            location("/condition", &format!("expr \"{condition}\"")),
            location("/broken", &format!("expr \"{condition} && file('/none') == ''\"")),
        ]
        .concat(),
    );
    for (line, vary) in [("GET /text", None), ("GET /condition", Some("X-U"))] {
        let ask = ask(line).user("ann:secret").field("X-U", "ann").field("X-R", "realm");
        let decided = decided(&snapshot, &ask);
        assert_eq!(status(&decided), 200, "{line}");
        let got = decided.request.answer_headers.get("Vary").map(|vary| &vary[..]);
        assert_eq!(got, vary.map(str::as_bytes), "{line}");
    }
    let broken = decided(&snapshot, &ask("GET /broken").field("X-U", "ann"));
    assert!(!broken.request.answer_headers.contains("Vary"));
}
