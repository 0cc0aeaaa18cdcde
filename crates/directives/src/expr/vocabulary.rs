//! The names of the expression language: variables, functions, operators. Tables and their look-up, no grammar.
//!
//! Variables and functions are known in any letter case, and so are binary operators; unary ones are not.

use super::{Facility, Word};

/// A variable `%{NAME}`, apart from those that are request headers or mod_ssl's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "httpd's own names; docs/manual/expr.html says what each is")]
pub enum Variable {
    ApiVersion,
    AuthType,
    ConnLogId,
    ConnRemoteAddr,
    ContentType,
    ContextDocumentRoot,
    ContextPrefix,
    DocumentRoot,
    DocumentUri,
    Handler,
    Http2,
    Https,
    Ipv6,
    IsSubreq,
    LastModified,
    PathInfo,
    QueryString,
    RemoteAddr,
    RemoteHost,
    RemoteIdent,
    RemotePort,
    RemoteUser,
    /// Also `SCRIPT_FILENAME`.
    RequestFilename,
    RequestLogId,
    RequestMethod,
    RequestScheme,
    RequestStatus,
    RequestUri,
    ScriptGroup,
    ScriptUser,
    ServerAdmin,
    ServerName,
    ServerPort,
    ServerProtocol,
    ServerSoftware,
    TheRequest,
    /// `TIME` and its parts.
    Time(TimePart),
}

/// What of the local time a variable gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "httpd's own names")]
pub enum TimePart {
    /// All of it: `20101231235959`.
    Whole,
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    /// 0 is Sunday.
    Weekday,
}

/// A function of one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// `req`, `http`: a request header, which the answer then varies with.
    Request,
    /// `req_novary`: a request header, without that.
    RequestNoVary,
    /// `resp`: a response header.
    Response,
    /// `reqenv`: the request's environment.
    RequestEnv,
    /// `note`: the request's notes.
    Note,
    /// `osenv`: the process's environment.
    OsEnv,
    /// `env`: the first of note, reqenv, osenv.
    Env,
    /// `SSL`: any variable as mod_ssl looks it up.
    Ssl,
    /// `file`: a file's content.
    File,
    /// `filesize`: a file's size.
    FileSize,
    /// One that needs nothing but its argument.
    Transform(Transform),
}

/// A function that needs nothing but its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "httpd's own names")]
pub enum Transform {
    Base64,
    Escape,
    Ldap,
    Md5,
    Sha1,
    ToLower,
    ToUpper,
    Unbase64,
    Unescape,
}

/// What a test on a file asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileTest {
    /// `-d`
    Folder,
    /// `-e`
    Exists,
    /// `-f`
    Regular,
    /// `-s`: regular and not empty.
    NotEmpty,
    /// `-L`, `-h`: itself a symbolic link.
    Link,
    /// `-x`: anyone may execute it.
    Executable,
}

/// What a subrequest test asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subrequest {
    /// `-F`: whether access rules let the request have this file, and it exists.
    File,
    /// `-U`, `-A`: whether a request for this URL would be let through.
    Url,
}

/// How a shell pattern is matched (the flags of apr_fnmatch).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Glob {
    /// `-strmatch`
    Text,
    /// `-strcmatch`: letter case ignored.
    CaselessText,
    /// `-fnmatch`: wildcards match no slash.
    Path,
}

/// What a unary operator does with its word.
#[derive(Clone, Copy)]
pub(super) enum Unary {
    Empty,
    NotEmpty,
    True,
    Client,
    File(FileTest),
    Subrequest(Subrequest),
}

/// What a named binary operator does.
#[derive(Clone, Copy)]
pub(super) enum Binary {
    Address,
    Glob(Glob),
}

