//! httpd's core and http_core: servers and their names, sections, limits, error documents and error logs.
//!
//! The handlers are in `core/` by subject.

use std::sync::Arc;
use std::time::Duration;

use crate::config::{Merge, Section, Set, Setting};
use crate::merge_fields;
use crate::registry::{Arity, Contexts, Maker, Module, Row, Shape};

mod answers;
mod limits;
mod logs;
mod sections;
mod servers;

pub use answers::{CanonicalName, Charset, EncodedSlashes, ErrorDocument, Signature, Tokens};
pub use limits::{HttpVersion, Methods, Trace};
pub use logs::{ErrorLogFormat, Level, LogLevels};
pub use servers::{HostPattern, ServerName};

/// The core's table.
pub const MODULE: Module = Module {
    name: "core",
    identifier: "core_module",
    file: "core.c",
    maker: Maker::HttpdStatic,
    implemented: true,
    rows: ROWS,
};

/// The table of the HTTP protocol module, where httpd keeps the keep-alive settings.
pub const HTTP: Module = Module {
    name: "http_core",
    identifier: "http_module",
    file: "http_core.c",
    maker: Maker::HttpdStatic,
    implemented: true,
    rows: &[
        Row::supported(
            "KeepAlive",
            Contexts::SERVER,
            Shape::Flag(limits::keep_alive),
            "Whether a client's connection serves further requests",
        ),
        Row::supported(
            "KeepAliveTimeout",
            Contexts::SERVER,
            Shape::Take1(limits::keep_alive_timeout),
            "How long an idle client connection is kept; seconds, or milliseconds with ms",
        ),
        Row::supported(
            "MaxKeepAliveRequests",
            Contexts::SERVER,
            Shape::Take1(limits::max_keep_alive_requests),
            "How many requests a connection serves; 0 is no limit",
        ),
    ],
};

const READ: &str = "acted on while the configuration is read";

