//! The disk and the resolver as loading a configuration sees them.

use std::fs::File;
use std::io::{self, Read};
use std::net::{IpAddr, ToSocketAddrs};

use wsgate_core::snapshot::Names;
use wsgate_directives::files::{Files, Kind};

/// A configuration file of more MiB than this is a mistake.
const LARGEST: u64 = 64;

/// Real files.
pub(crate) struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        read_whole(File::open(path)?, LARGEST)
    }

    fn kind(&self, path: &str) -> Option<Kind> {
        let metadata = std::fs::metadata(path).ok()?;
        Some(if metadata.is_dir() { Kind::Folder } else { Kind::File })
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            // A name that is not UTF-8 cannot be written in a configuration either.
            names.extend(entry?.file_name().into_string());
        }
        names.sort_unstable();
        Ok(names)
    }
}

/// All of a file, unless it is larger than so many MiB.
///
/// # Errors
/// It is, or cannot be read.
pub(crate) fn read_whole(file: File, mebibytes: u64) -> io::Result<Vec<u8>> {
    let (most, mut content) = (mebibytes << 20, Vec::new());
    file.take(most + 1).read_to_end(&mut content)?;
    if content.len() as u64 > most {
        return Err(io::Error::other(format!("larger than {mebibytes} MiB")));
    }
    Ok(content)
}

/// The system's resolver.
pub(crate) struct Resolver;

impl Names for Resolver {
    fn addresses(&self, host: &str) -> Vec<IpAddr> {
        match (host, 0).to_socket_addrs() {
            Ok(found) => found.map(|address| address.ip()).collect(),
            Err(error) => {
                log::debug!("{host} does not resolve: {error}");
                Vec::new()
            }
        }
    }

    fn own(&self) -> String {
        nix::unistd::gethostname()
            .ok()
            .and_then(|name| name.into_string().ok())
            .unwrap_or_else(|| "localhost".to_owned())
    }
}
