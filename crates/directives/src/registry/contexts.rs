//! Where a directive may stand, and what AllowOverride has to permit for it to stand in a `.htaccess` file.

/// Where a directive may stand; httpd's RSRC_CONF, ACCESS_CONF and OR_* bits told apart further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contexts {
    places: u16,
    /// What lets it stand in `.htaccess`: one of these is enough.
    pub overrides: Overrides,
}

impl Contexts {
    /// The main server only (httpd's GLOBAL_ONLY): `Listen`, `User`.
    pub const GLOBAL: Self = Self::place(1);
    /// Inside `<VirtualHost>`, outside of any section.
    pub const VHOST: Self = Self::place(2);
    /// Inside `<Directory>` and `<DirectoryMatch>`.
    pub const DIRECTORY: Self = Self::place(4);
    /// Inside `<Location>` and `<LocationMatch>`.
    pub const LOCATION: Self = Self::place(8);
    /// Inside `<Proxy>` and `<ProxyMatch>`.
    pub const PROXY: Self = Self::place(16);
    /// In `.htaccess` files.
    pub const HTACCESS: Self = Self::place(32);
    /// Inside `<Files>` and `<FilesMatch>`.
    pub const FILES: Self = Self::place(64);
    /// Inside `<If>`, `<ElseIf>` and `<Else>`.
    pub const IF: Self = Self::place(128);
    /// Also inside `<Limit>` and `<LimitExcept>` in one of the other contexts.
    pub const LIMITED: Self = Self::place(256);
    /// Main server and virtual hosts (httpd's RSRC_CONF with NOT_IN_DIR_CONTEXT).
    pub const SERVER: Self = Self::place(1 | 2);
    /// Any section (httpd's ACCESS_CONF).
    pub const SECTION: Self = Self::place(4 | 8 | 16 | 64 | 128 | 256);
    /// Servers and sections, not `.htaccess` (RSRC_CONF | ACCESS_CONF).
    pub const CONFIG: Self = Self::SERVER.or(Self::SECTION);
    /// Sections, and `.htaccess` where AllowOverride says AuthConfig (OR_AUTHCFG).
    pub const AUTH_CONFIG: Self = Self::SECTION.with(Overrides::AUTH_CONFIG);
    /// Sections, and `.htaccess` where AllowOverride says Limit (OR_LIMIT).
    pub const LIMIT: Self = Self::SECTION.with(Overrides::LIMIT);
    /// Everywhere, in `.htaccess` where AllowOverride says FileInfo (OR_FILEINFO).
    pub const FILE_INFO: Self = Self::CONFIG.with(Overrides::FILE_INFO);
    /// Everywhere, in `.htaccess` where AllowOverride says Indexes (OR_INDEXES).
    pub const INDEXES: Self = Self::CONFIG.with(Overrides::INDEXES);
    /// Everywhere, in `.htaccess` where AllowOverride says Options (OR_OPTIONS).
    pub const OPTIONS: Self = Self::CONFIG.with(Overrides::OPTIONS);
    /// Everywhere, in `.htaccess` where AllowOverride says AuthConfig (RSRC_CONF | OR_AUTHCFG).
    pub const SERVER_AUTH: Self = Self::CONFIG.with(Overrides::AUTH_CONFIG);
    /// Everywhere, in `.htaccess` where AllowOverride says anything (OR_ALL).
    pub const ANYWHERE: Self = Self::CONFIG.with(Overrides::ALL);

    const fn place(places: u16) -> Self {
        Self { places, overrides: Overrides::NONE }
    }

    const fn with(self, overrides: Overrides) -> Self {
        Self { places: self.places | Self::HTACCESS.places, overrides }
    }

    /// Both sets together.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self { places: self.places | other.places, overrides: self.overrides.or(other.overrides) }
    }

    /// These contexts but for those of `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self { places: self.places & !other.places, overrides: self.overrides }
    }

    /// Whether every context of `other` is allowed here.
    #[must_use]
    pub const fn allows(self, other: Self) -> bool {
        self.places & other.places == other.places
    }

    /// The contexts by the names that httpd's manual uses.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        let all = [
            (Self::GLOBAL, "server config"),
            (Self::VHOST, "virtual host"),
            (Self::DIRECTORY, "directory"),
            (Self::LOCATION, "location"),
            (Self::FILES, "files"),
            (Self::PROXY, "proxy"),
            (Self::IF, "if"),
            (Self::HTACCESS, ".htaccess"),
        ];
        all.into_iter().filter(|(one, _)| self.allows(*one)).map(|(_, name)| name).collect()
    }
}

/// The classes of directives that AllowOverride lets stand in `.htaccess` (httpd's OR_* bits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Overrides(u8);

impl Overrides {
    /// No class.
    pub const NONE: Self = Self(0);
    /// Who may enter, by name and password.
    pub const AUTH_CONFIG: Self = Self(1);
    /// What is said of files: types, header fields, rewriting.
    pub const FILE_INFO: Self = Self(2);
    /// What becomes of folders.
    pub const INDEXES: Self = Self(4);
    /// Who may enter, by address.
    pub const LIMIT: Self = Self(8);
    /// What folders may do.
    pub const OPTIONS: Self = Self(16);
    /// Every class.
    pub const ALL: Self = Self(31);

    /// Both sets together.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the sets have a class in common.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The class of a name as AllowOverride writes it, letter case ignored.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let is = |(_, known): &&(Self, &str)| known.eq_ignore_ascii_case(name);
        Self::CLASSES.iter().find(is).map(|(class, _)| *class)
    }

    /// The classes by their names.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        Self::CLASSES.iter().filter(|(class, _)| self.meets(*class)).map(|(_, name)| *name).collect()
    }

    /// In the order in which httpd lists them (`show_overrides`).
    const CLASSES: &[(Self, &str)] = &[
        (Self::AUTH_CONFIG, "AuthConfig"),
        (Self::LIMIT, "Limit"),
        (Self::OPTIONS, "Options"),
        (Self::FILE_INFO, "FileInfo"),
        (Self::INDEXES, "Indexes"),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules;

    #[test]
    fn what_stands_in_htaccess_says_what_lets_it() {
        for row in modules::all().flat_map(|module| module.rows) {
            let Contexts { overrides, .. } = row.contexts;
            assert_eq!(row.contexts.allows(Contexts::HTACCESS), overrides != Overrides::NONE, "{}", row.name);
        }
    }
}
