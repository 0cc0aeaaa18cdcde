//! How files are served: their types and handlers, what stands behind their names, entity tags, ranges.

use std::sync::Arc;

use crate::config::{Merge, Setting};
use crate::expr::{Expr, Word};
use crate::interpret::{Cx, Outcome, Problem};
use crate::registry::{Contexts, Row, Shape};
use crate::values::atoi;
use crate::words::{Arg, RawArgs};

pub(super) const ACCEPT_PATH_INFO: Row = Row::supported(
    "AcceptPathInfo",
    Contexts::FILE_INFO,
    Shape::Take1(accept_path_info),
    "Whether a URL may go on behind a file's name: On, Off, or Default, which is Off for files",
);

pub(super) const FILE_ETAG: Row = Row::supported(
    "FileETag",
    Contexts::FILE_INFO,
    Shape::Raw(file_etag),
    "What entity tags of files are made of: INode, MTime, Size, Digest, All, None; MTime and Size if unset",
);

pub(super) const FORCE_TYPE: Row = Row::supported(
    "ForceType",
    Contexts::FILE_INFO,
    Shape::Take1(force_type),
    "The Content-Type, whatever a file's name says; None leaves it to that again",
);

pub(super) const MAX_RANGE_OVERLAPS: Row = Row::supported(
    "MaxRangeOverlaps",
    Contexts::CONFIG,
    Shape::Take1(|cx, arg| ranges(cx, arg, |dir| &mut dir.core.max_range_overlaps)),
    "How many ranges of a request may overlap before it gets the whole content",
);

pub(super) const MAX_RANGE_REVERSALS: Row = Row::supported(
    "MaxRangeReversals",
    Contexts::CONFIG,
    Shape::Take1(|cx, arg| ranges(cx, arg, |dir| &mut dir.core.max_range_reversals)),
    "How many ranges of a request may go back before it gets the whole content",
);

pub(super) const MAX_RANGES: Row = Row::supported(
    "MaxRanges",
    Contexts::CONFIG,
    Shape::Take1(|cx, arg| ranges(cx, arg, |dir| &mut dir.core.max_ranges)),
    "How many ranges a request may ask for before it gets the whole content",
);

pub(super) const SET_HANDLER: Row = Row::supported(
    "SetHandler",
    Contexts::FILE_INFO,
    Shape::Take1(set_handler),
    "Who answers: proxy:URL is passed on; what wsgate does not run is answered 403",
);

/// AcceptPathInfo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathInfo {
    /// As the handler has it.
    Default,
    /// It may.
    On,
    /// It may not.
    Off,
}

/// The most ranges of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeLimit {
    /// As httpd has it.
    Default,
    /// Any number.
    Unlimited,
    /// So many.
    AtMost(u32),
}

/// FileETag, as httpd keeps it: what stands without a sign, and what was added and taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileETag {
    parts: TagParts,
    added: TagParts,
    removed: TagParts,
}

/// What an entity tag is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TagParts(u8);

impl TagParts {
    const UNSET: Self = Self(0);
    /// There is no tag.
    pub const NONE: Self = Self(1);
    /// The time of the last change.
    pub const TIME: Self = Self(2);
    /// The number of the file.
    pub const INODE: Self = Self(4);
    /// Its size.
    pub const SIZE: Self = Self(8);
    /// A digest of its content; then nothing else counts.
    pub const DIGEST: Self = Self(16);
    const ALL: Self = Self(2 | 4 | 8);
    const DEFAULT: Self = Self(2 | 8);

    /// Whether this is one of the parts.
    pub fn has(self, part: Self) -> bool {
        self.0 & part.0 != 0
    }

