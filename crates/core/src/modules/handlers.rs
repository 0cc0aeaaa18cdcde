//! Handlers by name: which of httpd's handlers would answer a request that wsgate has no handler for.
//!
//! What httpd would run must never be sent as a file: it may be the source of a script. What httpd itself would not
//! find a handler for falls to the default handler, there and here.

use std::collections::HashSet;

use wsgate_directives::expand::Modules;
use wsgate_directives::registry::{self, Maker};

use crate::mapped::Mapped;
use crate::modules::proxy::is_spoken;
use crate::request::Request;

/// Handlers that wsgate does not run, and the modules that bring them.
const FOREIGN: &[(&str, &[&str])] = &[
    ("application/x-httpd-cgi", &["cgi_module", "cgid_module"]),
    ("application/x-httpd-imap", &["imagemap_module"]),
    ("application/x-httpd-php", PHP),
    ("application/x-httpd-php-source", PHP),
    ("application/x-type-map", &["negotiation_module"]),
    ("cgi-script", &["cgi_module", "cgid_module"]),
    ("fcgid-script", &["fcgid_module"]),
    ("heartbeat", &["heartmonitor_module"]),
    ("httpd/send-as-is", &["asis_module"]),
    ("imap-file", &["imagemap_module"]),
    ("jakarta-servlet", &["jk_module"]),
    ("ldap-status", &["ldap_module"]),
    ("lua-script", &["lua_module"]),
    ("md-status", &["md_module"]),
    ("modperl", &["perl_module"]),
    ("perl-script", &["perl_module"]),
    ("php-script", PHP),
    ("php5-script", PHP),
    ("php7-script", PHP),
    ("send-as-is", &["asis_module"]),
    ("server-info", &["info_module"]),
    ("server-parsed", &["include_module"]),
    ("text/x-server-parsed-html", &["include_module"]),
    ("text/x-server-parsed-html3", &["include_module"]),
    ("type-map", &["negotiation_module"]),
    ("wsgi-script", &["wsgi_module"]),
];

const PHP: &[&str] = &["php_module", "php7_module", "php5_module"];

/// What types of scripts begin with that go by their type.
const SCRIPT_TYPE: &[u8] = b"application/x-httpd-";

impl Request {
    /// The name of the handler that is to answer: where no line sets one, the one for what ScriptAlias says is a script, or
    /// the content's type (`ap_invoke_handler`).
    pub(crate) fn handler_in_charge(&self) -> Option<&[u8]> {
        let known = self.content_type.as_ref().map(|known| {
            let end = known.iter().position(|byte| *byte == b';').unwrap_or(known.len());
            known[..end].trim_ascii_end()
        });
        let set = self.handler.as_ref().map(|handler| &*handler.value);
        let script = matches!(&self.mapped, Mapped::Disk(path) if path.script);
        set.or(script.then_some(b"cgi-script")).or(known)
    }
}

/// Which handlers are there in httpd and not here.
#[derive(Debug)]
pub(crate) struct Handlers {
    foreign: HashSet<&'static [u8]>,
    /// Whether there may be others: a module from elsewhere is loaded, or it is not said what is.
    open: bool,
    /// Whether mod_proxy may be there, which takes URLs of backends for handlers.
    proxy: bool,
}

impl Handlers {
    /// As a configuration loads modules; one that does not say may be part of one that loads any.
    pub(crate) fn of(modules: &Modules) -> Self {
        let unsaid = !modules.explicit;
        let loaded = |name: &&str| unsaid || registry::is_loaded(name, modules);
        let foreign = FOREIGN.iter().filter(|(_, modules)| modules.iter().any(loaded));
        let foreign = foreign.map(|(name, _)| name.as_bytes()).collect();
        let elsewhere = |name: &String| {
            registry::module(name)
                .is_none_or(|module| module.maker == Maker::ThirdParty && !module.implemented)
        };
        Self { foreign, proxy: loaded(&"proxy_module"), open: unsaid || modules.loaded.keys().any(elsewhere) }
    }

    /// Whether httpd would run what a line calls by this name, and wsgate does not.
    pub(crate) fn is_foreign(&self, name: &[u8]) -> bool {
        match name {
            b"default-handler" | b"none" | b"httpd/unix-directory" => false,
            b"server-status" | b"application/x-httpd-status" | b"balancer-manager" => false,
            [b'p', b'r', b'o', b'x', b'y', b':', url @ ..] => self.proxy && !is_spoken(url),
            _ if FOREIGN.iter().any(|(known, _)| known.as_bytes() == name) => self.foreign.contains(name),
            _ => self.open,
        }
    }

    /// Whether httpd would run what a file says by a filter of this name (mod_include).
    pub(crate) fn is_foreign_filter(&self, name: &[u8]) -> bool {
        name.eq_ignore_ascii_case(b"INCLUDES") && self.foreign.contains(&b"server-parsed"[..])
    }

    /// Whether httpd would run files of this type; those of a type that nobody takes for a handler are sent.
    pub(crate) fn is_foreign_type(&self, known: &[u8]) -> bool {
        let end = known.iter().position(|byte| *byte == b';').unwrap_or(known.len());
        let name = known[..end].trim_ascii_end();
        self.foreign.contains(name) || self.open && name.starts_with(SCRIPT_TYPE) && self.is_foreign(name)
    }
}

#[cfg(test)]
mod tests {
    use wsgate_directives::expand::expand;
    use wsgate_directives::facts::Facts;
    use wsgate_directives::files::MemoryFiles;
    use wsgate_directives::registry::Registry;

    use super::*;

    fn loaded(names: &[&str]) -> Handlers {
        let lines: String = names.iter().map(|name| format!("LoadModule {name} x.so\n")).collect();
        let files = MemoryFiles([("/c".to_owned(), lines.into_bytes())].into());
        Handlers::of(&expand("/c", &files, &Facts::default(), &Registry).modules)
    }

    #[test]
    fn what_httpd_would_run_depends_on_its_modules() {
        let cgi = loaded(&["cgid_module"]);
        assert!(cgi.is_foreign(b"cgi-script") && cgi.is_foreign_type(b"application/x-httpd-cgi; a=b"));
        assert!(
            !cgi.is_foreign(b"server-info")
                && !cgi.is_foreign(b"any-name")
                && !cgi.is_foreign(b"application/x-httpd-php")
        );
        let php = loaded(&["php_module"]);
        assert!(
            php.is_foreign_type(b"application/x-httpd-php")
                && php.is_foreign_type(b"application/x-httpd-php8")
        );
        assert!(php.is_foreign(b"any-name") && !php.is_foreign(b"cgi-script"));
        assert!(!php.is_foreign(b"default-handler") && !php.is_foreign_type(b"text/html"));
        assert!(
            loaded(&["include_module"]).is_foreign_filter(b"includes") && !php.is_foreign_filter(b"INCLUDES")
        );
        let unsaid = loaded(&[]);
        assert!(unsaid.is_foreign(b"cgi-script") && unsaid.is_foreign(b"any-name"));
        assert!(!unsaid.is_foreign_type(b"text/html"));
    }
}
