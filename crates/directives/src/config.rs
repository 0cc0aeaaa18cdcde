//! The typed configuration: servers, sections, and what each module keeps for them.
//!
//! Every setting knows the line that set it. Nothing here is merged yet: that is `core`'s business, by the
//! [`Merge`] rules that stand beside each module's settings.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use crate::diag::Diagnostic;
use crate::expr::{Condition, Expr};
use crate::facts::Environment;
use crate::modules::{DirConf, ServerConf};
use crate::pattern::Pattern;
use crate::span::{Sources, Span};

/// A value and the place that set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// The directive that set it.
    pub span: Span,
}

impl<T> Deref for Setting<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A setting that may be unset; httpd's pair of `x` and `x_set`.
pub type Set<T> = Option<Setting<T>>;

/// How the settings of an inner scope stand on those of an outer one (httpd's merge_server_config and
/// merge_dir_config hooks).
pub trait Merge: Sized {
    /// The settings in force where both scopes hold: `add` is the inner, later one.
    #[must_use]
    fn merge(base: &Self, add: &Self) -> Self;
}

/// What the inner scope sets replaces what the outer one set.
impl<T: Clone> Merge for Option<T> {
    fn merge(base: &Self, add: &Self) -> Self {
        add.as_ref().or(base.as_ref()).cloned()
    }
}

/// A setting that an inner scope resets where it does not set it: httpd does not remember whether it was set.
#[derive(Clone, Copy, Debug)]
pub struct Latest<T>(pub Set<T>);

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Clone> Merge for Latest<T> {
    fn merge(_: &Self, add: &Self) -> Self {
        Self(add.0.clone())
    }
}

/// Lists grow: the outer scope's entries come first.
impl<T: Clone> Merge for Vec<T> {
    fn merge(base: &Self, add: &Self) -> Self {
        let mut all = Vec::with_capacity(base.len() + add.len());
        all.extend_from_slice(base);
        all.extend_from_slice(add);
        all
    }
}

/// Implements [`Merge`] field by field.
#[macro_export]
macro_rules! merge_fields {
    ($type:ty { $($field:ident),* $(,)? }) => {
        impl $crate::config::Merge for $type {
            fn merge(base: &Self, add: &Self) -> Self {
                Self { $($field: $crate::config::Merge::merge(&base.$field, &add.$field)),* }
            }
        }
    };
}

/// Everything that was read.
#[derive(Clone, Debug)]
pub struct Config {
    /// The files, for showing places.
    pub sources: Arc<Sources>,
    /// What stands outside of any `<VirtualHost>`.
    pub main: Server,
    /// The `<VirtualHost>` sections in the order of the files.
    pub vhosts: Vec<Server>,
    /// Which modules count as loaded.
    pub modules: crate::expand::Modules,
    /// ServerRoot, as it was set last.
    pub server_root: String,
    /// What the command line and Define lines define; without a value for `-D NAME`.
    pub defines: BTreeMap<String, Option<String>>,
    /// The process's environment.
    pub environment: Environment,
    /// All findings; the configuration is fit to serve if none is an error.
    pub diagnostics: Vec<Diagnostic>,
}

/// The main server or a virtual host.
#[derive(Clone, Debug, Default)]
pub struct Server {
    /// The `<VirtualHost>` line; none for the main server.
    pub span: Option<Span>,
    /// The addresses that `<VirtualHost>` names, as written.
    pub addresses: Vec<Setting<String>>,
    /// The port of the main server's ServerName where `<VirtualHost>` stands: that of addresses without one, `*` aside
    /// (`ap_init_virtual_host`).
    pub default_port: Option<u16>,
    /// Settings of the server as a whole.
    pub conf: ServerConf,
    /// Per-request settings that stand outside of sections (httpd's lookup_defaults).
    pub base: DirConf,
    /// `<Location>` and `<LocationMatch>`, in order.
    pub locations: Vec<Arc<Section>>,
    /// `<Directory>` and `<DirectoryMatch>`, in order.
    pub directories: Vec<Arc<Section>>,
    /// `<Proxy>` and `<ProxyMatch>`, in order.
    pub proxies: Vec<Arc<Section>>,
}

/// A section and the settings for what it matches. `<Files>` and `<If>` nest: those inside it are in its
/// [`DirConf`]'s core settings, where httpd keeps them too.
#[derive(Clone, Debug)]
pub struct Section {
    /// What it matches.
    pub scope: Scope,
    /// Its opening line.
    pub span: Span,
    /// Its settings.
    pub conf: DirConf,
}

/// What a section applies to.
#[derive(Clone, Debug)]
pub enum Scope {
    /// `<Location>` or `<LocationMatch>`: URL paths.
    Location(Pattern),
    /// `<Directory>` or `<DirectoryMatch>`: folders on the disk.
    Directory(Pattern),
    /// `<Files>` or `<FilesMatch>`: names in a folder.
    Files(Pattern),
    /// `<Proxy>` or `<ProxyMatch>`: backend URLs.
    Proxy(Pattern),
    /// `<If>`: requests for which the expression holds.
    If(Arc<Expr<Condition>>),
    /// `<ElseIf>`: as If, where no arm before it held.
    ElseIf(Arc<Expr<Condition>>),
    /// `<Else>`: where no arm before it held.
    Else,
}

impl Server {
    /// The address by which diagnostics and listings call it: ServerName, or the first address.
    pub fn label(&self) -> String {
        match (&self.conf.core.server_name, self.addresses.first()) {
            (Some(name), _) => name.host.clone(),
            (None, Some(address)) => address.value.clone(),
            (None, None) => "main server".to_owned(),
        }
    }
}
