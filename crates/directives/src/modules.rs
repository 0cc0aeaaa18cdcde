//! The list of Apache modules, and the settings of all of them together.
//!
//! A new module is its file, one line in the list below, and one in [`per_module`] for settings that it keeps.

use crate::registry::Module;

pub mod core;
pub mod mpm;
pub mod proxy;
pub mod proxy_wstunnel;
pub mod reading;

/// Every module that is known by name, in no particular order.
pub const MODULES: &[&Module] = &[
    &core::MODULE,
    &core::HTTP,
    &mpm::COMMON,
    &mpm::EVENT,
    &mpm::WORKER,
    &mpm::PREFORK,
    &mpm::UNIXD,
    &proxy::MODULE,
    &proxy_wstunnel::MODULE,
    &reading::SO,
    &reading::VERSION,
    &reading::MACRO,
];

/// Declares a struct with one field for each module that keeps such settings, merged module by module.
macro_rules! per_module {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        pub struct $name {
            $(#[doc = concat!("Of `modules::", stringify!($field), "`.")] pub $field: $type),*
        }
        $crate::merge_fields!($name { $($field),* });
    };
}

per_module! {
    /// What is set for a server: the main one or a virtual host.
    ServerConf { core: core::ServerConf, mpm: mpm::ServerConf, proxy: proxy::ServerConf }
}

per_module! {
    /// What is set for requests: a server's defaults or a section's settings.
    DirConf { core: core::DirConf, proxy: proxy::DirConf, proxy_wstunnel: proxy_wstunnel::DirConf }
}
