//! Placeholder of the binary.
#[expect(dead_code, unused_imports, reason = "nothing serves connections yet")]
mod http1;
#[allow(dead_code)] // until serve resolves a configuration in it
mod machine;
#[allow(dead_code, unused_imports)] // until serve and check call it
mod tls;

fn main() {}
