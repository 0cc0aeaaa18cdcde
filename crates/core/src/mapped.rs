//! Where a request is mapped to, as httpd's `r->filename` and `r->path_info` tell it.

use bytes::Bytes;

use crate::modules::proxy::Route;
use crate::request::Request;

/// DocumentRoot where no line sets it, as Debian's httpd has it.
const DOCUMENT_ROOT: &str = "/etc/apache2/htdocs";

/// Where a request is mapped to.
#[derive(Clone, Debug, Default)]
pub(crate) enum Mapped {
    /// Nowhere yet.
    #[default]
    Nowhere,
    /// A backend (httpd's `proxy:URL`).
    Backend(Route),
    /// The disk.
    Disk(OnDisk),
    /// Another URL of this server, where it goes on once nothing refuses it here (mod_rewrite's `redirect:URL`).
    Elsewhere(Bytes),
}

/// A path on the disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct OnDisk {
    /// What there is of it: everything up to the first name that is no folder.
    pub(crate) name: Bytes,
    /// What stands behind that (`PATH_INFO`).
    pub(crate) rest: Bytes,
    /// Whether ScriptAlias says that a script lies there.
    pub(crate) script: bool,
}

/// The URL that Alias gave a folder, and the folder (`ap_set_context_info`).
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// The URL.
    pub(crate) prefix: Box<str>,
    /// The folder.
    pub(crate) root: Bytes,
}

impl Request {
    /// `r->filename`, as conditions and expressions see it.
    pub(crate) fn filename(&self) -> Option<Bytes> {
        match &self.mapped {
            Mapped::Nowhere => None,
            Mapped::Backend(route) => Some([b"proxy:", &*route.url].concat().into()),
            Mapped::Disk(path) => Some(path.name.clone()),
            Mapped::Elsewhere(url) => Some([b"redirect:", &**url].concat().into()),
        }
    }

    /// Who is to answer (`r->handler`).
    pub(crate) fn handler(&self) -> Option<&[u8]> {
        match &self.mapped {
            Mapped::Backend(_) => Some(b"proxy-server"),
            Mapped::Elsewhere(_) => Some(b"redirect-handler"),
            Mapped::Disk(OnDisk { script: true, .. }) => Some(b"cgi-script"),
            Mapped::Nowhere | Mapped::Disk(_) => self.handler.as_ref().map(|handler| &*handler.value),
        }
    }

    /// The folder that the request is mapped below: Alias's, or else DocumentRoot (`ap_context_document_root`).
    pub(crate) fn context_root(&self) -> &[u8] {
        self.context.as_ref().map_or(self.document_root().as_bytes(), |context| &context.root)
    }

    /// DocumentRoot, or the folder of the request's host.
    pub(crate) fn document_root(&self) -> &str {
        if let Some(own) = &self.own_root {
            return own;
        }
        self.server.conf.core.document_root.as_ref().map_or(DOCUMENT_ROOT, |root| &root.value)
    }
}
