//! What expressions, conditions and formats can learn about a request, its connection, its server and the machine.

use std::borrow::Cow;
use std::net::IpAddr;

use wsgate_directives::expr::{Condition, Expr, FileTest, Subrequest, Variable, Word};

use crate::answer::banner;
use crate::expr::{Context, Error, LocalTime, Lookup, Probe, State, eval, eval_string};
use crate::mapped::Mapped;
use crate::redirect::{Ahead, ahead};
use crate::request::Request;
use crate::snapshot::Snapshot;
use crate::url::bracketed;
use crate::world::{Kind, Links, Stat};

type Text<'a> = Cow<'a, [u8]>;

/// A request, to be asked.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'a> {
    /// What it is served by.
    pub(crate) snapshot: &'a Snapshot,
    /// The request.
    pub(crate) request: &'a Request,
}

impl<'a> Facts<'a> {
    /// What a variable stands for; `None` if it stands for nothing here.
    pub(crate) fn variable(self, variable: Variable) -> Option<Text<'a>> {
        let request = self.request;
        let owned = |text: String| Some(Cow::Owned(text.into_bytes()));
        match variable {
            Variable::Time(_) | Variable::ApiVersion => None,
            Variable::ConnRemoteAddr => owned(request.connection.peer.ip().to_canonical().to_string()),
            Variable::RemoteAddr | Variable::RemoteHost => owned(request.client().to_string()),
            Variable::RemotePort => owned(request.client.port().to_string()),
            Variable::Ipv6 => Some(on_off(request.client().is_ipv6())),
            Variable::Https => Some(on_off(request.connection.tls.is_some())),
            Variable::Http2 => Some(on_off(request.head.version == crate::http::Version::HTTP_2)),
            Variable::IsSubreq => {
                Some(Cow::Borrowed(if request.main.is_some() { b"true" } else { b"false" }))
            }
            Variable::RequestMethod => Some(Cow::Borrowed(&request.head.method)),
            Variable::RequestScheme => owned(request.scheme()),
            Variable::RequestUri => Some(Cow::Borrowed(&request.path)),
            Variable::DocumentUri => {
                Some(Cow::Borrowed(request.env.get("DOCUMENT_URI").unwrap_or(&request.path)))
            }
            Variable::QueryString => request.query.as_deref().map(Cow::Borrowed),
            Variable::TheRequest => Some(Cow::Borrowed(&request.head.line)),
            Variable::ServerProtocol => owned(request.head.version.to_string()),
            Variable::RequestStatus => owned(request.status.0.to_string()),
            Variable::RequestFilename => request.filename().map(|name| Cow::Owned(name.to_vec())),
            Variable::PathInfo => match &request.mapped {
                Mapped::Disk(path) => Some(Cow::Borrowed(&path.rest)),
                _ => None,
            },
            Variable::AuthType => request.auth_type.as_deref().map(Cow::Borrowed),
            Variable::RemoteUser => request.user.as_deref().map(Cow::Borrowed),
            Variable::ServerAdmin => {
                let admin = request.server.conf.core.server_admin.as_ref();
                Some(Cow::Borrowed(admin.map_or(b"[no address given]", |admin| admin.value.as_bytes())))
            }
            Variable::ServerName => owned(bracketed(&request.own_host()).into_owned()),
            Variable::ServerPort => owned(request.own_port().to_string()),
            Variable::ServerSoftware => Some(Cow::Borrowed(banner(request).as_bytes())),
            Variable::DocumentRoot => Some(Cow::Borrowed(request.document_root().as_bytes())),
            Variable::ContextDocumentRoot => Some(Cow::Borrowed(request.context_root())),
            Variable::ContextPrefix => {
                request.context.as_ref().map(|context| Cow::Borrowed(context.prefix.as_bytes()))
            }
            Variable::ContentType => request.content_type.as_deref().map(Cow::Borrowed),
            Variable::Handler => request.handler().map(Cow::Borrowed),
            Variable::ConnLogId
            | Variable::LastModified
            | Variable::RemoteIdent
            | Variable::RequestLogId
            | Variable::ScriptGroup
            | Variable::ScriptUser => None,
        }
    }

    /// A variable of mod_ssl, `SSL_` and all.
    pub(crate) fn ssl(self, name: &str) -> Option<Text<'a>> {
        Some(Cow::Owned(self.request.ssl_var(name)?.into_bytes()))
    }

    /// The text of a string expression.
    ///
    /// # Errors
    /// It is not known.
    pub(crate) fn text(mut self, text: &Expr<Word>) -> Result<Vec<u8>, Error> {
        eval_string(&text.root, &mut self, &mut State::default())
    }

    /// Whether a test on a file comes out true.
    pub(crate) fn file(self, test: FileTest, path: &[u8]) -> bool {
        let links = if test == FileTest::Link { Links::Keep } else { Links::Follow };
        let Ok(Stat { kind, size, executable, .. }) = self.snapshot.world.stat(path, links) else {
            return false;
        };
        match test {
            FileTest::Exists => true,
            FileTest::Folder => kind == Kind::Folder,
            FileTest::Regular => kind == Kind::File,
            FileTest::NotEmpty => kind == Kind::File && size > 0,
            FileTest::Link => kind == Kind::Link,
            FileTest::Executable => executable,
        }
    }

    /// Whether a request for this file or URL would be let through.
    pub(crate) fn let_through(self, kind: Subrequest, target: &[u8]) -> bool {
        let Ahead { request, outcome } = ahead(self.snapshot, self.request, kind, target);
        let status = outcome.err().map_or(200, |reply| reply.status.0);
        match kind {
            Subrequest::Url => status < 400,
            Subrequest::File => {
                let exists = |name: bytes::Bytes| self.snapshot.world.stat(&name, Links::Follow).is_ok();
                status < 300 && request.filename().is_some_and(exists)
            }
        }
    }

    /// The present time, where the server stands.
    pub(crate) fn now(self) -> LocalTime {
        self.snapshot.world.now().local()
    }
}

