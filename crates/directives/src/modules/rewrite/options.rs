//! RewriteOptions.

use crate::interpret::{Cx, Outcome, Problem};
use crate::words::Arg;

use super::touch;

/// What RewriteOptions switches on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The outer scope's rules hold, too, behind the own ones.
    pub inherit: bool,
    /// The outer scope's rules hold, too, before the own ones.
    pub inherit_before: bool,
    /// As if all inner scopes said Inherit.
    pub inherit_down: bool,
    /// As if all inner scopes said InheritBefore.
    pub inherit_down_before: bool,
    /// InheritDown and InheritDownBefore of the outer scope do not hold.
    pub ignore_inherit: bool,
    /// Rules of a folder see the request for the folder without its slash, too.
    pub allow_no_slash: bool,
    /// Rules see request targets that are no paths, too (`*`).
    pub allow_any_uri: bool,
    /// RewriteBase of the outer scope holds where the inner one has none.
    pub merge_base: bool,
    /// Relative results are not put below the URL that Alias gave the folder.
    pub ignore_context_info: bool,
    /// A URL of this server as a result counts as a path of the disk, too.
    pub legacy_prefix_doc_root: bool,
    /// Any result whose first folder exists counts as a path of the disk.
    pub unsafe_prefix_stat: bool,
}

pub(super) fn option(cx: &mut Cx<'_>, arg: &Arg) -> Outcome {
    touch(cx);
    let word = arg.text()?.to_ascii_lowercase();
    let mut options = Options::default();
    match word.as_str() {
        "inherit" => options.inherit = true,
        "inheritbefore" => options.inherit_before = true,
        "inheritdown" => options.inherit_down = true,
        "inheritdownbefore" => options.inherit_down_before = true,
        "ignoreinherit" => options.ignore_inherit = true,
        "allownoslash" => options.allow_no_slash = true,
        "allowanyuri" => options.allow_any_uri = true,
        "mergebase" => options.merge_base = true,
        "ignorecontextinfo" => options.ignore_context_info = true,
        "legacyprefixdocroot" => options.legacy_prefix_doc_root = true,
        "unsafeprefixstat" => options.unsafe_prefix_stat = true,
        old if old.starts_with("maxredirects=") => {
            cx.warn("rewrite-max-redirects", arg, "MaxRedirects is ignored: use LimitInternalRecursion");
        }
        _ => return Err(Problem::at(arg, format!("RewriteOptions knows no {}", arg.text()?))),
    }
    let section = cx.place.path().is_some();
    for set in [Some(&mut cx.dir.rewrite.options), (!section).then_some(&mut cx.server.rewrite.options)] {
        let Some(set) = set else { continue };
        let so_far = set.as_ref().map(|set| set.value).unwrap_or_default();
        *set = Some(crate::config::Setting { value: so_far.or(options), span: cx.span });
    }
    Ok(())
}

impl Options {
    /// Everything that either switches on.
    fn or(self, other: Self) -> Self {
        macro_rules! either {
            ($($field:ident),*) => { Self { $($field: self.$field || other.$field),* } };
        }
        either!(
            inherit,
            inherit_before,
            inherit_down,
            inherit_down_before,
            ignore_inherit,
            allow_no_slash,
            allow_any_uri,
            merge_base,
            ignore_context_info,
            legacy_prefix_doc_root,
            unsafe_prefix_stat
        )
    }
}
