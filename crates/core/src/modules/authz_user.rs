//! mod_authz_user: rules about users by name.

use wsgate_directives::words::getword_conf;

/// Whether a user is one of those that a line names (`Require user`).
pub(crate) fn is_one_of(user: &[u8], line: &[u8]) -> bool {
    words(line).iter().any(|name| name == user)
}

/// The words of a line that was expanded; an empty one ends it.
pub(crate) fn words(line: &[u8]) -> Vec<Vec<u8>> {
    let mut words = Vec::new();
    let mut left = line;
    loop {
        let (word, rest) = getword_conf(left);
        if word.is_empty() {
            return words;
        }
        words.push(word);
        left = rest;
    }
}
