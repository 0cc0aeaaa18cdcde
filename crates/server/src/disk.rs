//! The disk and the resolver as loading a configuration sees them.

use std::fs::File;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, ToSocketAddrs};

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

    /// As httpd finds it (`ap_get_local_host`): what the machine's name resolves back to, else the name itself, if it
    /// has a dot; else its address.
    fn own(&self) -> String {
        let name = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
        let name = name.unwrap_or_default();
        let Some(address) = self.addresses(&name).into_iter().next() else {
            return Ipv4Addr::LOCALHOST.to_string();
        };
        let full = |name: &String| name.contains('.') && name.parse::<IpAddr>().is_err();
        let back = dns_lookup::lookup_addr(&address).ok();
        back.filter(full).or(Some(name).filter(full)).unwrap_or_else(|| address.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_has_a_full_name_or_an_address() {
        let own = Resolver.own();
        assert!(own.contains('.') || own.parse::<IpAddr>().is_ok(), "{own}");
    }
}