const ROWS: &[Row] = &[
    Row::supported(
        "<Directory>",
        Contexts::SERVER,
        Shape::Block(sections::directory),
        "Settings for folders",
    ),
    Row::supported(
        "<DirectoryMatch>",
        Contexts::SERVER,
        Shape::Block(sections::directory_match),
        "Settings for folders that match a regular expression",
    ),
    Row::supported(
        "<Else>",
        Contexts::ANYWHERE,
        Shape::Block(sections::otherwise),
        "Settings for requests that no arm of the <If> before it took",
    ),
    Row::supported(
        "<ElseIf>",
        Contexts::ANYWHERE,
        Shape::Block(sections::else_if),
        "Settings for requests that hold an expression and no arm before it",
    ),
    Row::supported("<Files>", Contexts::ANYWHERE, Shape::Block(sections::files), "Settings for file names"),
    Row::supported(
        "<FilesMatch>",
        Contexts::ANYWHERE,
        Shape::Block(sections::files_match),
        "Settings for file names that match a regular expression",
    ),
    Row::supported(
        "<If>",
        Contexts::ANYWHERE,
        Shape::Block(sections::condition),
        "Settings for requests for which an expression holds",
    ),
    Row::supported(
        "<Limit>",
        Contexts::ANYWHERE,
        Shape::Block(sections::limit),
        "Access rules for the listed methods only",
    ),
    Row::supported(
        "<LimitExcept>",
        Contexts::ANYWHERE,
        Shape::Block(sections::limit_except),
        "Access rules for all methods but the listed",
    ),
    Row::supported(
        "<Location>",
        Contexts::SERVER,
        Shape::Block(sections::location),
        "Settings for URL paths",
    ),
    Row::supported(
        "<LocationMatch>",
        Contexts::SERVER,
        Shape::Block(sections::location_match),
        "Settings for URL paths that match a regular expression",
    ),
    Row::supported(
        "<VirtualHost>",
        Contexts::GLOBAL,
        Shape::Block(sections::virtual_host),
        "A server of its own for these addresses",
    ),
    Row::supported(
        "AddDefaultCharset",
        Contexts::ANYWHERE,
        Shape::Take1(answers::add_default_charset),
        "The charset added to text/plain and text/html answers that name none",
    ),
    Row::supported(
        "AllowEncodedSlashes",
        Contexts::SERVER,
        Shape::Take1(answers::allow_encoded_slashes),
        "What becomes of %2F in paths: 404 (Off), a slash (On), or left as it is (NoDecode)",
    ),
    Row::supported("Define", Contexts::CONFIG, Shape::Argv(sections::done), READ),
    Row::supported(
        "DocumentRoot",
        Contexts::SERVER,
        Shape::Take1(servers::document_root),
        "The folder that files are served from",
    ),
    Row::supported("Error", Contexts::ANYWHERE, Shape::Argv(sections::done), READ),
    Row::supported(
        "ErrorDocument",
        Contexts::ANYWHERE,
        Shape::Take2(answers::error_document),
        "What is answered for an error status: a text, a local path or a URL",
    ),
    Row::supported(
        "ErrorLog",
        Contexts::SERVER,
        Shape::Take1(logs::error_log),
        "Where errors are logged: a file, a |program or syslog",
    ),
    Row::supported(
        "ErrorLogFormat",
        Contexts::SERVER,
        Shape::Take12(logs::error_log_format),
        "How lines of the error log look",
    ),
    Row::supported(
        "HostnameLookups",
        Contexts::CONFIG,
        Shape::Take1(answers::hostname_lookups),
        "Off; looking names up would hold requests back, so On and Double are refused",
    ),
    Row::supported(
        "HttpProtocolOptions",
        Contexts::SERVER,
        Shape::Iterate(limits::http_protocol_options),
        "How strictly request heads are read",
    ),
    Row::supported("Include", Contexts::CONFIG, Shape::Argv(sections::done), READ),
    Row::supported("IncludeOptional", Contexts::CONFIG, Shape::Argv(sections::done), READ),
    Row::supported(
        "LimitInternalRecursion",
        Contexts::SERVER,
        Shape::Take12(limits::internal_recursion),
        "How many internal redirects a request may take",
    ),
    Row::supported(
        "LimitRequestBody",
        Contexts::ANYWHERE,
        Shape::Take1(limits::request_body),
        "The largest request body in bytes; as in httpd it does not bind proxied requests",
    ),
    Row::supported(
        "LimitRequestFields",
        Contexts::SERVER,
        Shape::Take1(limits::request_fields),
        "How many header fields a request may have; 0 is no limit",
    ),
    Row::supported(
        "LimitRequestFieldSize",
        Contexts::SERVER,
        Shape::Take1(limits::request_field_size),
        "The longest header field in bytes",
    ),
    Row::supported(
        "LimitRequestLine",
        Contexts::SERVER,
        Shape::Take1(limits::request_line),
        "The longest request line in bytes",
    ),
    Row::no_effect(
        "LimitXMLRequestBody",
        Contexts::ANYWHERE,
        Arity::Between(1, 1),
        "bounds bodies that mod_dav reads; wsgate reads no XML",
    ),
    Row::supported(
        "LogLevel",
        Contexts::CONFIG,
        Shape::Iterate(logs::log_level),
        "How much is logged, also per module",
    ),
    Row::supported(
        "MergeSlashes",
        Contexts::SERVER,
        Shape::Flag(limits::merge_slashes),
        "Whether runs of slashes in paths count as one",
    ),
    Row::supported(
        "MergeTrailers",
        Contexts::SERVER,
        Shape::Flag(limits::merge_trailers),
        "Whether trailers of a request join its header fields; Off, as trailers are dropped",
    ),
    Row::no_effect(
        "NameVirtualHost",
        Contexts::GLOBAL,
        Arity::Between(1, 1),
        "httpd 2.4 ignores it too: every address is name-based",
    ),
    Row::supported(
        "Protocols",
        Contexts::SERVER,
        Shape::Iterate(limits::protocols),
        "The protocols that clients may speak: http/1.1, h2, h2c",
    ),
    Row::supported(
        "ProtocolsHonorOrder",
        Contexts::SERVER,
        Shape::Flag(limits::protocols_honor_order),
        "Whose order of protocols decides: the server's (On) or the client's",
    ),
    Row::supported(
        "RegisterHttpMethod",
        Contexts::GLOBAL,
        Shape::Iterate(limits::register_method),
        "Further methods that HttpProtocolOptions RegisteredMethods lets pass",
    ),
    Row::supported(
        "ServerAdmin",
        Contexts::SERVER,
        Shape::Take1(servers::server_admin),
        "The address that error pages name",
    ),
    Row::supported(
        "ServerAlias",
        Contexts::VHOST,
        Shape::Argv(servers::server_alias),
        "Further names of a virtual host, with wildcards",
    ),
    Row::supported(
        "ServerName",
        Contexts::SERVER,
        Shape::Take1(servers::server_name),
        "The server's own name, with scheme and port if a front hides them",
    ),
    Row::supported(
        "ServerPath",
        Contexts::VHOST,
        Shape::Take1(servers::server_path),
        "The path by which clients without a Host header reach this virtual host",
    ),
    Row::supported(
        "ServerRoot",
        Contexts::GLOBAL,
        Shape::Take1(sections::done_one),
        "The folder that relative paths are below",
    ),
    Row::supported(
        "ServerSignature",
        Contexts::ANYWHERE,
        Shape::Take1(answers::server_signature),
        "Whether error pages name the server",
    ),
    Row::supported(
        "ServerTokens",
        Contexts::GLOBAL,
        Shape::Take1(answers::server_tokens),
        "How much the Server header tells",
    ),
    Row::supported(
        "StrictHostCheck",
        Contexts::SERVER,
        Shape::Flag(limits::strict_host_check),
        "Whether a Host that no virtual host names is refused",
    ),
    Row::supported(
        "Timeout",
        Contexts::SERVER,
        Shape::Take1(limits::timeout),
        "How long one read or write may take; seconds, any unit is ignored",
    ),
    Row::supported(
        "TraceEnable",
        Contexts::SERVER,
        Shape::Take1(limits::trace_enable),
        "Whether TRACE is served: on, off or extended",
    ),
    Row::supported("UnDefine", Contexts::CONFIG, Shape::Argv(sections::done), READ),
    Row::supported(
        "UseCanonicalName",
        Contexts::CONFIG,
        Shape::Take1(answers::use_canonical_name),
        "Whose name URLs to this server carry: the Host sent (Off) or ServerName (On)",
    ),
    Row::supported(
        "UseCanonicalPhysicalPort",
        Contexts::CONFIG,
        Shape::Flag(answers::use_canonical_physical_port),
        "Whether URLs to this server carry the port that the connection came to",
    ),
];

