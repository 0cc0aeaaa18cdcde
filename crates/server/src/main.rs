//! The `wsgate` binary: files, listeners, TLS, logs, signals, command line. Glue only: what a line means is the
//! `directives` crate's, what is done about a request is `core`'s, tunnels are `wstunnel`'s.

use std::process::ExitCode;

use clap::Parser;

mod balancers;
mod check;
mod cli;
mod clock;
mod connection;
mod counted;
mod demo;
mod disk;
mod exchange;
mod generation;
mod http1;
mod listen;
mod load;
mod logs;
mod machine;
mod passwords;
mod pid_file;
mod privileges;
mod render;
mod secure;
mod serve;
mod server;
mod signals;
mod stream;
mod tls;
mod upstream;
mod worker;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match cli.command {
        cli::Command::Check { source, format } => check::run(&source, format),
        cli::Command::Serve { source } => serve::run(&source),
        cli::Command::Demo { port } => demo::run(port),
    }
}
