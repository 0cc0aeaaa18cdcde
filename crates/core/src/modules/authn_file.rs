//! mod_authn_file: passwords in a text file.

use std::collections::HashMap;

use bytes::Bytes;

use crate::passwords::Check;
use crate::request::Request;
use crate::snapshot::Snapshot;
use crate::text_files::{field, lines};

/// A password file: users and what is stored of their passwords.
pub(crate) type Users = HashMap<Vec<u8>, Bytes>;

/// Reads a password file; of a user's lines the first counts (`check_password`).
pub(crate) fn parse(text: &[u8]) -> Users {
    let mut users = Users::new();
    for line in lines(text) {
        let (user, rest) = field(&line);
        let (stored, _) = field(rest);
        users.entry(user.to_vec()).or_insert_with(|| Bytes::copy_from_slice(stored));
    }
    users
}

/// What has to be checked of a user's password; none if the file does not know the user.
///
/// # Errors
/// There is no file, or it cannot be read: what is wrong has been logged.
pub(crate) fn check(
    snapshot: &Snapshot,
    request: &Request,
    user: &[u8],
    password: &Bytes,
) -> Result<Option<Check>, ()> {
    let Some(path) = &request.dir.authn_file.users else {
        log::error!(target: "authn_file", "AuthUserFile not specified in the configuration");
        return Err(());
    };
    let users = snapshot.users.get(path, &*snapshot.world, parse).map_err(|error| {
        log::error!(target: "authn_file", "could not open password file: {}: {error}", path.value);
    })?;
    let stored = users.get(user).cloned();
    Ok(stored.map(|stored| Check { stored, password: password.clone() }))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn users_and_hashes() {
        let users = parse(b"# comment\na:x:more\na:y\n b : z \nnone\nempty:\n");
        let of = |user: &str| users.get(user.as_bytes()).map(|stored| &stored[..]);
        assert_eq!(of("a"), Some(&b"x"[..]));
        assert_eq!(of("b "), Some(&b" z"[..]));
        assert_eq!((of("none"), of("empty")), (Some(&b""[..]), Some(&b""[..])));
        assert_eq!(of("# comment"), None);
    }
}
