//! Who may depend on whom: the arrows of docs/architecture.md as a table, held against cargo's metadata and the sources.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::Complaints;
use crate::sources::{self, Source};

/// One crate of the workspace.
struct Layer {
    package: &'static str,
    folder: &'static str,
    /// The workspace's crates that it may know.
    knows: &'static [&'static str],
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Neither files nor sockets, clock, environment or threads.
    Pure,
    /// Moves bytes and knows neither HTTP's framing nor TLS.
    Relay,
    /// Anything.
    Rim,
}

const LAYERS: &[Layer] = &[
    Layer { package: "wsgate-directives", folder: "crates/directives", knows: &[], kind: Kind::Pure },
    Layer { package: "wsgate-core", folder: "crates/core", knows: &["wsgate-directives"], kind: Kind::Pure },
    Layer { package: "wsgate-wstunnel", folder: "crates/wstunnel", knows: &[], kind: Kind::Relay },
    Layer { package: "wsgate-proxy", folder: "crates/proxy", knows: &[], kind: Kind::Rim },
    Layer {
        package: "wsgate-server",
        folder: "crates/server",
        knows: &["wsgate-core", "wsgate-directives", "wsgate-proxy", "wsgate-wstunnel"],
        kind: Kind::Rim,
    },
    // Runs the built binary, and so cannot lean on anything but what a user sees.
    Layer { package: "wsgate-tests", folder: "tests", knows: &[], kind: Kind::Rim },
    // Measures servers from outside, too.
    Layer { package: "wsgate-bench", folder: "xtask/bench", knows: &[], kind: Kind::Rim },
    Layer { package: "xtask", folder: "xtask", knows: &["wsgate-directives"], kind: Kind::Rim },
];

impl Kind {
    /// Packages that such a crate must not depend on.
    fn forbidden_packages(self) -> &'static [&'static str] {
        match self {
            Self::Pure => &[
                "tokio",
                "tokio-rustls",
                "rustls",
                "hyper",
                "hyper-util",
                "socket2",
                "nix",
                "rustix",
                "env_logger",
                "glob",
                "rustls-native-certs",
                "jiff",
            ],
            Self::Relay => &["hyper", "hyper-util", "rustls", "tokio-rustls"],
            Self::Rim => &[],
        }
    }

    /// Paths that its code must not name.
    fn forbidden_paths(self) -> &'static [&'static str] {
        match self {
            Self::Pure => &[
                "std::fs",
                "std::env::",
                "std::process",
                "std::thread",
                "std::os::",
                "net::Tcp",
                "net::Udp",
                "ToSocketAddrs",
                "SystemTime::now",
                "Instant::now",
                "println!",
                "eprintln!",
            ],
            Self::Relay | Self::Rim => &[],
        }
    }
}

/// Checks the workspace.
pub(crate) fn check(root: &Path) -> Complaints {
    let packages = match packages(root) {
        Ok(packages) => packages,
        Err(error) => return vec![format!("cargo metadata: {error}")],
    };
    let mut complaints: Complaints = packages.iter().flat_map(dependencies).collect();
    for layer in LAYERS {
        if !packages.iter().any(|package| package.name == layer.package) {
            complaints.push(format!("{} is a layer and no package", layer.package));
        }
        let sources = sources::read(root, &[&format!("{}/src", layer.folder)]);
        complaints.extend(sources.iter().flat_map(|source| impurities(layer.kind, source)));
    }
    complaints
}

fn dependencies(package: &Package) -> Complaints {
    let Some(layer) = LAYERS.iter().find(|layer| layer.package == package.name) else {
        return vec![format!(
            "{}: a package without a place in the layers (xtask/src/layers.rs)",
            package.name
        )];
    };
    let is_ours = |name: &str| LAYERS.iter().any(|layer| layer.package == name);
    let mut complaints = Complaints::new();
    for Dependency { name, kind } in &package.dependencies {
        let allowed = if is_ours(name) {
            layer.knows.contains(&name.as_str())
        } else {
            // Tests may use what the crate must not.
            kind.as_deref() == Some("dev") || !layer.kind.forbidden_packages().contains(&name.as_str())
        };
        if !allowed {
            complaints.push(format!("{} must not know {name}", package.name));
        }
    }
    complaints
}

fn impurities(kind: Kind, source: &Source) -> Complaints {
    if source.is_test() {
        return Complaints::new();
    }
    let named = |line: &str| kind.forbidden_paths().iter().find(|path| line.contains(**path)).copied();
    let found = source.code().filter_map(|(number, line)| Some((number, named(line)?)));
    found.map(|(number, path)| format!("{}:{number}: {path} in a pure crate", source.path)).collect()
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `dev` or `build`; none for what the crate itself uses.
    kind: Option<String>,
}

fn packages(root: &Path) -> Result<Vec<Package>, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--no-deps", "--format-version", "1"];
    let output =
        Command::new(cargo).args(arguments).current_dir(root).output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    Ok(metadata.packages)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Package {
        let one = |(name, kind): &(&str, Option<&str>)| Dependency {
            name: (*name).to_owned(),
            kind: kind.map(str::to_owned),
        };
        Package { name: name.to_owned(), dependencies: dependencies.iter().map(one).collect() }
    }

    #[test]
    fn arrows_point_one_way() {
        let complains = |name, on| !dependencies(&package(name, on)).is_empty();
        assert!(!complains("wsgate-core", &[("wsgate-directives", None), ("bytes", None)]));
        assert!(complains("wsgate-directives", &[("wsgate-core", None)]));
        assert!(complains("wsgate-directives", &[("wsgate-core", Some("dev"))]));
        assert!(complains("wsgate-core", &[("tokio", None)]));
        assert!(!complains("wsgate-core", &[("tokio", Some("dev"))]));
        assert!(complains("wsgate-wstunnel", &[("hyper", None)]));
        assert!(complains("wsgate-tests", &[("wsgate-server", None)]));
        assert!(complains("newcomer", &[]));
    }

    #[test]
    fn pure_code_names_no_disk() {
        let source = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
        let complaints = impurities(Kind::Pure, &source("a.rs", "use std::io;\nlet a = std::fs::read(b);\n"));
        assert_eq!(complaints, ["a.rs:2: std::fs in a pure crate"]);
        assert!(
            impurities(Kind::Pure, &source("a.rs", "// std::fs\n#[cfg(test)]\nuse std::fs;\n")).is_empty()
        );
        assert!(impurities(Kind::Pure, &source("a/tests.rs", "use std::fs;\n")).is_empty());
        assert!(impurities(Kind::Rim, &source("a.rs", "use std::fs;\n")).is_empty());
    }
}
