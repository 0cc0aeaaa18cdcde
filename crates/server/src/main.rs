//! The `wsgate` binary: files, listeners, TLS, logs, signals, command line. Glue only: what a line means is the
//! `directives` crate's, what is done about a request is `core`'s, tunnels are `wstunnel`'s.

use std::process::ExitCode;

use clap::Parser;

mod admission;
mod balancers;
mod check;
mod cli;
mod client_body;
mod clock;
mod connection;
mod control;
mod counted;
mod demo;
mod detach;
mod disk;
mod exchange;
mod filters;
mod generation;
mod http1;
mod http2;
mod httpd;
mod listen;
mod load;
mod logs;
mod machine;
mod manager;
mod passwords;
mod pid_file;
mod privileges;
mod proxy_header;
mod render;
mod secure;
mod serve;
mod server;
mod signals;
mod status;
mod stream;
mod tls;
mod upstream;
mod worker;

/// A tunnel leaves a few hundred bytes behind among all that opening it took. The C library's allocator keeps the
/// pages around them (2.7 KB for each tunnel instead of 0.8), and takes a fifth more instructions for a request.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    if httpd::is_meant(&words) {
        return httpd::run(&words);
    }
    let cli = cli::Cli::parse_from(words);
    match cli.command {
        cli::Command::Check { source, format } => check::run(&source, format),
        cli::Command::Serve { source, level } => {
            let startup_level = level.map(|level| level.to_ascii_lowercase());
            serve::run(&cli::Source { startup_level, ..source }, serve::Manner::default())
        }
        cli::Command::Reload { source } => serve::tell(&source, control::Order::Graceful),
        cli::Command::Stop { source, graceful: false } => serve::tell(&source, control::Order::Stop),
        cli::Command::Stop { source, graceful: true } => serve::tell(&source, control::Order::GracefulStop),
        cli::Command::Demo { port } => demo::run(port),
    }
}
