//! What a request costs before anything is sent: `decide` and the backend's request, for a plain site and for one with
//! sections, rules and variables. `cargo bench -p wsgate-core`; compare with `--save-baseline` and `--baseline`.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use wsgate_core::http::{Head, Headers, Version};
use wsgate_core::plan::Hop;
use wsgate_core::request::Decision;

#[path = "../tests/common/mod.rs"]
mod common;

const PLAIN: &str = "ProxyPass / http://127.0.0.1:9000/ upgrade=websocket";

const RICH: &str = "\
SetEnvIf User-Agent bench measured
RequestHeader set X-Real-IP expr=%{REMOTE_ADDR}
<Location /ws>
    Require ip 192.0.2.0/24
    Header always set X-Frame-Options DENY
</Location>
RewriteEngine On
RewriteCond %{HTTP:Upgrade} =websocket [NC]
RewriteRule ^/ws/(.*) ws://127.0.0.1:9000/$1 [P]
ProxyPass / http://127.0.0.1:9000/";

fn upgrade() -> Head {
    let mut headers = Headers::new();
    for (name, value) in [
        ("Host", "srv.test"),
        ("User-Agent", "bench"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", "13"),
    ] {
        headers.add(name, value);
    }
    Head {
        line: "GET /ws/echo HTTP/1.1".into(),
        method: "GET".into(),
        target: "/ws/echo".into(),
        version: Version::HTTP_11,
        headers,
    }
}

fn decides(criterion: &mut Criterion) {
    for (name, configuration) in [("plain", PLAIN), ("rich", RICH)] {
        let snapshot = common::snapshot(configuration);
        criterion.bench_function(&format!("decide, {name}"), |bencher| {
            bencher.iter(|| {
                let decided = common::decided(&snapshot, black_box(upgrade()));
                let Decision::Proxy(plan) = &decided.decision else { panic!("it is for a backend") };
                let backend = match &plan.to {
                    Hop::Backend(backend, _) => Some(&**backend),
                    Hop::Unnamed(_) | Hop::Balancer(_) => None,
                };
                plan.leg(&decided.request, backend).expect("a leg").headers.len()
            });
        });
    }
}

criterion_group!(benches, decides);
criterion_main!(benches);