/// What a server sets.
#[derive(Clone, Debug, Default)]
pub struct ServerConf {
    /// ServerName.
    pub server_name: Set<ServerName>,
    /// ServerAlias, in order.
    pub server_aliases: Vec<Setting<HostPattern>>,
    /// ServerPath.
    pub server_path: Set<String>,
    /// ServerAdmin.
    pub server_admin: Set<String>,
    /// DocumentRoot, absolute.
    pub document_root: Set<String>,
    /// ErrorLog as written.
    pub error_log: Set<String>,
    /// ErrorLogFormat lines, in order.
    pub error_log_formats: Vec<Setting<ErrorLogFormat>>,
    /// LogLevel of the server.
    pub log_levels: LogLevels,
    /// Timeout.
    pub timeout: Set<Duration>,
    /// KeepAlive.
    pub keep_alive: Set<bool>,
    /// KeepAliveTimeout.
    pub keep_alive_timeout: Set<Duration>,
    /// MaxKeepAliveRequests; 0 is no limit.
    pub max_keep_alive_requests: Set<u32>,
    /// LimitRequestLine, bytes.
    pub limit_request_line: Set<u32>,
    /// LimitRequestFieldSize, bytes.
    pub limit_request_field_size: Set<u32>,
    /// LimitRequestFields; 0 is no limit.
    pub limit_request_fields: Set<u32>,
    /// LimitInternalRecursion: internal redirects.
    pub limit_internal_recursion: Set<u32>,
    /// HttpProtocolOptions: Strict (true) or Unsafe.
    pub http_strict: Set<bool>,
    /// HttpProtocolOptions: RegisteredMethods or LenientMethods.
    pub http_methods: Set<Methods>,
    /// HttpProtocolOptions: Allow0.9 or Require1.0.
    pub http_version: Set<HttpVersion>,
    /// RegisterHttpMethod.
    pub registered_methods: Vec<Setting<Box<str>>>,
    /// TraceEnable.
    pub trace_enable: Set<Trace>,
    /// MergeSlashes.
    pub merge_slashes: Set<bool>,
    /// StrictHostCheck.
    pub strict_host_check: Set<bool>,
    /// Protocols, in order.
    pub protocols: Option<Vec<Setting<Box<str>>>>,
    /// ProtocolsHonorOrder.
    pub protocols_honor_order: Set<bool>,
    /// ServerTokens; main server only.
    pub server_tokens: Set<Tokens>,
}

