//! mod_authn_anon: guests.

use wsgate_directives::modules::authn_anon::Guests;

/// Whether a guest is let in (`check_anonymous`); none where nobody of this name is a guest.
pub(crate) fn check(guests: &Guests, user: &[u8], password: &[u8]) -> Option<bool> {
    if guests.names.is_empty() && !guests.any_name {
        return None;
    }
    let named = || guests.names.iter().any(|name| name.as_bytes().eq_ignore_ascii_case(user));
    let known = if user.is_empty() { guests.no_name } else { guests.any_name || named() };
    let has = |byte| password.contains(&byte);
    known.then(|| {
        (!guests.must_give_email || !password.is_empty())
            && (!guests.verify_email || (has(b'@') && has(b'.')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests() {
        let guests = Guests { names: vec!["guest".into()], ..Guests::default() };
        let strict = Guests { verify_email: true, ..guests.clone() };
        let lax = Guests { any_name: true, no_name: true, must_give_email: false, ..Guests::default() };
        for (guests, user, password, expected) in [
            (&guests, "Guest", "me", Some(true)),
            (&guests, "guest", "", Some(false)),
            (&guests, "other", "me", None),
            (&guests, "", "me", None),
            (&strict, "guest", "me", Some(false)),
            (&strict, "guest", "me@x.y", Some(true)),
            (&lax, "any", "", Some(true)),
            (&lax, "", "", Some(true)),
            (&Guests { no_name: true, ..Guests::default() }, "", "x", None),
        ] {
            assert_eq!(check(guests, user.as_bytes(), password.as_bytes()), expected, "{user}:{password}");
        }
    }
}