/// A name, what it stands for, and what that needs.
type Row<T> = (&'static str, T, Option<Facility>);

const VARIABLES: &[Row<Variable>] = &[
    ("API_VERSION", Variable::ApiVersion, None),
    ("AUTH_TYPE", Variable::AuthType, None),
    ("CONN_LOG_ID", Variable::ConnLogId, None),
    ("CONN_REMOTE_ADDR", Variable::ConnRemoteAddr, None),
    ("CONTENT_TYPE", Variable::ContentType, None),
    ("CONTEXT_DOCUMENT_ROOT", Variable::ContextDocumentRoot, None),
    ("CONTEXT_PREFIX", Variable::ContextPrefix, None),
    ("DOCUMENT_ROOT", Variable::DocumentRoot, None),
    ("DOCUMENT_URI", Variable::DocumentUri, None),
    ("HANDLER", Variable::Handler, None),
    ("HTTP2", Variable::Http2, None),
    ("HTTPS", Variable::Https, None),
    ("IPV6", Variable::Ipv6, None),
    ("IS_SUBREQ", Variable::IsSubreq, None),
    ("LAST_MODIFIED", Variable::LastModified, Some(Facility::RequestFile)),
    ("PATH_INFO", Variable::PathInfo, None),
    ("QUERY_STRING", Variable::QueryString, None),
    ("REMOTE_ADDR", Variable::RemoteAddr, None),
    ("REMOTE_HOST", Variable::RemoteHost, Some(Facility::HostName)),
    ("REMOTE_IDENT", Variable::RemoteIdent, Some(Facility::Ident)),
    ("REMOTE_PORT", Variable::RemotePort, None),
    ("REMOTE_USER", Variable::RemoteUser, None),
    ("REQUEST_FILENAME", Variable::RequestFilename, None),
    ("REQUEST_LOG_ID", Variable::RequestLogId, None),
    ("REQUEST_METHOD", Variable::RequestMethod, None),
    ("REQUEST_SCHEME", Variable::RequestScheme, None),
    ("REQUEST_STATUS", Variable::RequestStatus, None),
    ("REQUEST_URI", Variable::RequestUri, None),
    ("SCRIPT_FILENAME", Variable::RequestFilename, None),
    ("SCRIPT_GROUP", Variable::ScriptGroup, Some(Facility::RequestFile)),
    ("SCRIPT_USER", Variable::ScriptUser, Some(Facility::RequestFile)),
    ("SERVER_ADMIN", Variable::ServerAdmin, None),
    ("SERVER_NAME", Variable::ServerName, None),
    ("SERVER_PORT", Variable::ServerPort, None),
    ("SERVER_PROTOCOL", Variable::ServerProtocol, None),
    ("SERVER_SOFTWARE", Variable::ServerSoftware, None),
    ("THE_REQUEST", Variable::TheRequest, None),
    ("TIME", Variable::Time(TimePart::Whole), None),
    ("TIME_DAY", Variable::Time(TimePart::Day), None),
    ("TIME_HOUR", Variable::Time(TimePart::Hour), None),
    ("TIME_MIN", Variable::Time(TimePart::Minute), None),
    ("TIME_MON", Variable::Time(TimePart::Month), None),
    ("TIME_SEC", Variable::Time(TimePart::Second), None),
    ("TIME_WDAY", Variable::Time(TimePart::Weekday), None),
    ("TIME_YEAR", Variable::Time(TimePart::Year), None),
];

const HEADERS: &[Row<&str>] = &[
    ("HTTP_ACCEPT", "Accept", None),
    ("HTTP_COOKIE", "Cookie", None),
    ("HTTP_FORWARDED", "Forwarded", None),
    ("HTTP_HOST", "Host", None),
    ("HTTP_PROXY_CONNECTION", "Proxy-Connection", None),
    ("HTTP_REFERER", "Referer", None),
    ("HTTP_USER_AGENT", "User-Agent", None),
];

const FUNCTIONS: &[Row<Function>] = &[
    ("base64", Function::Transform(Transform::Base64), None),
    ("env", Function::Env, None),
    ("escape", Function::Transform(Transform::Escape), None),
    ("file", Function::File, Some(Facility::FileContent)),
    ("filesize", Function::FileSize, Some(Facility::FileContent)),
    ("http", Function::Request, None),
    ("ldap", Function::Transform(Transform::Ldap), None),
    ("md5", Function::Transform(Transform::Md5), None),
    ("note", Function::Note, None),
    ("osenv", Function::OsEnv, None),
    ("req", Function::Request, None),
    ("req_novary", Function::RequestNoVary, None),
    ("reqenv", Function::RequestEnv, None),
    ("resp", Function::Response, None),
    ("sha1", Function::Transform(Transform::Sha1), None),
    ("ssl", Function::Ssl, None),
    ("tolower", Function::Transform(Transform::ToLower), None),
    ("toupper", Function::Transform(Transform::ToUpper), None),
    ("unbase64", Function::Transform(Transform::Unbase64), None),
    ("unescape", Function::Transform(Transform::Unescape), None),
];

const LISTS: &[Row<()>] = &[("PeerExtList", (), Some(Facility::PeerExtensions))];

const UNARY: &[Row<Unary>] = &[
    ("-A", Unary::Subrequest(Subrequest::Url), Some(Facility::Subrequest)),
    ("-F", Unary::Subrequest(Subrequest::File), Some(Facility::Subrequest)),
    ("-L", Unary::File(FileTest::Link), Some(Facility::FileStatus)),
    ("-R", Unary::Client, None),
    ("-T", Unary::True, None),
    ("-U", Unary::Subrequest(Subrequest::Url), Some(Facility::Subrequest)),
    ("-d", Unary::File(FileTest::Folder), Some(Facility::FileStatus)),
    ("-e", Unary::File(FileTest::Exists), Some(Facility::FileStatus)),
    ("-f", Unary::File(FileTest::Regular), Some(Facility::FileStatus)),
    ("-h", Unary::File(FileTest::Link), Some(Facility::FileStatus)),
    ("-n", Unary::NotEmpty, None),
    ("-s", Unary::File(FileTest::NotEmpty), Some(Facility::FileStatus)),
    ("-x", Unary::File(FileTest::Executable), Some(Facility::FileStatus)),
    ("-z", Unary::Empty, None),
];

const BINARY: &[Row<Binary>] = &[
    ("-fnmatch", Binary::Glob(Glob::Path), None),
    ("-ipmatch", Binary::Address, None),
    ("-strcmatch", Binary::Glob(Glob::CaselessText), None),
    ("-strmatch", Binary::Glob(Glob::Text), None),
];

/// The word of a variable's name, and the need that comes with it.
pub(super) fn variable(name: &[u8]) -> Option<(Word, Option<(&'static str, Facility)>)> {
    if let Some((known, variable, facility)) = caseless(VARIABLES, name) {
        return Some((Word::Variable(*variable), facility.map(|facility| (*known, facility))));
    }
    if let Some((_, header, _)) = caseless(HEADERS, name) {
        return Some((Word::Call(Function::Request, Box::new(Word::Text(header.as_bytes().to_vec()))), None));
    }
    let ssl = ssl_name(std::str::from_utf8(name).ok()?);
    ssl.starts_with("SSL_").then_some((Word::Ssl(ssl), None))
}

/// A variable of mod_ssl in upper case, but for the part of a distinguished name that is meant: mod_ssl compares that as
/// it is written (`SSL_CLIENT_S_DN_Email`).
fn ssl_name(name: &str) -> String {
    let mut upper = name.to_ascii_uppercase();
    if let Some(mark) = upper.find("_DN_") {
        let part = mark + "_DN_".len();
        upper.replace_range(part.., &name[part..]);
    }
    upper
}

pub(super) fn function(name: &[u8]) -> Option<&'static Row<Function>> {
    caseless(FUNCTIONS, name)
}

pub(super) fn list(name: &[u8]) -> Option<&'static Row<()>> {
    caseless(LISTS, name)
}

/// Looks up with the minus.
pub(super) fn unary(name: &[u8]) -> Option<&'static Row<Unary>> {
    UNARY.iter().find(|(known, ..)| known.as_bytes() == name)
}

/// Looks up with the minus.
pub(super) fn binary(name: &[u8]) -> Option<&'static Row<Binary>> {
    caseless(BINARY, name)
}

fn caseless<T>(rows: &'static [Row<T>], name: &[u8]) -> Option<&'static Row<T>> {
    rows.iter().find(|(known, ..)| known.as_bytes().eq_ignore_ascii_case(name))
}
