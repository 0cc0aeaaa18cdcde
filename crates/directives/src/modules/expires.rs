//! mod_expires: how long answers stay fresh.

use crate::config::{Merge, Set};
use crate::interpret::{Cx, Outcome, Problem};
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::values::atoi;
use crate::words::Arg;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_expires",
    identifier: "expires_module",
    file: "mod_expires.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[
        Row::supported(
            "ExpiresActive",
            Contexts::INDEXES,
            Shape::Flag(active),
            "Whether answers say how long they stay fresh (Expires, Cache-Control)",
        ),
        Row::supported(
            "ExpiresByType",
            Contexts::INDEXES,
            Shape::Take2(by_type),
            "How long answers of a media type stay fresh",
        ),
        Row::supported(
            "ExpiresDefault",
            Contexts::INDEXES,
            Shape::Take1(default),
            "How long other answers stay fresh",
        ),
    ],
};

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// The module's lines, if there are any.
    pub own: Option<Settings>,
}

impl Merge for DirConf {
    fn merge(base: &Self, add: &Self) -> Self {
        let own = match (&base.own, &add.own) {
            (Some(base), Some(add)) => Some(Settings::merge(base, add)),
            (base, add) => add.as_ref().or(base.as_ref()).cloned(),
        };
        Self { own }
    }
}

/// The lines of a scope.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// ExpiresActive.
    pub active: Set<bool>,
    /// ExpiresByType.
    pub by_type: Vec<(Box<str>, Freshness)>,
    /// ExpiresDefault.
    pub default: Option<Freshness>,
    /// Whether types like `image/*` are looked at. A scope with lines of its own has to have such a line itself
    /// (`merge_expires_dir_configs`).
    pub wildcards: bool,
}

impl Merge for Settings {
    fn merge(base: &Self, add: &Self) -> Self {
        let mut by_type = add.by_type.clone();
        by_type.extend(base.by_type.iter().cloned());
        Self {
            active: Merge::merge(&base.active, &add.active),
            by_type,
            default: add.default.or(base.default),
            wildcards: add.wildcards,
        }
    }
}

impl Settings {
    /// What holds for a media type or a `type/*`.
    pub fn of(&self, media: &[u8]) -> Option<Freshness> {
        let own = self.by_type.iter().find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(media));
        own.map(|(_, freshness)| *freshness)
    }
}

/// How long something stays fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// From when on.
    pub since: Since,
    /// How long.
    pub seconds: i64,
}

/// When freshness begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// When it is asked for.
    Access,
    /// When the file was changed.
    Modification,
}

fn own<'a>(cx: &'a mut Cx<'_>) -> &'a mut Settings {
    cx.dir.expires.own.get_or_insert_default()
}

fn active(cx: &mut Cx<'_>, on: bool) -> Outcome {
    own(cx).active = Some(cx.set(on));
    Ok(())
}

fn by_type(cx: &mut Cx<'_>, media: &Arg, code: &Arg) -> Outcome {
    let name = media.text()?;
    let Some((_, minor)) = name.rsplit_once('/') else {
        return Err(Problem::at(media, "this is no media type: there is no slash"));
    };
    let (wildcard, freshness) = (minor == "*", freshness(cx, code)?);
    let settings = own(cx);
    settings.wildcards |= wildcard;
    settings.by_type.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    settings.by_type.push((name.into(), freshness));
    Ok(())
}

fn default(cx: &mut Cx<'_>, code: &Arg) -> Outcome {
    own(cx).default = Some(freshness(cx, code)?);
    Ok(())
}

/// `A3600` and `M3600`, or `access plus 1 hour` (`check_code`).
fn freshness(cx: &mut Cx<'_>, arg: &Arg) -> Result<Freshness, Problem> {
    let text = arg.text()?;
    if let [kind @ (b'A' | b'M'), number @ ..] = text.as_bytes() {
        if !number.first().is_some_and(|byte| byte.is_ascii_digit() || b"+- ".contains(byte)) {
            let message = "with a capital letter this is the short form A<seconds> or M<seconds>: 0 seconds";
            cx.warn("expires-capital", arg, message);
        }
        let since = if *kind == b'A' { Since::Access } else { Since::Modification };
        return Ok(Freshness { since, seconds: int(atoi(number)) });
    }
    let mut words = text.split_ascii_whitespace().peekable();
    let first = words.next().unwrap_or_default();
    let since = match first.bytes().next() {
        Some(b'a' | b'n' | b'N') => Since::Access,
        Some(b'm') => Since::Modification,
        _ => {
            return Err(Problem::at(
                arg,
                format!("it must begin with access, now or modification, not {first}"),
            ));
        }
    };
    words.next_if(|word| word.starts_with(['p', 'P']));
    let mut seconds = 0_i64;
    while let Some(number) = words.next() {
        if !number.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(Problem::at(arg, format!("a number is expected, not {number}")));
        }
        let Some(unit) = words.next() else {
            return Err(Problem::at(arg, format!("the unit is missing behind {number}")));
        };
        let factor = factor(unit).ok_or_else(|| Problem::at(arg, format!("{unit} is no unit of time")))?;
        seconds = int(seconds + factor * int(atoi(number.as_bytes())));
    }
    Ok(Freshness { since, seconds })
}

/// The seconds of a unit; httpd looks at its first letters only.
fn factor(unit: &str) -> Option<i64> {
    match unit.to_ascii_lowercase().as_bytes() {
        [b'y', ..] => Some(365 * 86_400),
        [b'm', b'o', ..] => Some(30 * 86_400),
        [b'w', ..] => Some(7 * 86_400),
        [b'd', ..] => Some(86_400),
        [b'h', ..] => Some(3600),
        [b'm', b'i', ..] => Some(60),
        [b's', ..] => Some(1),
        _ => None,
    }
}

/// At most what C's `int` holds.
fn int(number: i64) -> i64 {
    number.clamp(i32::MIN.into(), i32::MAX.into())
}
