//! Text files that requests look things up in: read again only when they change.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use crate::world::{Links, Stat, World};

/// A file that changed so short a time ago may change again without another time and size to tell it by.
const SETTLED: Duration = Duration::from_secs(2);

/// How many files are remembered; where there are more, all are read anew.
const REMEMBERED: usize = 1024;

/// What was made of files, by path, or by whatever else decides what is made of them.
#[derive(Debug)]
pub(crate) struct TextFiles<T, K = String>(RwLock<HashMap<K, Version<T>>>);

#[derive(Debug)]
struct Version<T> {
    changed: SystemTime,
    size: u64,
    /// A link may lead to another file that was made in the same moment.
    inode: u64,
    content: Arc<T>,
}

impl<T, K> Default for TextFiles<T, K> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T> TextFiles<T> {
    /// What `parse` makes of a file.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn get(&self, path: &str, world: &dyn World, parse: fn(&[u8]) -> T) -> io::Result<Arc<T>> {
        let stat = world.stat(path.as_bytes(), Links::Follow)?;
        self.keyed(path, (path.as_bytes(), stat), world, |text| (parse(text), true))
    }
}

impl<T, K: Hash + Eq> TextFiles<T, K> {
    /// What `parse` makes of a file, of which this is known now, under a key. It also says whether that holds for as long
    /// as the file stays the same.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn keyed<Q>(
        &self,
        key: &Q,
        (path, stat): (&[u8], Stat),
        world: &dyn World,
        parse: impl FnOnce(&[u8]) -> (T, bool),
    ) -> io::Result<Arc<T>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let same = (stat.changed, stat.size, stat.inode);
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(version) = known.get(key).filter(|known| (known.changed, known.size, known.inode) == same)
        {
            return Ok(version.content.clone());
        }
        drop(known);
        let (content, lasts) = parse(&world.read(path)?);
        let content = Arc::new(content);
        let now = SystemTime::UNIX_EPOCH + world.now().since_epoch;
        if lasts && now.duration_since(stat.changed).is_ok_and(|age| age >= SETTLED) {
            let Stat { changed, size, inode, .. } = stat;
            let version = Version { changed, size, inode, content: content.clone() };
            let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= REMEMBERED {
                known.clear();
            }
            known.insert(key.to_owned(), version);
        }
        Ok(content)
    }
}

/// The lines that say something, white space around them taken off, continued ones joined (`ap_cfg_getline`).
pub(crate) fn lines(text: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    let mut joined = Vec::new();
    for line in text.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(continued) = line.strip_suffix(b"\\") {
            joined.extend_from_slice(continued);
            continue;
        }
        joined.extend_from_slice(line);
        lines.push(std::mem::take(&mut joined));
    }
    lines.push(joined);
    let trimmed = lines.into_iter().map(|line| line.trim_ascii().to_vec());
    trimmed.filter(|line| !line.is_empty() && line[0] != b'#').collect()
}

/// The word up to a colon, and what is behind it and the colons that follow it (`ap_getword`).
pub(crate) fn field(line: &[u8]) -> (&[u8], &[u8]) {
    let Some(colon) = memchr::memchr(b':', line) else { return (line, &[]) };
    let rest = &line[colon..];
    let behind = rest.iter().position(|byte| *byte != b':').unwrap_or(rest.len());
    (&line[..colon], &rest[behind..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::Moment;
    use crate::world::{Kind, Still};

    /// A file that is so many seconds old.
    #[derive(Debug)]
    struct OneFile {
        content: &'static str,
        age: u64,
        inode: u64,
    }

    impl World for OneFile {
        fn now(&self) -> Moment {
            Moment { since_epoch: Duration::from_secs(1000), utc_offset: 0 }
        }

        fn stat(&self, _: &[u8], _: Links) -> io::Result<Stat> {
            let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(1000 - self.age);
            let modified = SystemTime::UNIX_EPOCH;
            let size = self.content.len() as u64;
            let inode = self.inode;
            Ok(Stat { kind: Kind::File, size, inode, executable: false, owner: 0, modified, changed })
        }

        fn read(&self, _: &[u8]) -> io::Result<Vec<u8>> {
            Ok(self.content.into())
        }

        fn env(&self, _: &[u8]) -> Option<Vec<u8>> {
            None
        }

        fn random(&self, _: usize) -> usize {
            0
        }
    }

    #[test]
    fn a_file_is_read_again_when_it_may_have_changed() {
        let files = TextFiles::default();
        let of = |content, age, inode| {
            files.get("/f", &OneFile { content, age, inode }, <[u8]>::to_vec).unwrap().to_vec()
        };
        let get = |content, age| of(content, age, 1);
        assert_eq!(get("one", 1), b"one");
        assert_eq!(get("two", 1), b"two", "too young to be remembered");
        assert_eq!(get("old", 9), b"old");
        assert_eq!(get("new", 9), b"old", "the same time and size");
        assert_eq!(of("new", 9, 2), b"new", "another file");
        assert_eq!(get("new", 8), b"new");
        assert_eq!(get("longer", 8), b"longer");
        assert!(TextFiles::default().get("/f", &Still::default(), <[u8]>::to_vec).is_err());
    }

    #[test]
    fn lines_and_fields() {
        assert_eq!(lines(b" a:b \r\n# no\n\nc\\\nd\\"), [b"a:b".to_vec(), b"cd".to_vec()]);
        assert_eq!(field(b"a::b:c"), (&b"a"[..], &b"b:c"[..]));
        assert_eq!(field(b"a"), (&b"a"[..], &b""[..]));
        assert_eq!(field(b"a::"), (&b"a"[..], &b""[..]));
    }
}
