//! mod_authz_groupfile: groups in a text file.

use std::collections::{HashMap, HashSet};

use wsgate_directives::words::getword_conf;

use crate::request::Request;
use crate::snapshot::Snapshot;
use crate::text_files::{field, lines};

/// A group file: members, and the groups that each is in.
pub(crate) type Groups = HashMap<Vec<u8>, HashSet<Vec<u8>>>;

/// Reads a group file (`groups_for_user`). Groups are compared without regard to letter case, users are not.
pub(crate) fn parse(text: &[u8]) -> Groups {
    let mut groups = Groups::new();
    for line in lines(text) {
        let (group, mut members) = field(&line);
        let group = group.trim_ascii_end().to_ascii_lowercase();
        while !members.is_empty() {
            let (member, rest) = getword_conf(members);
            groups.entry(member).or_default().insert(group.clone());
            members = rest;
        }
    }
    groups
}

/// Whether a user is in one of these groups (`Require group`).
///
/// # Errors
/// There is no file, or it cannot be read: what is wrong has been logged.
pub(crate) fn is_member(
    snapshot: &Snapshot,
    request: &Request,
    user: &[u8],
    groups: &[Vec<u8>],
) -> Result<bool, ()> {
    let Some(path) = &request.dir.authz_groupfile.groups else {
        log::error!(target: "authz_groupfile", "no group file was specified in the configuration");
        return Err(());
    };
    let known = snapshot.groups.get(path, &*snapshot.world, parse).map_err(|error| {
        log::error!(target: "authz_groupfile", "could not open group file: {}: {error}", path.value);
    })?;
    let own = known.get(user);
    Ok(own.is_some_and(|own| groups.iter().any(|group| own.contains(&group.to_ascii_lowercase()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_users() {
        let groups = parse(b"# staff: x\nStaff : alice  \"bob b\"\nops:alice\nempty:\n: carol");
        let of = |user: &[u8]| {
            let mut of: Vec<_> = groups.get(user).into_iter().flatten().cloned().collect();
            of.sort();
            of
        };
        assert_eq!(of(b"alice"), [b"ops".to_vec(), b"staff".to_vec()]);
        assert_eq!(of(b"bob b"), [b"staff".to_vec()]);
        assert_eq!(of(b"carol"), [Vec::new()]);
        assert!(of(b"x").is_empty());
    }
}
