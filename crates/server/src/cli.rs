//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::render::Format;

/// Serves Apache httpd configurations: the WebSocket tunnels and the HTTP around them.
#[derive(Debug, Parser)]
#[command(name = "wsgate", version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The levels that `-e` takes.
pub(crate) const LEVELS: [&str; 16] = [
    "emerg", "alert", "crit", "error", "warn", "notice", "info", "debug", "trace1", "trace2", "trace3",
    "trace4", "trace5", "trace6", "trace7", "trace8",
];

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve a configuration, in the foreground.
    Serve {
        #[command(flatten)]
        source: Source,
        /// The level of messages while starting: error, warn, info, debug ...
        #[arg(short = 'e', value_name = "LEVEL", value_parser = LEVELS, ignore_case = true, hide_possible_values = true)]
        level: Option<String>,
    },
    /// Have the process that serves a configuration load it anew; it is found by PidFile. Nothing happens if there are
    /// errors.
    Reload {
        #[command(flatten)]
        source: Source,
    },
    /// End the process that serves a configuration.
    Stop {
        #[command(flatten)]
        source: Source,
        /// Accept nobody any more, and end with the last client.
        #[arg(long)]
        graceful: bool,
    },
    /// Say what wsgate makes of a configuration. Exit status: 0 accepted, 1 refused or invalid, 2 usage.
    Check {
        #[command(flatten)]
        source: Source,
        /// How findings are written.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Serve a shipped configuration with an echo backend on 127.0.0.1:8080.
    Demo {
        /// The port to serve.
        #[arg(long, default_value_t = 8080)]
        port: u16,
    },
}

/// Where the configuration comes from; httpd's options of the same letters.
#[derive(Clone, Debug, Args)]
pub(crate) struct Source {
    /// The configuration file; relative ones are below ServerRoot if not found here.
    #[arg(short = 'f', value_name = "FILE", default_value = "/etc/apache2/apache2.conf")]
    pub(crate) file: PathBuf,
    /// ServerRoot until the configuration sets it.
    #[arg(short = 'd', value_name = "FOLDER")]
    pub(crate) server_root: Option<PathBuf>,
    /// Define a name for <IfDefine>, or NAME=VALUE for ${NAME}.
    #[arg(short = 'D', value_name = "NAME")]
    pub(crate) defines: Vec<String>,
    /// A directive to process before the configuration file.
    #[arg(short = 'C', value_name = "DIRECTIVE")]
    pub(crate) before: Vec<String>,
    /// A directive to process behind the configuration file.
    #[arg(short = 'c', value_name = "DIRECTIVE")]
    pub(crate) after: Vec<String>,
    /// The level of messages while starting; only to serve.
    #[arg(skip)]
    pub(crate) startup_level: Option<String>,
}

impl Source {
    /// The same configuration for a process that may leave its folder.
    pub(crate) fn anchored(&self) -> Self {
        let anchor = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let file = if self.file.exists() { anchor(&self.file) } else { self.file.clone() };
        Self { file, server_root: self.server_root.as_ref().map(anchor), ..self.clone() }
    }
}
