//! httpd's two shell-pattern matchers: apr_fnmatch, for files, folders and URL paths, and ap_strcmp_match, for names.
//!
//! Bytes are compared, never characters. Both need time in proportion to pattern times text at worst.

/// What apr_fnmatch is told beside the pattern (APR_FNM_*).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// Only a slash matches a slash (PATHNAME).
    pub pathname: bool,
    /// Only a dot matches a dot at the start, with `pathname` also behind a slash (PERIOD).
    pub period: bool,
    /// A backslash is a plain character (NOESCAPE).
    pub no_escape: bool,
    /// ASCII letter case is ignored (CASE_BLIND).
    pub case_blind: bool,
}

/// Whether a text has anything that makes it a pattern (apr_fnmatch_test): `*`, `?`, or a `[` that is closed.
pub fn is_pattern(text: &[u8]) -> bool {
    let mut bracket = false;
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'*' | b'?' => return true,
            b'\\' if bytes.next().is_none() => return false,
            b'[' => bracket = true,
            b']' if bracket => return true,
            _ => {}
        }
    }
    false
}

/// Whether `pattern` matches all of `text`: `*`, `?`, `[a-z]`, `[!a-z]`, `[^a-z]` and backslash escapes.
///
/// A `[` that is never closed stands for itself.
pub fn fnmatch(pattern: &[u8], text: &[u8], flags: Flags) -> bool {
    let (mut at, mut pat) = (0, 0);
    // Behind the last star: where the pattern goes on, and how far the star reaches so far.
    let mut star: Option<(usize, usize)> = None;
    loop {
        let hidden = flags.hides(text, at);
        if pattern.get(pat) == Some(&b'*') && !hidden {
            pat += 1;
            star = Some((pat, at));
        } else if at == text.len() && pat == pattern.len() {
            return true;
        } else if let Some(next) = flags.step(&pattern[pat..], text.get(at).copied(), hidden) {
            (pat, at) = (pat + next, at + 1);
        } else {
            // An earlier star need not reach further: what it could take, the last one takes.
            let Some((behind, reached)) = star else { return false };
            if reached == text.len() || (flags.pathname && text[reached] == b'/') {
                return false;
            }
            star = Some((behind, reached + 1));
            (pat, at) = (behind, reached + 1);
        }
    }
}

impl Flags {
    /// Whether the byte at `at` is a leading dot, which no wildcard matches.
    fn hides(self, text: &[u8], at: usize) -> bool {
        let leading = at == 0 || (self.pathname && text[at - 1] == b'/');
        self.period && leading && text.get(at) == Some(&b'.')
    }

    /// The length of the pattern's first element if it matches `byte`.
    fn step(self, pattern: &[u8], byte: Option<u8>, hidden: bool) -> Option<usize> {
        let (byte, first) = (byte?, *pattern.first()?);
        let slash = self.pathname && byte == b'/';
        match first {
            b'?' => (!slash && !hidden).then_some(1),
            b'[' => match self.bracket(pattern, byte) {
                Some((len, hit)) => (hit && !slash && !hidden).then_some(len),
                None => (byte == b'[').then_some(1),
            },
            b'\\' if !self.no_escape && pattern.len() > 1 => self.same(pattern[1], byte).then_some(2),
            _ => self.same(first, byte).then_some(1),
        }
    }

    /// The length of a bracket expression and whether it matches; `None` if it is never closed.
    fn bracket(self, pattern: &[u8], byte: u8) -> Option<(usize, bool)> {
        let negated = matches!(pattern.get(1), Some(b'!' | b'^'));
        let start = if negated { 2 } else { 1 };
        let (mut at, mut hit) = (start, false);
        loop {
            if pattern.get(at) == Some(&b']') && at > start {
                return Some((at + 1, hit != negated));
            }
            let low = self.member(pattern, &mut at)?;
            let is_range =
                pattern.get(at) == Some(&b'-') && !matches!(pattern.get(at + 1), None | Some(b']'));
            let high = if is_range {
                at += 1;
                self.member(pattern, &mut at)?
            } else {
                low
            };
            hit |= (low..=high).contains(&byte) || (self.case_blind && within_letters(low, high, byte));
        }
    }

    /// One member of a bracket expression, its escape taken off.
    fn member(self, pattern: &[u8], at: &mut usize) -> Option<u8> {
        if !self.no_escape && pattern.get(*at) == Some(&b'\\') {
            *at += 1;
        }
        let byte = pattern.get(*at).copied().filter(|byte| !(self.pathname && *byte == b'/'))?;
        *at += 1;
        Some(byte)
    }

    fn same(self, left: u8, right: u8) -> bool {
        left == right || (self.case_blind && left.eq_ignore_ascii_case(&right))
    }
}

fn within_letters(low: u8, high: u8, byte: u8) -> bool {
    (low.to_ascii_lowercase()..=high.to_ascii_lowercase()).contains(&byte.to_ascii_lowercase())
}

/// Whether a name matches a pattern of `*` and `?` only (ap_strcmp_match).
pub fn strcmp_match(name: &[u8], pattern: &[u8]) -> bool {
    wild(name, pattern, |left, right| left == right)
}

/// [`strcmp_match`] without regard to ASCII letter case (ap_strcasecmp_match).
pub fn strcasecmp_match(name: &[u8], pattern: &[u8]) -> bool {
    wild(name, pattern, |left, right| left.eq_ignore_ascii_case(&right))
}

