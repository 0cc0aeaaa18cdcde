//! mod_deflate: which answers are compressed by gzip, and which decompressed.

use std::borrow::Cow;

use wsgate_directives::modules::deflate::Settings;

use crate::coding;
use crate::filters::Stage;
use crate::reply::Status;
use crate::request::Request;
use crate::snapshot::Server;

/// Bodies up to this length are not worth it: gzip's own bytes, and 50 for the header fields.
const SMALL: u64 = 10 + 8 + 50;

/// `deflate_out_filter`.
pub(crate) fn output(request: &mut Request, length: Option<u64>) -> Option<Stage> {
    let env = |name| request.env.get(name);
    let small = length.is_some_and(|length| length <= SMALL);
    let partial = request.answer_headers.contains("Content-Range");
    if small || partial || request.status == Status(204) || env("no-gzip").is_some() {
        return None;
    }
    let html =
        request.content_type.as_ref().is_some_and(|content_type| content_type.starts_with(b"text/html"));
    if !html && env("gzip-only-text/html").is_some_and(|only| **only == *b"1") {
        return None;
    }
    let present = coding::present(request);
    if !coding::is_plain(present.as_deref().unwrap_or_default()) {
        return None;
    }
    let forced = env("force-gzip").is_some();
    request.answer_headers.merge("Vary", "Accept-Encoding");
    let server = request.server.clone();
    let settings = settings(&server);
    let Settings { compression, entity_tags, .. } = *settings;
    // zlib has no smaller window.
    if compression.window < 9 || !forced && !coding::is_accepted(request, "gzip") {
        return None;
    }
    coding::apply(request, "gzip", present.as_deref(), entity_tags);
    Some(Stage::Gzip { compression, notes: settings.notes.clone() })
}

/// `inflate_out_filter`.
pub(crate) fn inflate(request: &mut Request) -> Option<Stage> {
    let partial = request.answer_headers.contains("Content-Range");
    // A document of ErrorDocument comes as it is.
    if request.redirects > 0 || partial || request.status == Status(204) || !coding::remove_gzip(request) {
        return None;
    }
    let tags = settings(&request.server).entity_tags;
    coding::altered(&mut request.answer_headers, "gunzip", tags);
    Some(Stage::Gunzip(request.dir.deflate.own.unwrap_or_default()))
}

fn settings(server: &Server) -> Cow<'_, Settings> {
    server.conf.deflate.own.as_ref().map_or_else(Cow::default, Cow::Borrowed)
}
