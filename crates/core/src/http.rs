//! The head of an HTTP message as httpd sees it: a request line and an ordered table of header fields.
//!
//! Not a parser and not a framing: it is what the parsers of all protocols hand over and what the request decision
//! works on. Names keep their spelling and are compared without regard to letter case, order is kept, repeated fields
//! may stand side by side, values are bytes. [`Headers`] follows the semantics of httpd's `apr_table_t`, because the
//! directives (`Header set`, `append`, `add`, `unset`) are defined in its terms. Everything is [`Bytes`]: a parsed
//! head is slices of one buffer, and cloning copies no text.

use std::collections::HashMap;
use std::fmt;

use bytes::Bytes;

/// An HTTP version: compared as httpd compares `HTTP_VERSION(major, minor)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The digit before the dot.
    pub major: u8,
    /// The digit behind the dot.
    pub minor: u8,
}

impl Version {
    /// A request line without a version (RFC 1945 section 4.1): the answer has no head.
    pub const HTTP_09: Self = Self { major: 0, minor: 9 };
    /// HTTP/1.0 (RFC 1945).
    pub const HTTP_10: Self = Self { major: 1, minor: 0 };
    /// HTTP/1.1 (RFC 9112). httpd serves 1.2 and 2.0 written in a request line like it.
    pub const HTTP_11: Self = Self { major: 1, minor: 1 };
    /// HTTP/2 (RFC 9113).
    pub const HTTP_2: Self = Self { major: 2, minor: 0 };
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP/{}.{}", self.major, self.minor)
    }
}

/// How closely the grammar is kept: `HttpProtocolOptions Strict|Unsafe`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conformance {
    /// RFC 9112 to the letter: the default.
    #[default]
    Strict,
    /// What httpd read before 2.4.25: bare line feeds, runs of spaces, any byte in a name.
    Unsafe,
}

impl Conformance {
    /// Whether this is `Strict`.
    #[must_use]
    pub fn is_strict(self) -> bool {
        self == Self::Strict
    }
}

/// A request head: the request line and its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// `%r`: the request line with single spaces, as httpd keeps it in `the_request`.
    pub line: Bytes,
    /// The method, letter case kept.
    pub method: Bytes,
    /// The request target as it came: origin form, absolute form, authority form or `*`.
    pub target: Bytes,
    /// The version of the request line.
    pub version: Version,
    /// The header fields; repeated ones are already merged into one (`Headers::combine`).
    pub headers: Headers,
}

impl Head {
    /// A head of which nothing has been understood yet: what an error answer to an unreadable request works on.
    /// httpd gives such a request the version 1.0 (`read_request_line` in server/protocol.c).
    #[must_use]
    pub fn unread() -> Self {
        Self {
            line: Bytes::new(),
            method: Bytes::new(),
            target: Bytes::new(),
            version: Version::HTTP_10,
            headers: Headers::new(),
        }
    }
}

/// One header field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name in the sender's spelling.
    pub name: Bytes,
    /// The value without the white space around it.
    pub value: Bytes,
}

impl Field {
    /// Whether this is the field `name`, ignoring letter case.
    #[must_use]
    pub fn is(&self, name: &[u8]) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Header fields in order: httpd's table (`apr_tables.c` of APR). Serves requests and answers alike.
///
/// Lookups are linear: a table has a dozen fields, and order and spelling must survive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    fields: Vec<Field>,
}

impl Headers {
    /// An empty table.
    #[must_use]
    pub const fn new() -> Self {
        Self { fields: Vec::new() }
    }

    /// An empty table with room for `fields` fields.
    #[must_use]
    pub fn with_capacity(fields: usize) -> Self {
        Self { fields: Vec::with_capacity(fields) }
    }

