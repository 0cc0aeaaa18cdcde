//! The names of key exchange groups, as `SSLOpenSSLConfCmd Curves` and `Groups` list them.

/// A key exchange group that wsgate speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// X25519 with ML-KEM-768, the post-quantum hybrid.
    X25519MlKem768,
    /// Curve25519.
    X25519,
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
}

impl Group {
    /// The default, most preferred first.
    pub const DEFAULT: [Self; 4] = [Self::X25519MlKem768, Self::X25519, Self::P256, Self::P384];

    fn named(name: &str) -> Option<Self> {
        match name.trim_start_matches(['?', '*']).to_ascii_lowercase().as_str() {
            "x25519mlkem768" => Some(Self::X25519MlKem768),
            "x25519" => Some(Self::X25519),
            "p-256" | "prime256v1" | "secp256r1" => Some(Self::P256),
            "p-384" | "secp384r1" => Some(Self::P384),
            _ => None,
        }
    }
}

/// Reads a list of groups: those that wsgate speaks in the list's order, and the names of the others.
pub fn parse_groups(list: &str) -> (Vec<Group>, Vec<String>) {
    let mut groups = Vec::new();
    let mut unsupported = Vec::new();
    for name in list.split([':', '/']).filter(|name| !name.is_empty()) {
        match Group::named(name) {
            Some(group) if groups.contains(&group) => {}
            Some(group) => groups.push(group),
            None => unsupported.push(name.to_owned()),
        }
    }
    (groups, unsupported)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(list: &str, groups: &[Group], unsupported: &[&str]) {
        assert_eq!(
            parse_groups(list),
            (groups.to_vec(), unsupported.iter().map(|&name| name.to_owned()).collect())
        );
    }

    #[test]
    fn lists() {
        check("X25519", &[Group::X25519], &[]);
        check("X448:secp521r1:secp384r1:prime256v1", &[Group::P384, Group::P256], &["X448", "secp521r1"]);
        check("?X25519MLKEM768:*X25519/P-256", &[Group::X25519MlKem768, Group::X25519, Group::P256], &[]);
        check("P-256:secp256r1", &[Group::P256], &[]);
        check("brainpoolP256r1", &[], &["brainpoolP256r1"]);
    }
}
