//! mod_brotli: which answers are compressed by Brotli.

use std::borrow::Cow;

use wsgate_directives::modules::brotli::Settings;

use crate::coding;
use crate::filters::Stage;
use crate::reply::Status;
use crate::request::Request;

/// `compress_filter`.
pub(crate) fn output(request: &mut Request) -> Option<Stage> {
    let partial = request.answer_headers.contains("Content-Range");
    if partial || request.status == Status(204) || request.env.contains("no-brotli") {
        return None;
    }
    let present = coding::present(request);
    if !coding::is_plain(present.as_deref().unwrap_or_default()) {
        return None;
    }
    request.answer_headers.merge("Vary", "Accept-Encoding");
    if !coding::is_accepted(request, "br") {
        return None;
    }
    let server = request.server.clone();
    let settings = server.conf.brotli.own.as_ref().map_or_else(Cow::default, Cow::Borrowed);
    let Settings { compression, entity_tags, block, .. } = *settings;
    coding::apply(request, "br", present.as_deref(), entity_tags);
    Some(Stage::Brotli { compression, block, notes: settings.notes.clone() })
}