    /// How many fields there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is no field.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// All fields in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Field> {
        self.fields.iter()
    }

    /// The value of the first field called `name` (`apr_table_get`).
    pub fn get(&self, name: impl AsRef<[u8]>) -> Option<&Bytes> {
        self.position(name.as_ref()).map(|at| &self.fields[at].value)
    }

    /// Whether there is a field called `name`.
    pub fn contains(&self, name: impl AsRef<[u8]>) -> bool {
        self.position(name.as_ref()).is_some()
    }

    /// The values of all fields called `name`, in order.
    pub fn all<'a>(&'a self, name: &'a [u8]) -> impl Iterator<Item = &'a Bytes> {
        self.fields.iter().filter(move |field| field.is(name)).map(|field| &field.value)
    }

    /// Adds a field behind the others, whether or not there is one of that name (`apr_table_add`).
    pub fn add(&mut self, name: impl Into<Bytes>, value: impl Into<Bytes>) {
        self.fields.push(Field { name: name.into(), value: value.into() });
    }

    /// Makes this the only field of that name (`apr_table_set`): the first one gets the new value and keeps its place
    /// and spelling, the others go; without one it is added.
    pub fn set(&mut self, name: impl Into<Bytes>, value: impl Into<Bytes>) {
        let name = name.into();
        let Some(first) = self.position(&name) else { return self.add(name, value) };
        self.fields[first].value = value.into();
        let mut index = 0;
        self.fields.retain(|field| {
            index += 1;
            index - 1 <= first || !field.is(&name)
        });
    }

    /// Appends to the first field of that name, behind a `, `, or adds one (`apr_table_merge`).
    pub fn merge(&mut self, name: impl Into<Bytes>, value: impl AsRef<[u8]>) {
        let name = name.into();
        match self.position(&name) {
            Some(at) => self.fields[at].value = joined(&[&self.fields[at].value[..], value.as_ref()]),
            None => self.add(name, Bytes::copy_from_slice(value.as_ref())),
        }
    }

    /// Removes all fields called `name` (`apr_table_unset`); whether there was one.
    pub fn remove(&mut self, name: impl AsRef<[u8]>) -> bool {
        let before = self.fields.len();
        self.fields.retain(|field| !field.is(name.as_ref()));
        before != self.fields.len()
    }

    /// Keeps only the fields that `keep` wants; it may change values.
    pub fn retain(&mut self, keep: impl FnMut(&mut Field) -> bool) {
        self.fields.retain_mut(keep);
    }

    /// Merges repeated fields into the first of each, behind `, ` (`apr_table_compress` with
    /// `APR_OVERLAP_TABLES_MERGE`; httpd does it to every request, Cookie included).
    pub fn combine(&mut self) {
        if !self.has_repeated() {
            return;
        }
        let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut merged: Vec<(Bytes, Vec<Bytes>)> = Vec::with_capacity(self.fields.len());
        for Field { name, value } in self.fields.drain(..) {
            let place = *places.entry(name.to_ascii_lowercase()).or_insert(merged.len());
            match merged.get_mut(place) {
                Some((_, values)) => values.push(value),
                None => merged.push((name, vec![value])),
            }
        }
        self.fields.extend(merged.into_iter().map(|(name, mut values)| {
            let value = if values.len() == 1 { values.remove(0) } else { joined(&values) };
            Field { name, value }
        }));
    }

    fn position(&self, name: &[u8]) -> Option<usize> {
        self.fields.iter().position(|field| field.is(name))
    }

    /// Pairwise for the usual dozen (no allocation); a table larger than that is simply taken to hold repetitions,
    /// so that the work does not grow with the square of what a peer sends.
    fn has_repeated(&self) -> bool {
        const FEW: usize = 32;
        self.fields.len() > FEW
            || self
                .fields
                .iter()
                .enumerate()
                .any(|(index, field)| self.fields[..index].iter().any(|other| other.is(&field.name)))
    }
}

impl<'a> IntoIterator for &'a Headers {
    type Item = &'a Field;
    type IntoIter = std::slice::Iter<'a, Field>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<Field> for Headers {
    fn from_iter<I: IntoIterator<Item = Field>>(fields: I) -> Self {
        Self { fields: fields.into_iter().collect() }
    }
}

