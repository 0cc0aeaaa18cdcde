//! The directives, module by module, from the registry: what is acted on, and what is not and why.

use std::fmt::Write;

use wsgate_directives::modules;
use wsgate_directives::registry::{Maker, Module, Row, Status};

const NOTE: &str = "<!-- Written by `cargo xtask docs` from the registry. Edit the rows in crates/directives/src/modules. -->\n";

/// What is acted on.
pub(super) fn supported() -> String {
    let mut out = format!(
        "# Directives\n{NOTE}\nEvery directive that wsgate acts on, by httpd's module. *Override* is what AllowOverride has to \
         say, one of these words, for it to stand in `.htaccess`. What is not here is in \
         [compatibility.md](compatibility.md).\n"
    );
    for module in modules::all() {
        let rows: Vec<&Row> =
            module.rows.iter().filter(|row| matches!(row.status, Status::Supported(_))).collect();
        if rows.is_empty() {
            continue;
        }
        out += &format!("\n## {}\n\n| Directive | Where | Override | What it does |\n", module.name);
        out += "|---|---|---|---|\n";
        for row in rows {
            let places = row.contexts.names().join(", ");
            let classes = row.contexts.overrides.names().join(", ");
            _ = writeln!(out, "| `{}` | {places} | {classes} | {} |", row.name, cell(row.doc));
        }
    }
    out
}

/// What is read without effect, and what is refused.
pub(super) fn others() -> String {
    let mut out = format!(
        "# Compatibility\n{NOTE}\nThe directives of httpd 2.4.71 and of well-known modules of others that wsgate does \
         not act on. *No effect*: read and checked; it cannot change an answer or who gets it. *Only Off*: without \
         effect when it says `Off`, refused otherwise. *Refused*: it would change what is answered or to whom, so the \
         configuration is not served, and `wsgate check` names its file and line. A name that is in neither list is \
         an unknown directive.\n\n"
    );
    out += "| Module | Supported | No effect | Only Off | Refused |\n|---|--:|--:|--:|--:|\n";
    for module in modules::all().filter(|module| !module.rows.is_empty()) {
        let count = |kind| module.rows.iter().filter(|row| Kind::of(row) == kind).count();
        let counts = [Kind::Supported, Kind::NoEffect, Kind::OnlyOff, Kind::Refused].map(count);
        let [supported, no_effect, only_off, refused] = counts;
        _ = writeln!(out, "| {} | {supported} | {no_effect} | {only_off} | {refused} |", title(module));
    }
    for module in modules::all() {
        let rows: Vec<&Row> = module.rows.iter().filter(|row| Kind::of(row) != Kind::Supported).collect();
        if rows.is_empty() {
            continue;
        }
        _ = write!(
            out,
            "\n## {}\n\n| Directive | Here | Why, and what to do |\n|---|---|---|\n",
            title(module)
        );
        for row in rows {
            _ = writeln!(out, "| `{}` | {} | {} |", row.name, Kind::of(row).text(), cell(row.doc));
        }
    }
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Supported,
    NoEffect,
    OnlyOff,
    Refused,
}

impl Kind {
    fn of(row: &Row) -> Self {
        match row.status {
            Status::Supported(_) => Self::Supported,
            Status::NoEffect(..) => Self::NoEffect,
            Status::OnlyOff(..) => Self::OnlyOff,
            Status::Refused(..) => Self::Refused,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::NoEffect => "no effect",
            Self::OnlyOff => "only Off",
            Self::Refused => "refused",
        }
    }
}

fn title(module: &Module) -> String {
    let by_others = if module.maker == Maker::ThirdParty { " (not part of httpd)" } else { "" };
    format!("{}{by_others}", module.name)
}

/// Text that stays in its cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}
