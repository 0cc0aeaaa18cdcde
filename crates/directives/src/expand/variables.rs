//! Define, UnDefine and `${NAME}`.

use std::collections::{BTreeMap, BTreeSet};

use memchr::memchr;
use nom::IResult;
use nom::Parser;
use nom::bytes::complete::{tag, take_till};
use nom::sequence::delimited;

use crate::facts::Facts;
use crate::span::Span;
use crate::words::RawArgs;

use super::shown;

/// The longest line after substitution; httpd knows no bound, and `Define b ${a}${a}` doubles.
pub(super) const MAX_LINE: usize = 1 << 20;

/// What `${NAME}` and `<IfDefine>` see.
///
/// httpd keeps names and values apart: a name in a set that letter case matters to, a value in a table that it does
/// not matter to (ap_server_config_defines, server_config_defined_vars).
#[derive(Debug, Default)]
pub(super) struct Variables {
    names: BTreeSet<Vec<u8>>,
    /// By name in lower case: the name as last defined, and its value.
    values: BTreeMap<Vec<u8>, (Vec<u8>, Vec<u8>)>,
    environment: BTreeMap<String, String>,
}

/// A line after substitution.
pub(super) struct Substituted {
    pub(super) text: RawArgs,
    /// The names that stand for nothing, with their places; they stay as they are.
    pub(super) undefined: Vec<(Span, String)>,
}

impl Variables {
    /// The state before the first line.
    pub(super) fn new(facts: &Facts) -> Self {
        let mut variables = Self { environment: facts.environment.clone(), ..Self::default() };
        for (name, value) in &facts.defines {
            // A bare `-D NAME` has no value: its `${NAME}` is not defined.
            let value = Some(value.as_bytes()).filter(|value| !value.is_empty());
            variables.define(name.as_bytes(), value);
        }
        variables
    }

    pub(super) fn define(&mut self, name: &[u8], value: Option<&[u8]>) {
        self.names.insert(name.to_vec());
        if let Some(value) = value {
            self.values.insert(name.to_ascii_lowercase(), (name.to_vec(), value.to_vec()));
        }
    }

    pub(super) fn undefine(&mut self, name: &[u8]) {
        self.names.remove(name);
        self.values.remove(&name.to_ascii_lowercase());
    }

    pub(super) fn is_defined(&self, name: &[u8]) -> bool {
        self.names.contains(name)
    }

    /// What is defined, for those who only look.
    pub(super) fn listing(&self) -> BTreeMap<String, Option<String>> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let named = self.names.iter().map(|name| (text(name), None));
        named.chain(self.values.values().map(|(name, value)| (text(name), Some(text(value))))).collect()
    }

    fn value(&self, name: &[u8]) -> Option<&[u8]> {
        let defined = self.values.get(&name.to_ascii_lowercase()).map(|(_, value)| value.as_slice());
        let environment = || std::str::from_utf8(name).ok().and_then(|name| self.environment.get(name));
        defined.or_else(|| environment().map(String::as_bytes))
    }

    /// Replaces every `${NAME}` of a line once; values are not looked at again. `None`: the result is too long.
    pub(super) fn substitute(&self, line: &RawArgs) -> Option<Substituted> {
        let bytes = line.as_bytes();
        let mut out = Substituted { text: line.slice(0..0), undefined: Vec::new() };
        let (mut copied, mut at) = (0, 0);
        while let Some(dollar) = memchr(b'$', &bytes[at..]) {
            let start = at + dollar;
            let Ok((behind, name)) = variable(&bytes[start..]) else {
                at = start + 1;
                continue;
            };
            at = bytes.len() - behind.len();
            match self.value(name) {
                Some(value) => {
                    out.text.push_part(line, copied..start);
                    out.text.push_value(line, start..at, value);
                    copied = at;
                }
                // `${map:key}` is mod_rewrite's.
                None if name.contains(&b':') => {}
                None => {
                    out.undefined.push((line.span_of(start..at), shown(name)));
                }
            }
            if out.text.as_bytes().len() > MAX_LINE {
                return None;
            }
        }
        out.text.push_part(line, copied..bytes.len());
        Some(out)
    }
}

fn variable(input: &[u8]) -> IResult<&[u8], &[u8]> {
    delimited(tag(&b"${"[..]), take_till(|byte| byte == b'}'), tag(&b"}"[..])).parse(input)
}
