//! The list of Apache modules, and the settings of all of them together.
//!
//! A new module is its file, one line in the list below, and one in [`per_module`] for settings that it keeps.

use crate::config::Config;
use crate::diag::Diagnostic;
use crate::registry::Module;

pub mod access_compat;
pub mod actions;
pub mod alias;
pub mod allowmethods;
pub mod auth_basic;
pub mod auth_digest;
pub mod auth_form;
pub mod authn_anon;
pub mod authn_core;
pub mod authn_dbd;
pub mod authn_dbm;
pub mod authn_file;
pub mod authn_socache;
pub mod authnz_fcgi;
pub mod authnz_ldap;
pub mod authz_core;
pub mod authz_dbd;
pub mod authz_dbm;
pub mod authz_groupfile;
pub mod autoindex;
pub mod bare;
pub mod brotli;
pub mod buffer;
pub mod cache;
pub mod cache_disk;
pub mod cache_socache;
pub mod case_filter;
pub mod case_filter_in;
pub mod cern_meta;
pub mod cgi;
pub mod cgid;
pub mod charset_lite;
pub mod core;
pub mod dav;
pub mod dav_fs;
pub mod dav_lock;
pub mod dbd;
pub mod deflate;
pub mod dialup;
pub mod dir;
pub mod dumpio;
pub mod echo;
pub mod elsewhere;
pub mod env;
pub mod example_hooks;
pub mod expires;
pub mod ext_filter;
pub mod file_cache;
pub mod filter;
pub mod headers;
pub mod heartbeat;
pub mod heartmonitor;
pub mod http2;
pub mod ident;
pub mod imagemap;
pub mod include;
pub mod info;
pub mod lbmethod_heartbeat;
pub mod ldap;
pub mod log_config;
pub mod log_debug;
pub mod log_forensic;
pub mod logio;
pub mod lua;
pub mod md;
pub mod mime;
pub mod mime_magic;
pub mod mpm;
pub mod negotiation;
pub mod proxy;
pub mod proxy_connect;
pub mod proxy_express;
pub mod proxy_fcgi;
pub mod proxy_ftp;
pub mod proxy_hcheck;
pub mod proxy_html;
pub mod proxy_scgi;
pub mod proxy_wstunnel;
pub mod reading;
pub mod reflector;
pub mod remoteip;
pub mod reqtimeout;
pub mod request;
pub mod rewrite;
pub mod sed;
pub mod session;
pub mod session_cookie;
pub mod session_crypto;
pub mod session_dbd;
pub mod setenvif;
pub mod socache_memcache;
pub mod socache_redis;
pub mod speling;
pub mod ssl;
pub mod substitute;
pub mod suexec;
pub mod third_party;
pub mod userdir;
pub mod usertrack;
pub mod vhost_alias;
pub mod watchdog;
pub mod xml2enc;

/// Every module that is known by name, in no particular order.
pub fn all() -> impl Iterator<Item = &'static Module> {
    let one_each = MODULES.iter().copied();
    one_each.chain(bare::MODULES).chain(elsewhere::MODULES).chain(third_party::MODULES)
}

