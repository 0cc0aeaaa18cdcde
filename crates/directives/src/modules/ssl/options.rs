//! SSLOptions, and what a section demands of a request's TLS.

use crate::config::Merge;
use crate::interpret::{Cx, Outcome, Problem};
use crate::words::{Arg, RawArgs};

/// SSLOptions: a set that a section replaces, or adds to and takes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The options in force, where nothing surrounds this scope.
    set: u8,
    added: u8,
    removed: u8,
    /// Whether the scope stands on the one around it (httpd's SSL_OPT_RELSET).
    relative: bool,
}

/// One option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SslOption {
    /// SSL variables in the environment.
    StdEnvVars = 1,
    /// Certificates too.
    ExportCertData = 2,
    /// The client's name as a user with the password `password`.
    FakeBasicAuth = 4,
    /// SSLRequireSSL's refusal overrides `Satisfy Any`.
    StrictRequire = 8,
    /// Spares renegotiation, which does not exist here.
    OptRenegotiate = 16,
    /// Distinguished names as `/C=DE/CN=x`.
    LegacyDNStringFormat = 32,
}

const NAMES: [(&str, SslOption); 6] = [
    ("StdEnvVars", SslOption::StdEnvVars),
    ("ExportCertData", SslOption::ExportCertData),
    ("FakeBasicAuth", SslOption::FakeBasicAuth),
    ("StrictRequire", SslOption::StrictRequire),
    ("OptRenegotiate", SslOption::OptRenegotiate),
    ("LegacyDNStringFormat", SslOption::LegacyDNStringFormat),
];

impl Default for Options {
    fn default() -> Self {
        Self { set: 0, added: 0, removed: 0, relative: true }
    }
}

impl Options {
    /// Whether an option is in force.
    pub fn has(self, option: SslOption) -> bool {
        self.set & option as u8 != 0
    }
}

/// httpd's `ssl_config_perdir_merge`.
impl Merge for Options {
    fn merge(base: &Self, add: &Self) -> Self {
        if !add.relative {
            return *add;
        }
        let added = base.added & !add.removed | add.added;
        let removed = base.removed & !add.added | add.removed;
        Self { set: base.set & !removed | added, added, removed, relative: base.relative }
    }
}

/// SSLOptions. An unsigned option throws away all before it on the line and around the section
/// (httpd's `ssl_cmd_SSLOptions`).
pub(super) fn set(cx: &mut Cx<'_>, raw: &RawArgs) -> Outcome {
    let mut options = cx.dir.ssl.options;
    for word in raw.words() {
        let text = word.text()?;
        let (sign, name) = match text.as_bytes().first() {
            Some(sign @ (b'+' | b'-')) => (Some(*sign), &text[1..]),
            _ => (None, text),
        };
        let found = NAMES.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let (_, option) = found.ok_or_else(|| Problem::at(&word, format!("'{name}' is no option")))?;
        let bit = option as u8;
        match sign {
            Some(b'+') => {
                options.added |= bit;
                options.removed &= !bit;
                options.set |= bit;
            }
            Some(_) => {
                options.added &= !bit;
                options.removed |= bit;
                options.set &= !bit;
            }
            None => options = Options { set: bit, added: bit, removed: 0, relative: false },
        }
    }
    cx.dir.ssl.options = options;
    Ok(())
}

pub(super) fn require_ssl(cx: &mut Cx<'_>) -> Outcome {
    cx.dir.ssl.require_ssl = Some(cx.set(()));
    Ok(())
}

pub(super) fn user_name(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let name = arg.text()?.to_owned();
    cx.dir.ssl.user_name = Some(cx.set(name));
    Ok(())
}
