//! Symbolic links, their owners, and what cannot be seen.

use std::time::SystemTime;

use wsgate_directives::expand::expand;
use wsgate_directives::facts::Facts;
use wsgate_directives::files::MemoryFiles;
use wsgate_directives::interpret::interpret;
use wsgate_directives::registry::Registry;

use super::*;
use crate::moment::Moment;
use crate::snapshot::resolve;
use crate::world::{Still, World};

/// What something is, and whose.
type Whose = (Kind, u32);

/// `/srv` and what is in it; for links, also what is at their end.
const TREE: &[(&str, Whose, Option<Whose>)] = &[
    ("/srv", (Kind::Folder, 0), None),
    ("/srv/file", (Kind::File, 0), None),
    ("/srv/socket", (Kind::Other, 0), None),
    ("/srv/own", (Kind::Link, 7), Some((Kind::File, 7))),
    ("/srv/foreign", (Kind::Link, 7), Some((Kind::File, 0))),
    ("/srv/folder", (Kind::Link, 7), Some((Kind::Folder, 7))),
    ("/srv/folder/file", (Kind::File, 0), None),
    ("/srv/dangling", (Kind::Link, 7), None),
];

#[derive(Debug)]
struct Tree;

impl World for Tree {
    fn now(&self) -> Moment {
        Still::default().now
    }

    fn stat(&self, path: &[u8], links: Links) -> io::Result<Stat> {
        if path.starts_with(b"/closed/") {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        if path == b"/closed" {
            return self.stat(b"/srv", links);
        }
        let found = TREE.iter().find(|(name, ..)| name.as_bytes() == path);
        let (_, own, target) = found.ok_or(io::ErrorKind::NotFound)?;
        let (kind, owner) = match (own, links) {
            ((Kind::Link, _), Links::Follow) => target.ok_or(io::ErrorKind::NotFound)?,
            _ => *own,
        };
        let (modified, changed) = (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH);
        Ok(Stat { kind, size: 1, executable: false, owner, inode: 0, modified, changed })
    }

    fn read(&self, _: &[u8]) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn env(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn random(&self, _: usize) -> usize {
        0
    }
}

/// How far a path goes under these Options of `/srv`, or the status that ends it.
#[track_caller]
fn check(options: &str, path: &str, expected: Result<&str, u16>) {
    let text =
        format!("<Directory />\nAllowOverride None\n</Directory>\n<Directory /srv>\nOptions {options}\n");
    let files = MemoryFiles([("/c".to_owned(), format!("{text}</Directory>").into_bytes())].into());
    let config = interpret(expand("/c", &files, &Facts::default(), &Registry));
    let (snapshot, _) = resolve(&config, &Still::default(), Arc::new(Tree));
    let mut disk = OnDisk { name: Bytes::copy_from_slice(path.as_bytes()), ..OnDisk::default() };
    let got = directories(&snapshot, &snapshot.servers[0], &mut disk, &mut Headers::default());
    let got = got.map(|_| String::from_utf8_lossy(&disk.name).into_owned()).map_err(|reply| reply.status.0);
    assert_eq!(got.as_deref().map_err(|status| *status), expected, "{path} with Options {options}");
}

#[test]
fn links() {
    for path in ["/srv/own", "/srv/foreign", "/srv/folder", "/srv/folder/file", "/srv/dangling", "/srv/own/x"]
    {
        check("None", path, Err(403));
    }
    for path in ["/srv/own", "/srv/foreign", "/srv/folder", "/srv/folder/file"] {
        check("FollowSymLinks", path, Ok(path));
    }
    check("FollowSymLinks", "/srv/own/x/y", Ok("/srv/own"));
    check("FollowSymLinks", "/srv/dangling", Err(403));
    for owner in ["SymLinksIfOwnerMatch", "FollowSymLinks SymLinksIfOwnerMatch"] {
        check(owner, "/srv/own", Ok("/srv/own"));
        check(owner, "/srv/folder/file", Ok("/srv/folder/file"));
        check(owner, "/srv/foreign", Err(403));
        check(owner, "/srv/dangling", Err(403));
    }
}

#[test]
fn what_is_there_and_what_is_not() {
    for options in ["None", "FollowSymLinks"] {
        check(options, "/srv/file", Ok("/srv/file"));
        check(options, "/srv/file/", Ok("/srv/file"));
        check(options, "/srv/file/more/x", Ok("/srv/file"));
        check(options, "/srv/none/x", Ok("/srv/none"));
        check(options, "/srv//./folder/../file", Ok("/srv/file"));
        check(options, "/closed/x", Err(403));
        check(options, "/srv/../..", Err(403));
    }
    check("None", "/srv/socket", Err(403));
}