impl Request {
    /// Whether a condition holds. The fields that it looked at go into Vary, as with httpd: not those of a condition
    /// that could not be evaluated, and not those of texts.
    pub(crate) fn evaluate(
        &mut self,
        snapshot: &Snapshot,
        condition: &Expr<Condition>,
    ) -> Result<bool, Error> {
        self.evaluate_in(snapshot, condition, &mut State::default())
    }

    /// The same, where the groups of its patterns matter.
    pub(crate) fn evaluate_in(
        &mut self,
        snapshot: &Snapshot,
        condition: &Expr<Condition>,
        state: &mut State,
    ) -> Result<bool, Error> {
        let holds = eval(&condition.root, &mut Facts { snapshot, request: self }, state)?;
        state.vary.iter().for_each(|name| self.vary(name));
        Ok(holds)
    }
}

impl Context for Facts<'_> {
    fn lookup(&mut self, what: Lookup<'_>) -> Result<Option<Text<'_>>, Error> {
        let request = self.request;
        let borrowed = |text| Cow::Borrowed(bytes::Bytes::as_ref(text));
        let world = &self.snapshot.world;
        Ok(match what {
            Lookup::Variable(variable) => self.variable(variable),
            Lookup::Ssl(name) => self.ssl(name),
            Lookup::Request(name) => request.head.headers.get(name).map(borrowed),
            Lookup::Response(name) => {
                let errors = request.error_headers.get(name);
                request.answer_headers.get(name).or(errors).map(borrowed)
            }
            Lookup::RequestEnv(name) => request.env.get(name).map(borrowed),
            Lookup::Note(name) => request.notes.get(name).map(borrowed),
            Lookup::OsEnv(name) => world.env(name).map(Cow::Owned),
            Lookup::File(path) => Some(Cow::Owned(
                world.read(path).map_err(|error| Error::File(format!("{}: {error}", path.escape_ascii())))?,
            )),
            Lookup::FileSize(path) => {
                let file = world.stat(path, Links::Follow).ok().filter(|stat| stat.kind == Kind::File);
                file.map(|stat| Cow::Owned(stat.size.to_string().into_bytes()))
            }
        })
    }

    fn client(&mut self) -> IpAddr {
        self.request.client()
    }

    fn now(&mut self) -> LocalTime {
        Facts::now(*self)
    }

    fn probe(&mut self, probe: Probe<'_>) -> Result<bool, Error> {
        Ok(match probe {
            Probe::File(test, path) => self.file(test, path),
            Probe::Subrequest(kind, target) => self.let_through(kind, target),
        })
    }

    fn peer_extensions(&mut self, extension: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
        let Some(tls) = &self.request.connection.tls else { return Ok(Vec::new()) };
        let texts = std::str::from_utf8(extension).ok().and_then(|oid| tls.extensions(oid));
        let texts = texts.ok_or(Error::Unanswered("PeerExtList of this extension"))?;
        Ok(texts.into_iter().map(String::into_bytes).collect())
    }
}

fn on_off(on: bool) -> Text<'static> {
    Cow::Borrowed(if on { b"on" } else { b"off" })
}