/// Whether a comma-separated header value holds `token`, ignoring letter case (`ap_find_token` in server/util.c, which
/// ends a token at any separator; unlike it, a shortened token is not taken for the token).
#[must_use]
pub fn has_token(value: &[u8], token: &str) -> bool {
    value.split(|&byte| !is_token_byte(byte)).any(|word| word.eq_ignore_ascii_case(token.as_bytes()))
}

/// Whether `byte` may stand in a token: a method or a field name (RFC 9110 section 5.6.2).
#[must_use]
pub const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

fn joined(values: &[impl AsRef<[u8]>]) -> Bytes {
    let mut all = Vec::new();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            all.extend_from_slice(b", ");
        }
        all.extend_from_slice(value.as_ref());
    }
    all.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(fields: &[(&'static str, &'static str)]) -> Headers {
        let mut headers = Headers::new();
        for &(name, value) in fields {
            headers.add(name, value);
        }
        headers
    }

    #[track_caller]
    fn check(
        change: impl FnOnce(&mut Headers),
        before: &[(&'static str, &'static str)],
        after: &[(&'static str, &'static str)],
    ) {
        let mut headers = table(before);
        change(&mut headers);
        assert_eq!(headers, table(after));
    }

    #[test]
    fn tables_change_as_in_httpd() {
        let before = [("X-a", "1"), ("Other", "o"), ("x-A", "2")];
        check(|h| h.set("X-A", "3"), &before, &[("X-a", "3"), ("Other", "o")]);
        check(|h| h.set("New", "n"), &before, &[("X-a", "1"), ("Other", "o"), ("x-A", "2"), ("New", "n")]);
        check(|h| h.add("X-A", "3"), &before, &[("X-a", "1"), ("Other", "o"), ("x-A", "2"), ("X-A", "3")]);
        check(|h| h.merge("X-A", "3"), &before, &[("X-a", "1, 3"), ("Other", "o"), ("x-A", "2")]);
        check(|h| h.merge("New", "n"), &[], &[("New", "n")]);
        check(|h| assert!(h.remove("X-A")), &before, &[("Other", "o")]);
        check(|h| assert!(!h.remove("X-B")), &before, &before);
        check(Headers::combine, &before, &[("X-a", "1, 2"), ("Other", "o")]);
        check(Headers::combine, &[("a", "1"), ("b", "2")], &[("a", "1"), ("b", "2")]);
        check(Headers::combine, &[("a", ""), ("A", ""), ("b", "")], &[("a", ", "), ("b", "")]);
    }

    #[test]
    fn large_tables_combine_like_small_ones() {
        let mut headers: Headers = (0..1000)
            .map(|n| Field { name: format!("X-{}", n % 500).into(), value: n.to_string().into() })
            .collect();
        headers.combine();
        assert_eq!(headers.len(), 500);
        assert_eq!(headers.get("x-7").map(|value| &value[..]), Some(&b"7, 507"[..]));
        assert_eq!(headers.iter().next().map(|field| &field.name[..]), Some(&b"X-0"[..]));
    }

    #[test]
    fn lookups_ignore_case_and_keep_order() {
        let headers = table(&[("Set-Cookie", "a"), ("SET-COOKIE", "b"), ("Via", "c")]);
        assert_eq!(headers.get("set-cookie").map(|value| &value[..]), Some(&b"a"[..]));
        assert_eq!(headers.all(b"set-cookie").map(|value| &value[..]).collect::<Vec<_>>(), [b"a", b"b"]);
        assert!(headers.contains("VIA") && !headers.contains("Vi"));
    }

    #[test]
    fn tokens() {
        for (value, token, found) in [
            ("keep-alive, Upgrade", "upgrade", true),
            ("close", "close", true),
            (" Close ;x", "close", true),
            ("clos", "close", false),
            ("closed", "close", false),
            ("", "close", false),
        ] {
            assert_eq!(has_token(value.as_bytes(), token), found, "{token} in {value:?}");
        }
    }

    #[test]
    fn versions_compare_and_print() {
        assert!(Version::HTTP_09 < Version::HTTP_10 && Version::HTTP_11 < Version::HTTP_2);
        assert_eq!(Version::HTTP_11.to_string(), "HTTP/1.1");
    }
}