/// The modules with a file each.
const MODULES: &[&Module] = &[
    &access_compat::MODULE,
    &actions::MODULE,
    &alias::MODULE,
    &allowmethods::MODULE,
    &auth_basic::MODULE,
    &auth_digest::MODULE,
    &auth_form::MODULE,
    &authn_anon::MODULE,
    &authn_core::MODULE,
    &authn_dbd::MODULE,
    &authn_dbm::MODULE,
    &authn_file::MODULE,
    &authn_socache::MODULE,
    &authnz_fcgi::MODULE,
    &authnz_ldap::MODULE,
    &authz_core::MODULE,
    &authz_dbd::MODULE,
    &authz_dbm::MODULE,
    &authz_groupfile::MODULE,
    &autoindex::MODULE,
    &brotli::MODULE,
    &buffer::MODULE,
    &cache::MODULE,
    &cache_disk::MODULE,
    &cache_socache::MODULE,
    &case_filter::MODULE,
    &case_filter_in::MODULE,
    &cern_meta::MODULE,
    &cgi::MODULE,
    &cgid::MODULE,
    &charset_lite::MODULE,
    &core::MODULE,
    &core::HTTP,
    &dav::MODULE,
    &dav_fs::MODULE,
    &dav_lock::MODULE,
    &dbd::MODULE,
    &deflate::MODULE,
    &dialup::MODULE,
    &dir::MODULE,
    &dumpio::MODULE,
    &echo::MODULE,
    &env::MODULE,
    &example_hooks::MODULE,
    &expires::MODULE,
    &ext_filter::MODULE,
    &file_cache::MODULE,
    &filter::MODULE,
    &headers::MODULE,
    &heartbeat::MODULE,
    &heartmonitor::MODULE,
    &http2::MODULE,
    &ident::MODULE,
    &imagemap::MODULE,
    &include::MODULE,
    &info::MODULE,
    &lbmethod_heartbeat::MODULE,
    &ldap::MODULE,
    &log_config::MODULE,
    &log_debug::MODULE,
    &log_forensic::MODULE,
    &logio::MODULE,
    &lua::MODULE,
    &md::MODULE,
    &mime::MODULE,
    &mime_magic::MODULE,
    &mpm::COMMON,
    &mpm::EVENT,
    &mpm::WORKER,
    &mpm::PREFORK,
    &mpm::UNIXD,
    &negotiation::MODULE,
    &proxy::MODULE,
    &proxy_connect::MODULE,
    &proxy_express::MODULE,
    &proxy_fcgi::MODULE,
    &proxy_ftp::MODULE,
    &proxy_hcheck::MODULE,
    &proxy_html::MODULE,
    &proxy_scgi::MODULE,
    &proxy_wstunnel::MODULE,
    &reading::SO,
    &reading::VERSION,
    &reading::MACRO,
    &reflector::MODULE,
    &remoteip::MODULE,
    &reqtimeout::MODULE,
    &request::MODULE,
    &rewrite::MODULE,
    &sed::MODULE,
    &session::MODULE,
    &session_cookie::MODULE,
    &session_crypto::MODULE,
    &session_dbd::MODULE,
    &setenvif::MODULE,
    &socache_memcache::MODULE,
    &socache_redis::MODULE,
    &speling::MODULE,
    &ssl::MODULE,
    &substitute::MODULE,
    &suexec::MODULE,
    &userdir::MODULE,
    &usertrack::MODULE,
    &vhost_alias::MODULE,
    &watchdog::MODULE,
    &xml2enc::MODULE,
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
    ServerConf {
        alias: alias::ServerConf,
        brotli: brotli::ServerConf,
        core: core::ServerConf,
        deflate: deflate::ServerConf,
        log_config: log_config::ServerConf,
        mime: mime::ServerConf,
        mpm: mpm::ServerConf,
        proxy: proxy::ServerConf,
        remoteip: remoteip::ServerConf,
        reqtimeout: reqtimeout::ServerConf,
        rewrite: rewrite::ServerConf,
        setenvif: setenvif::ServerConf,
        ssl: ssl::ServerConf,
        vhost_alias: vhost_alias::ServerConf,
    }
}

per_module! {
    /// What is set for requests: a server's defaults or a section's settings.
    DirConf {
        access_compat: access_compat::DirConf,
        actions: actions::DirConf,
        alias: alias::DirConf,
        allowmethods: allowmethods::DirConf,
        auth_basic: auth_basic::DirConf,
        authn_anon: authn_anon::DirConf,
        authn_core: authn_core::DirConf,
        authn_file: authn_file::DirConf,
        authz_core: authz_core::DirConf,
        authz_groupfile: authz_groupfile::DirConf,
        autoindex: autoindex::DirConf,
        core: core::DirConf,
        deflate: deflate::DirConf,
        dir: dir::DirConf,
        env: env::DirConf,
        expires: expires::DirConf,
        filter: filter::DirConf,
        headers: headers::DirConf,
        logio: logio::DirConf,
        mime: mime::DirConf,
        proxy: proxy::DirConf,
        proxy_html: proxy_html::DirConf,
        proxy_wstunnel: proxy_wstunnel::DirConf,
        rewrite: rewrite::DirConf,
        setenvif: setenvif::DirConf,
        ssl: ssl::DirConf,
        substitute: substitute::DirConf,
    }
}

/// What modules find out only when everything is read.
pub(crate) fn review(config: &Config, findings: &mut Vec<Diagnostic>) {
    proxy_html::review(config, findings);
    rewrite::review(config, findings);
}
