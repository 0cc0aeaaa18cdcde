//! The core's table.

use super::{answers, files, limits, logs, options, overrides, sections, servers};
use crate::filters;
use crate::modules::reading;
use crate::registry::{Arity, Contexts, Row, Shape};
use crate::values::{at_least, one_of, whole_number};

const READ: &str = "acted on while the configuration is read";
const DONE: Shape = Shape::Block(reading::done_block);
const FILES: &str = "how files reach the network is wsgate's choice; the bytes are the same";
const FLUSH: &str = "answers are written as soon as they are ready";
const PROCESSES: &str = "bounds the processes of scripts, and wsgate starts none";
const SCRIPTS: &str = "concerns scripts only, and wsgate runs none";

const ON_OFF: Arity = Arity::Checked(|arg| one_of(arg, &["on", "off"]));
const SIZE: Arity = Arity::Checked(|arg| whole_number(arg, 0..=u32::MAX.into()));

/// Where `<Files>` and `<If>` may stand (httpd's NOT_IN_LIMIT).
const OUTSIDE_LIMIT: Contexts = Contexts::ANYWHERE.without(Contexts::LIMITED);

/// Sorted by name.
pub(super) const ROWS: &[Row] = &[
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
        OUTSIDE_LIMIT,
        Shape::Block(sections::otherwise),
        "Settings for requests that no arm of the <If> before it took",
    ),
    Row::supported(
        "<ElseIf>",
        OUTSIDE_LIMIT,
        Shape::Block(sections::else_if),
        "Settings for requests that hold an expression and no arm before it",
    ),
    Row::supported(
        "<Files>",
        OUTSIDE_LIMIT.without(Contexts::LOCATION),
        Shape::Block(sections::files),
        "Settings for file names",
    ),
    Row::supported(
        "<FilesMatch>",
        OUTSIDE_LIMIT.without(Contexts::LOCATION),
        Shape::Block(sections::files_match),
        "Settings for file names that match a regular expression",
    ),
    Row::supported(
        "<If>",
        OUTSIDE_LIMIT,
        Shape::Block(sections::condition),
        "Settings for requests for which an expression holds",
    ),
    Row::supported("<IfDefine>", Contexts::ANYWHERE, DONE, "Lines that hold only where a name is defined"),
    Row::supported("<IfDirective>", Contexts::ANYWHERE, DONE, "Lines for where a directive is known"),
    Row::supported("<IfFile>", Contexts::ANYWHERE, DONE, "Lines that hold only where a file exists"),
    Row::supported("<IfModule>", Contexts::ANYWHERE, DONE, "Lines for where a module is loaded"),
    Row::supported("<IfSection>", Contexts::ANYWHERE, DONE, "Lines that hold only where a section is known"),
    Row::supported(
        "<Limit>",
        Contexts::AUTH_CONFIG.or(Contexts::LIMIT),
        Shape::Block(sections::limit),
        "Access rules for the listed methods only",
    ),
    Row::supported(
        "<LimitExcept>",
        Contexts::AUTH_CONFIG.or(Contexts::LIMIT),
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
    Row::no_effect(
        "AcceptFilter",
        Contexts::GLOBAL,
        Arity::Between(2, 2),
        "clients may be silent for 30 seconds before their time begins, as httpd's default filter has it",
    ),
    files::ACCEPT_PATH_INFO,
    overrides::ACCESS_FILE_NAME,
    Row::supported(
        "AddDefaultCharset",
        Contexts::FILE_INFO,
        Shape::Take1(answers::add_default_charset),
        "The charset added to text/plain and text/html answers that name none",
    ),
    Row::supported(
        "AllowEncodedSlashes",
        Contexts::SERVER,
        Shape::Take1(answers::allow_encoded_slashes),
        "What becomes of %2F in paths: 404 (Off), a slash (On), or left as it is (NoDecode)",
    ),
    overrides::ALLOW_OVERRIDE,
    overrides::ALLOW_OVERRIDE_LIST,
    Row::no_effect("CGIPassAuth", Contexts::AUTH_CONFIG, Arity::Flag, SCRIPTS),
    Row::no_effect("CGIVar", Contexts::FILE_INFO, Arity::Between(2, 2), SCRIPTS),
    Row::only_off("ContentDigest", Contexts::OPTIONS, Arity::Flag, "wsgate adds no Content-MD5 header"),
    Row::no_effect(
        "DefaultRuntimeDir",
        Contexts::SERVER,
        Arity::ONE,
        "wsgate keeps only its PidFile, which is below ServerRoot unless its whole path is given",
    ),
    Row::no_effect(
        "DefaultType",
        Contexts::FILE_INFO,
        Arity::ONE,
        "httpd 2.4 ignores it too: use AddType or ForceType",
    ),
    Row::supported("Define", Contexts::CONFIG, Shape::Argv(reading::done), READ),
    Row::supported(
        "DocumentRoot",
        Contexts::SERVER,
        Shape::Take1(servers::document_root),
        "The folder that files are served from",
    ),
    Row::no_effect("EnableMMAP", Contexts::FILE_INFO, ON_OFF, FILES),
    Row::no_effect("EnableSendfile", Contexts::FILE_INFO, ON_OFF, FILES),
    Row::supported("Error", Contexts::ANYWHERE, Shape::Argv(reading::done), READ),
    Row::supported(
        "ErrorDocument",
        Contexts::FILE_INFO,
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
    Row::no_effect(
        "ExtendedStatus",
        Contexts::GLOBAL,
        Arity::Flag,
        "wsgate counts for every tunnel and request anyway",
    ),
    files::FILE_ETAG,
    Row::no_effect(
        "FlushMaxPipelined",
        Contexts::SERVER,
        Arity::Checked(|arg| whole_number(arg, -1..=i32::MAX.into())),
        FLUSH,
    ),
    Row::no_effect("FlushMaxThreshold", Contexts::SERVER, SIZE, FLUSH),
    files::FORCE_TYPE,
    Row::no_effect("GprofDir", Contexts::SERVER, Arity::ONE, "wsgate is not built for gprof"),
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
    Row::supported("Include", Contexts::CONFIG, Shape::Argv(reading::done), READ),
    Row::supported("IncludeOptional", Contexts::CONFIG, Shape::Argv(reading::done), READ),
    Row::supported(
        "LimitInternalRecursion",
        Contexts::SERVER,
        Shape::Take12(limits::internal_recursion),
        "How many internal redirects a request may take, and how deep subrequests may go",
    ),
    Row::supported(
        "LimitRequestBody",
        Contexts::ANYWHERE,
        Shape::Take1(limits::request_body),
        "The largest body of a request that a file answers; 0 is no limit. As in httpd, requests for backends are not bound",
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
        Arity::Checked(|arg| at_least(arg, 0, "LimitXMLRequestBody must not be negative").map(|_| ())),
        "bounds bodies that mod_dav reads; wsgate reads no XML",
    ),
    Row::supported(
        "LogLevel",
        Contexts::CONFIG,
        Shape::Iterate(logs::log_level),
        "How much is logged, also per module",
    ),
    files::MAX_RANGE_OVERLAPS,
    files::MAX_RANGE_REVERSALS,
    files::MAX_RANGES,
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
        "Mutex",
        Contexts::GLOBAL,
        Arity::CheckedAll(1, u8::MAX, servers::mutex),
        "wsgate shares nothing between processes, so there is nothing to lock",
    ),
    Row::no_effect(
        "NameVirtualHost",
        Contexts::SERVER,
        Arity::ONE,
        "httpd 2.4 ignores it too: every address is name-based",
    ),
    options::OPTIONS,
    Row::refused(
        "Port",
        Contexts::SERVER,
        Arity::ONE,
        "httpd 2.4 refuses it too: use Listen, and a port in ServerName",
    ),
    Row::refused(
        "Protocol",
        Contexts::SERVER,
        Arity::ONE,
        "say SSLEngine On for TLS; wsgate takes a protocol from nothing else",
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
        "Whose order of protocols decides: the server's, always; Off has no effect",
    ),
    Row::no_effect("QualifyRedirectURL", Contexts::FILE_INFO, Arity::Flag, SCRIPTS),
    Row::no_effect("ReadBufferSize", Contexts::CONFIG, SIZE, "buffers are sized by wsgate"),
    Row::refused(
        "RegexDefaultOptions",
        Contexts::GLOBAL,
        Arity::Raw,
        "patterns are always compiled with httpd's defaults (DOTALL DOLLAR_ENDONLY); write (?i) and the like into the pattern",
    ),
    Row::supported(
        "RegisterHttpMethod",
        Contexts::GLOBAL,
        Shape::Iterate(limits::register_method),
        "Further methods that HttpProtocolOptions RegisteredMethods lets pass",
    ),
    Row::no_effect("RLimitCPU", Contexts::ANYWHERE, Arity::Between(1, 2), PROCESSES),
    Row::no_effect("RLimitMEM", Contexts::ANYWHERE, Arity::Between(1, 2), PROCESSES),
    Row::no_effect("RLimitNPROC", Contexts::ANYWHERE, Arity::Between(1, 2), PROCESSES),
    Row::no_effect("SeeRequestTail", Contexts::GLOBAL, Arity::Flag, "concerns mod_status's page only"),
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
        Contexts::SERVER,
        Shape::Take1(servers::server_path),
        "The path by which clients without a Host header reach this virtual host",
    ),
    Row::supported(
        "ServerRoot",
        Contexts::GLOBAL,
        Shape::Take1(reading::done_one),
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
    files::SET_HANDLER,
    Row::supported(
        "SetInputFilter",
        Contexts::FILE_INFO,
        Shape::Take1(filters::input),
        "Accepted where it names filters that change nothing: request bodies go to backends as they come",
    ),
    Row::supported(
        "SetOutputFilter",
        Contexts::FILE_INFO,
        Shape::Take1(answers::set_output_filter),
        "Filters that answers pass through",
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
    Row::no_effect("UNCList", Contexts::SERVER, Arity::Raw, "concerns httpd on Windows only"),
    Row::supported("UnDefine", Contexts::CONFIG, Shape::Argv(reading::done), READ),
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