fn wild(name: &[u8], pattern: &[u8], same: impl Fn(u8, u8) -> bool) -> bool {
    let (mut at, mut pat) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(pat), name.get(at)) {
            (None, None) => return true,
            (Some(b'*'), _) => {
                pat += 1;
                star = Some((pat, at));
            }
            (Some(&want), Some(&byte)) if want == b'?' || same(want, byte) => (pat, at) = (pat + 1, at + 1),
            _ => {
                let Some((behind, reached)) = star.filter(|(_, reached)| *reached < name.len()) else {
                    return false;
                };
                star = Some((behind, reached + 1));
                (pat, at) = (behind, reached + 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Flags = Flags { pathname: false, period: false, no_escape: false, case_blind: false };
    const PATH: Flags = Flags { pathname: true, ..PLAIN };
    const DOT: Flags = Flags { period: true, ..PLAIN };
    const BLIND: Flags = Flags { case_blind: true, ..PLAIN };
    const RAW: Flags = Flags { no_escape: true, ..PLAIN };

    #[track_caller]
    fn matches(flags: Flags, pattern: &str, yes: &[&str], no: &[&str]) {
        for text in yes {
            assert!(fnmatch(pattern.as_bytes(), text.as_bytes(), flags), "{pattern:?} should match {text:?}");
        }
        for text in no {
            assert!(
                !fnmatch(pattern.as_bytes(), text.as_bytes(), flags),
                "{pattern:?} should not match {text:?}"
            );
        }
    }

    #[test]
    fn fnmatch_agrees_with_apr() {
        matches(PLAIN, "", &[""], &["a"]);
        matches(PLAIN, "*.conf", &["a.conf", ".conf", "a/b.conf"], &["a.conf~", "conf"]);
        matches(PLAIN, "a*b*c", &["abc", "axbxc", "abcbc"], &["ab", "acb", "abcx"]);
        matches(PLAIN, "a?c", &["abc", "a/c"], &["ac", "abbc"]);
        matches(PLAIN, "[a-c]x", &["ax", "cx"], &["dx", "x", "aax"]);
        matches(PLAIN, "[!a-c]x", &["dx", "-x"], &["ax", "x"]);
        matches(PLAIN, "[^a]", &["b"], &["a", ""]);
        matches(PLAIN, "[]a]", &["]", "a"], &["b"]);
        matches(PLAIN, "[a\\]b]", &["a", "]", "b"], &["\\"]);
        matches(PLAIN, "[a-]", &["a", "-"], &["b"]);
        matches(PLAIN, "[abc", &["[abc"], &["a"]);
        matches(PLAIN, "\\*", &["*"], &["\\*", "x"]);
        matches(PLAIN, "a\\", &["a\\"], &["a"]);
        matches(RAW, "\\*", &["\\", "\\x"], &["*"]);
        matches(BLIND, "A[b-d]?", &["abX", "aCx", "ADx"], &["aex"]);
        matches(PLAIN, "***a", &["a", "xxa"], &["", "ab"]);
    }

    #[test]
    fn slashes_and_leading_dots_are_kept_where_asked() {
        matches(PATH, "/*/x", &["/a/x", "//x"], &["/a/b/x", "/x"]);
        matches(PATH, "/a*", &["/a", "/ab"], &["/a/b"]);
        matches(PATH, "/?", &["/a"], &["//"]);
        matches(PATH, "/[!a]", &["/b"], &["//", "/a"]);
        matches(PATH, "[a/b]", &["[a/b]"], &["a"]);
        matches(DOT, "*", &["a", "a.b", ""], &[".a", "."]);
        matches(DOT, ".*", &[".a", "."], &["a"]);
        matches(DOT, "?a", &["xa"], &[".a"]);
        matches(DOT, "[.]a", &[], &[".a"]);
        matches(DOT, "\\.a", &[".a"], &[]);
        matches(Flags { pathname: true, ..DOT }, "/*/b", &["/a/b"], &["/.a/b"]);
        matches(DOT, "*/b", &["a/b", "a/.b/b"], &[".a/b"]);
    }

    #[test]
    fn stars_do_not_explode() {
        let pattern = "*a".repeat(200);
        assert!(!fnmatch(pattern.as_bytes(), "a".repeat(199).as_bytes(), PLAIN));
        assert!(!strcmp_match("a".repeat(199).as_bytes(), pattern.as_bytes()));
    }

    #[test]
    fn patterns_are_told_from_names() {
        for pattern in ["*", "a?", "[a]", "x[ab]y"] {
            assert!(is_pattern(pattern.as_bytes()), "{pattern}");
        }
        for name in ["", "a", "[a", "a]", "\\*", "a\\"] {
            assert!(!is_pattern(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn names_match_as_in_server_alias() {
        for (pattern, name) in
            [("*.a.test", "x.a.test"), ("a?.test", "ab.test"), ("*", ""), ("a*", "a"), ("*b*", "abc")]
        {
            assert!(strcmp_match(name.as_bytes(), pattern.as_bytes()), "{pattern} {name}");
        }
        for (pattern, name) in
            [("*.a.test", "a.test"), ("a?", "a"), ("a", "A"), ("[a]", "a"), ("", "x"), ("a*b", "a")]
        {
            assert!(!strcmp_match(name.as_bytes(), pattern.as_bytes()), "{pattern} {name}");
        }
        assert!(strcasecmp_match(b"WWW.A.test", b"*.a.TEST"));
    }
}
