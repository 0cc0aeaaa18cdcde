//! Sets of request methods, as `<Limit>`, `<LimitExcept>` and the rules inside them have them.
//!
//! httpd counts methods by bits and gives every name that a configuration mentions a bit of its own; all other names
//! share one. So a set is a list of names, or everything but a list of names.

use std::collections::BTreeSet;

/// A set of methods; letter case counts, HEAD is the same as GET.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MethodSet {
    /// These.
    Only(BTreeSet<Box<str>>),
    /// All but these, unheard-of ones included.
    Except(BTreeSet<Box<str>>),
}

impl Default for MethodSet {
    fn default() -> Self {
        Self::ALL
    }
}

impl MethodSet {
    /// Every method.
    pub const ALL: Self = Self::Except(BTreeSet::new());
    /// No method.
    pub const NONE: Self = Self::Only(BTreeSet::new());

    /// The methods of these names.
    pub fn only<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Only(names.into_iter().map(|name| kind(name).into()).collect())
    }

    /// Whether a method is in it.
    pub fn contains(&self, method: &[u8]) -> bool {
        let has = |names: &BTreeSet<Box<str>>| {
            std::str::from_utf8(method).is_ok_and(|method| names.contains(kind(method)))
        };
        match self {
            Self::Only(names) => has(names),
            Self::Except(names) => !has(names),
        }
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Only(a), Self::Only(b)) => Self::Only(a | b),
            (Self::Except(a), Self::Except(b)) => Self::Except(a & b),
            (Self::Only(only), Self::Except(except)) | (Self::Except(except), Self::Only(only)) => {
                Self::Except(except - only)
            }
        }
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.complement().union(&other.complement()).complement()
    }

    /// What is not in it.
    #[must_use]
    pub fn complement(&self) -> Self {
        match self.clone() {
            Self::Only(names) => Self::Except(names),
            Self::Except(names) => Self::Only(names),
        }
    }
}

/// The methods that httpd knows without a RegisterHttpMethod line (`ap_method_registry_init`).
pub const BUILT_IN: [&str; 27] = [
    "GET",
    "HEAD",
    "PUT",
    "POST",
    "DELETE",
    "CONNECT",
    "OPTIONS",
    "TRACE",
    "PATCH",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "VERSION-CONTROL",
    "CHECKOUT",
    "UNCHECKOUT",
    "CHECKIN",
    "UPDATE",
    "LABEL",
    "REPORT",
    "MKWORKSPACE",
    "MKACTIVITY",
    "BASELINE-CONTROL",
    "MERGE",
];

fn kind(method: &str) -> &str {
    if method == "HEAD" { "GET" } else { method }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sets() -> impl Strategy<Value = MethodSet> {
        let names = proptest::collection::vec(prop::sample::select(vec!["GET", "HEAD", "POST", "X"]), 0..4);
        (names, any::<bool>()).prop_map(|(names, except)| {
            let only = MethodSet::only(names);
            if except { only.complement() } else { only }
        })
    }

    proptest! {
        #[test]
        fn sets_are_sets(a in sets(), b in sets()) {
            for method in ["GET", "HEAD", "POST", "X", "OTHER"].map(str::as_bytes) {
                let (in_a, in_b) = (a.contains(method), b.contains(method));
                prop_assert_eq!(a.union(&b).contains(method), in_a || in_b);
                prop_assert_eq!(a.intersection(&b).contains(method), in_a && in_b);
                prop_assert_eq!(a.complement().contains(method), !in_a);
            }
        }
    }

    #[test]
    fn head_is_get_and_letters_count() {
        let get = MethodSet::only(["GET"]);
        assert!(get.contains(b"HEAD") && !get.contains(b"get") && !get.contains(b"\xff"));
        assert!(MethodSet::ALL.contains(b"\xff") && !MethodSet::NONE.contains(b"GET"));
    }
}