/// Names, aliases and the path of a virtual host are its own; everything else is inherited.
impl Merge for ServerConf {
    fn merge(base: &Self, add: &Self) -> Self {
        macro_rules! inherited {
            ($($field:ident),*) => {
                Self {
                    server_name: add.server_name.clone(),
                    server_aliases: add.server_aliases.clone(),
                    server_path: add.server_path.clone(),
                    $($field: Merge::merge(&base.$field, &add.$field)),*
                }
            };
        }
        inherited!(
            server_admin,
            document_root,
            error_log,
            error_log_formats,
            log_levels,
            timeout,
            keep_alive,
            keep_alive_timeout,
            max_keep_alive_requests,
            limit_request_line,
            limit_request_field_size,
            limit_request_fields,
            limit_internal_recursion,
            http_strict,
            http_methods,
            http_version,
            registered_methods,
            trace_enable,
            merge_slashes,
            strict_host_check,
            protocols,
            protocols_honor_order,
            server_tokens
        )
    }
}

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// `<Files>` and `<FilesMatch>` inside, in order.
    pub files: Vec<Arc<Section>>,
    /// `<If>`, `<ElseIf>` and `<Else>` inside, in order.
    pub ifs: Vec<Arc<Section>>,
    /// UseCanonicalName.
    pub use_canonical_name: Set<CanonicalName>,
    /// UseCanonicalPhysicalPort.
    pub use_canonical_physical_port: Set<bool>,
    /// AllowEncodedSlashes.
    pub allow_encoded_slashes: Set<EncodedSlashes>,
    /// LimitRequestBody, bytes; 0 is no limit.
    pub limit_request_body: Set<u64>,
    /// ErrorDocument lines; the last of a status counts.
    pub error_documents: Vec<Setting<(u16, ErrorDocument)>>,
    /// ServerSignature.
    pub server_signature: Set<Signature>,
    /// AddDefaultCharset.
    pub add_default_charset: Set<Charset>,
    /// LogLevel of the section.
    pub log_levels: LogLevels,
}

merge_fields!(DirConf {
    files,
    ifs,
    use_canonical_name,
    use_canonical_physical_port,
    allow_encoded_slashes,
    limit_request_body,
    error_documents,
    server_signature,
    add_default_charset,
    log_levels,
});
