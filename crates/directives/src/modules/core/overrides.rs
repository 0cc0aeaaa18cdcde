//! AllowOverride, AllowOverrideList and AccessFileName: what `.htaccess` files may say, and what they are called.

use std::sync::Arc;

use super::options::Options;
use crate::config::Scope;
use crate::diag::Diagnostic;
use crate::interpret::{Cx, Outcome, Problem};
use crate::registry::{self, Contexts, Overrides, Row, Shape};
use crate::words::{Arg, RawArgs};

/// The rows of this file.
pub(super) const ACCESS_FILE_NAME: Row = Row::supported(
    "AccessFileName",
    Contexts::SERVER,
    Shape::Raw(access_file_name),
    "What .htaccess files are called; the first that is there counts",
);
pub(super) const ALLOW_OVERRIDE: Row = Row::supported(
    "AllowOverride",
    Contexts::SECTION,
    Shape::Raw(allow_override),
    "Which classes of directives may stand in .htaccess files",
);
pub(super) const ALLOW_OVERRIDE_LIST: Row = Row::supported(
    "AllowOverrideList",
    Contexts::SECTION,
    Shape::Argv(allow_override_list),
    "Which directives may stand in .htaccess files",
);

/// AllowOverride.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AllowOverride {
    /// Which classes of directives may stand in `.htaccess`.
    pub classes: Overrides,
    /// What Options may say there.
    pub options: Options,
    /// Whether a directive that may not stand there is passed over; else it is an error (`Nonfatal=Override`).
    pub skips_forbidden: bool,
    /// Whether a directive that nobody knows is passed over (`Nonfatal=Unknown`).
    pub skips_unknown: bool,
}

impl AllowOverride {
    /// What holds where no line says it: nothing may stand there.
    pub const UNSET: Self = Self {
        classes: Overrides::NONE,
        options: Options::EVERY,
        skips_forbidden: false,
        skips_unknown: false,
    };

    /// Whether `.htaccess` files are not even looked for.
    #[must_use]
    pub fn is_none(self) -> bool {
        self.classes == Overrides::NONE && !self.skips_forbidden && !self.skips_unknown
    }
}

fn allow_override(cx: &mut Cx<'_>, raw: &RawArgs) -> Outcome {
    warn_if_useless(cx, "AllowOverride");
    // What an earlier line of the same section says of Options stays.
    let options = cx.dir.core.allow_override.map_or(Options::EVERY, |set| set.options);
    let mut allowed = AllowOverride { options, ..AllowOverride::UNSET };
    for word in raw.words() {
        let text = word.text()?;
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        if let Some(class) = Overrides::named(name) {
            allowed.classes = allowed.classes.or(class);
            if class == Overrides::OPTIONS {
                allowed.options =
                    value.map_or(Ok(Options::ALL), |list| listed(&word, list, allowed.options))?;
            }
        } else if name.eq_ignore_ascii_case("None") || name.eq_ignore_ascii_case("All") {
            let all = name.eq_ignore_ascii_case("All");
            let classes = if all { Overrides::ALL } else { Overrides::NONE };
            allowed = AllowOverride { classes, options: allowed.options, ..AllowOverride::UNSET };
        } else if name.eq_ignore_ascii_case("Nonfatal") {
            nonfatal(cx, &word, value, &mut allowed)?;
        } else {
            return Err(Problem::at(&word, format!("illegal override option {name}")));
        }
    }
    cx.dir.core.allow_override = Some(cx.set(allowed));
    Ok(())
}

/// `Options=`, a list with commas; an empty one changes nothing (`set_allow_opts`).
fn listed(word: &Arg, list: &str, before: Options) -> Result<Options, Problem> {
    let names = list.split(',').filter(|name| !name.is_empty());
    let add = |sum: Option<Options>, name: &str| match Options::named(name.as_bytes()) {
        Some(options) => Ok(Some(sum.unwrap_or(Options::NONE).or(options))),
        None => Err(Problem::at(word, format!("illegal option {name}"))),
    };
    Ok(names.into_iter().try_fold(None, add)?.unwrap_or(before))
}

fn nonfatal(cx: &mut Cx<'_>, word: &Arg, value: Option<&str>, allowed: &mut AllowOverride) -> Outcome {
    let Some(value) = value else {
        return Err(Problem::at(word, "=Override, =Unknown or =All has to follow Nonfatal"));
    };
    let all = value.eq_ignore_ascii_case("All");
    let (forbidden, unknown) =
        (value.eq_ignore_ascii_case("Override"), value.eq_ignore_ascii_case("Unknown"));
    if !all && !forbidden && !unknown {
        cx.warn("ignored-argument", word, "only =Override, =Unknown and =All mean anything behind Nonfatal");
    }
    allowed.skips_forbidden |= all || forbidden;
    allowed.skips_unknown |= all || unknown;
    Ok(())
}

fn allow_override_list(cx: &mut Cx<'_>, words: &[Arg]) -> Outcome {
    warn_if_useless(cx, "AllowOverrideList");
    let mut names = Vec::new();
    for word in words {
        if word.is("None") {
            if words.len() > 1 {
                return Err(Problem::at(word, "None stands alone in AllowOverrideList"));
            }
            break;
        }
        match may_be_listed(word.text()?) {
            Ok(name) => names.push(name),
            Err(why) => {
                cx.warn("not-overridable", word, format!("AllowOverrideList cannot name this: {why}"));
            }
        }
    }
    cx.dir.core.allow_override_list = Some(cx.set(names.into()));
    Ok(())
}

/// The directive of a name in AllowOverrideList; a section is written with its opening bracket only, as in httpd.
fn may_be_listed(name: &str) -> Result<&'static str, &'static str> {
    let whole = if name.starts_with('<') { format!("{name}>") } else { name.to_owned() };
    let entries = registry::lookup(&whole);
    let entry = entries.first().ok_or("it is no directive of httpd")?;
    if !entry.row.contexts.allows(Contexts::HTACCESS) {
        return Err("it does not stand in .htaccess");
    }
    Ok(entry.row.name)
}

/// Folders are looked at before any of these is (`ap_directory_walk`).
fn warn_if_useless(cx: &mut Cx<'_>, directive: &str) {
    let works = matches!(cx.place.section, Some(Scope::Directory(pattern)) if !pattern.is_regex());
    if !works {
        let message = format!("{directive} does nothing here, in httpd neither: .htaccess is read before");
        let warning = Diagnostic::warning("section-too-late", cx.span, message);
        cx.report(warning.help("put it into a <Directory> without a regular expression"));
    }
}

fn access_file_name(cx: &mut Cx<'_>, raw: &RawArgs) -> Outcome {
    let mut names = Vec::new();
    for word in raw.words() {
        names.push(word.text()?.into());
    }
    cx.server.core.access_file_names = Some(cx.set(Arc::from(names)));
    Ok(())
}