    fn with(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    fn without(self, less: Self) -> Self {
        Self(self.0 & !less.0)
    }
}

impl FileETag {
    /// What tags are made of (`ap_make_etag_ex`).
    pub fn parts(self) -> TagParts {
        match self.parts.without(self.removed).with(self.added) {
            TagParts::UNSET => TagParts::DEFAULT,
            parts => parts,
        }
    }
}

/// Signs change what the outer scope has; a word without one replaces it (`merge_core_dir_configs`).
impl Merge for FileETag {
    fn merge(base: &Self, add: &Self) -> Self {
        let mut merged = if add.parts == TagParts::UNSET {
            let added = base.added.without(add.removed).with(add.added);
            let removed = base.removed.without(add.added).with(add.removed);
            Self { parts: base.parts.without(removed).with(added), added, removed }
        } else {
            *add
        };
        if merged.parts != TagParts::NONE {
            merged.parts = merged.parts.without(TagParts::NONE);
        }
        merged
    }
}

fn file_etag(cx: &mut Cx<'_>, args: &RawArgs) -> Outcome {
    let tag = &mut cx.dir.core.file_etag;
    let mut first = true;
    for word in args.words() {
        let (sign, name) = match word.as_bytes() {
            [sign @ (b'+' | b'-'), name @ ..] => (Some(*sign), name),
            name => (None, name),
        };
        // A word without a sign forgets what earlier lines of the scope said.
        if sign.is_none() && std::mem::take(&mut first) {
            *tag = FileETag::default();
        }
        let (whole, part) = part_of(name)
            .ok_or_else(|| Problem::at(&word, "only INode, MTime, Size, Digest, All and None are known"))?;
        match sign {
            Some(_) if whole => return Err(Problem::at(&word, "All and None take no sign")),
            Some(b'+') => (tag.added, tag.removed) = (tag.added.with(part), tag.removed.without(part)),
            Some(_) => (tag.added, tag.removed) = (tag.added.without(part), tag.removed.with(part)),
            None => {
                let parts = if whole { part } else { tag.parts.with(part) };
                *tag = FileETag { parts, ..FileETag::default() };
            }
        }
    }
    Ok(())
}

/// What a word of FileETag names, and whether that is all or nothing.
fn part_of(name: &[u8]) -> Option<(bool, TagParts)> {
    let known = [
        ("None", true, TagParts::NONE),
        ("All", true, TagParts::ALL),
        ("Size", false, TagParts::SIZE),
        ("MTime", false, TagParts::TIME),
        ("LMTime", false, TagParts::TIME),
        ("LastModified", false, TagParts::TIME),
        ("INode", false, TagParts::INODE),
        ("Digest", false, TagParts::DIGEST),
    ];
    let mut found = known.into_iter().filter(|(word, ..)| name.eq_ignore_ascii_case(word.as_bytes()));
    found.next().map(|(_, whole, part)| (whole, part))
}

fn accept_path_info(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let accept = if arg.is("on") {
        PathInfo::On
    } else if arg.is("off") {
        PathInfo::Off
    } else if arg.is("default") {
        PathInfo::Default
    } else {
        return Err(Problem::at(arg, "only on, off and default are known"));
    };
    cx.dir.core.accept_path_info = Some(cx.set(accept));
    Ok(())
}

fn force_type(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    cx.dir.core.force_type = Some(cx.set(arg.text()?.to_ascii_lowercase().into()));
    Ok(())
}

/// SetHandler's name.
pub type Handler = Arc<Expr<Word>>;

fn set_handler(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    let name = cx.string(arg, 0)?;
    if name.constant().is_some_and(|name| name.eq_ignore_ascii_case(b"balancer-manager")) {
        cx.no_effect(arg.span, "what its page may change", "balancers are shown, and changed by a reload");
    }
    cx.dir.core.set_handler = Some(cx.set(name));
    Ok(())
}

fn ranges(
    cx: &mut Cx<'_>,
    arg: &Arg,
    field: fn(&mut crate::modules::DirConf) -> &mut Option<Setting<RangeLimit>>,
) -> Outcome {
    let limit = if arg.is("none") {
        RangeLimit::AtMost(0)
    } else if arg.is("default") {
        RangeLimit::Default
    } else if arg.is("unlimited") {
        RangeLimit::Unlimited
    } else {
        match u32::try_from(atoi(arg.as_bytes())) {
            Ok(most @ 1..) => RangeLimit::AtMost(most),
            _ => return Err(Problem::at(arg, "a positive number, none, default or unlimited is needed")),
        }
    };
    let limit = cx.set(limit);
    *field(cx.dir) = Some(limit);
    Ok(())
}
