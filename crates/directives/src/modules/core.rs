//! httpd's core and http_core: servers and their names, sections, limits, error documents and error logs.
//!
//! The core's table is in `core/rows.rs`, the handlers in `core/` by subject.

use std::sync::Arc;
use std::time::Duration;

use crate::config::{Latest, Merge, Section, Set, Setting};
use crate::filters::Filter;
use crate::log_destination::Destination;
use crate::merge_fields;
use crate::registry::{Contexts, Maker, Module, Row, Shape};

mod answers;
mod error_format;
mod files;
mod limits;
mod logs;
mod options;
mod overrides;
mod rows;
mod sections;
mod servers;

pub use answers::{
    CanonicalName, Charset, EncodedSlashes, ErrorDocument, Signature, Tokens, is_known_status, is_url,
};
pub use error_format::{ErrorFormat, ErrorItem, ErrorTime, ErrorWhat};
pub use files::{FileETag, Handler, PathInfo, RangeLimit, TagParts};
pub use limits::{HttpVersion, Methods, Recursion, Trace};
pub use logs::{ErrorFormats, Level, LogLevels};
pub use options::{FolderOptions, Options};
pub use overrides::AllowOverride;
pub use servers::{HostPattern, ServerName};

/// The core's table.
pub const MODULE: Module = Module {
    name: "core",
    identifier: "core_module",
    file: "core.c",
    maker: Maker::HttpdStatic,
    implemented: true,
    rows: rows::ROWS,
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
    /// AccessFileName, in order.
    pub access_file_names: Set<Arc<[Box<str>]>>,
    /// ErrorLog.
    pub error_log: Set<Destination>,
    /// ErrorLogFormat.
    pub error_formats: ErrorFormats,
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
    /// LimitInternalRecursion.
    pub limit_internal_recursion: Set<Recursion>,
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
            access_file_names,
            error_log,
            error_formats,
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
    /// Options.
    pub options: FolderOptions,
    /// AllowOverride.
    pub allow_override: Set<AllowOverride>,
    /// AllowOverrideList: the directives' names.
    pub allow_override_list: Set<Arc<[&'static str]>>,
    /// UseCanonicalName.
    pub use_canonical_name: Set<CanonicalName>,
    /// UseCanonicalPhysicalPort.
    pub use_canonical_physical_port: Set<bool>,
    /// AllowEncodedSlashes.
    pub allow_encoded_slashes: Latest<EncodedSlashes>,
    /// ErrorDocument lines; the last of a status counts.
    pub error_documents: Vec<Setting<(u16, ErrorDocument)>>,
    /// ServerSignature.
    pub server_signature: Set<Signature>,
    /// AddDefaultCharset.
    pub add_default_charset: Set<Charset>,
    /// LogLevel of the section.
    pub log_levels: LogLevels,
    /// AcceptPathInfo.
    pub accept_path_info: Set<PathInfo>,
    /// FileETag.
    pub file_etag: FileETag,
    /// ForceType, lower case.
    pub force_type: Set<Box<str>>,
    /// SetHandler.
    pub set_handler: Set<Handler>,
    /// LimitRequestBody, bytes; 0 is no limit.
    pub limit_request_body: Set<u64>,
    /// MaxRanges.
    pub max_ranges: Set<RangeLimit>,
    /// MaxRangeOverlaps.
    pub max_range_overlaps: Set<RangeLimit>,
    /// MaxRangeReversals.
    pub max_range_reversals: Set<RangeLimit>,
    /// SetOutputFilter.
    pub output_filters: Set<Vec<Filter>>,
}

merge_fields!(DirConf {
    files,
    ifs,
    options,
    allow_override,
    allow_override_list,
    use_canonical_name,
    use_canonical_physical_port,
    allow_encoded_slashes,
    error_documents,
    server_signature,
    add_default_charset,
    log_levels,
    accept_path_info,
    file_etag,
    force_type,
    set_handler,
    limit_request_body,
    max_ranges,
    max_range_overlaps,
    max_range_reversals,
    output_filters,
});
