//! Placeholder of the binary.
#[allow(dead_code, unused_imports)] // until serve and check call it
mod tls;

fn main() {}
