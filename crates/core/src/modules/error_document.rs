//! ErrorDocument: what stands in for the answer of a request that came to nothing (`ap_die`).

use bytes::Bytes;
use wsgate_directives::expr::{Expr, Word};
use wsgate_directives::modules::core::ErrorDocument;

use crate::facts::Facts;
use crate::http::Field;
use crate::reply::{Body, Reply, Status};
use crate::request::{Decided, Decision, Failed, Request};
use crate::snapshot::Snapshot;

/// How a failed request goes on.
#[derive(Debug)]
pub(crate) enum StandIn {
    /// It is answered.
    Answer(Box<Decided>),
    /// Another request is made for the document.
    Request(Box<Request>),
}

/// What is done about a request that came to nothing.
pub(crate) fn stand_in(snapshot: &Snapshot, mut request: Request, mut reply: Reply) -> StandIn {
    if !matches!(reply.body, Body::Page(_)) {
        return answer(request, reply);
    }
    if let Some(failed) = request.failed.take() {
        return first_failure(request, *failed, reply.status);
    }
    // A text is evaluated with the error's status, where to go instead with the one before it.
    let documents = &request.dir.core.error_documents;
    // What httpd has no reason phrase for counts as 500 (`ap_index_of_response`).
    let named = Status::named(reply.status.0);
    let document = documents.iter().rev().find(|document| document.0 == named.0);
    let text = |request: &Request, expr: &Expr<Word>| {
        let text = Facts { snapshot, request }.text(expr);
        text.inspect_err(|error| log::error!("ErrorDocument {}: not evaluated: {error}", reply.status.0)).ok()
    };
    match document.map(|document| &document.value.1) {
        None | Some(ErrorDocument::Default) => {}
        Some(ErrorDocument::Text(expr)) => {
            let expr = expr.clone();
            request.status = reply.status;
            if let Some(text) = text(&request, &expr) {
                reply.body = Body::Text(text.into());
            }
        }
        Some(ErrorDocument::Redirect(expr)) => {
            if let Some(url) = text(&request, expr) {
                let mut redirect = Reply::redirect(Status::FOUND, url);
                for Field { name, value } in reply.headers.iter().filter(|field| !is_of_page(field)) {
                    redirect.headers.add(name.clone(), value.clone());
                }
                return answer(request, redirect);
            }
        }
        Some(ErrorDocument::Local(expr)) => {
            if let Some(path) = text(&request, expr) {
                return local(request, reply, &path.into());
            }
        }
    }
    answer(request, reply)
}

fn answer(mut request: Request, reply: Reply) -> StandIn {
    request.status = reply.status;
    StandIn::Answer(Box::new(Decided { request, decision: Decision::Reply(Box::new(reply)) }))
}

/// The document itself failed: the first failure is answered, and both are told.
fn first_failure(document: Request, failed: Failed, second: Status) -> StandIn {
    let Failed { mut request, mut reply } = failed;
    // Both requests share these fields in httpd.
    request.error_headers = document.error_headers;
    if let Body::Page(detail) = &mut reply.body {
        let more = format!("Its error document could not be had: {} {}.", second.0, second.reason());
        *detail = Some(detail.take().map_or(more.clone(), |detail| format!("{detail} {more}")));
    }
    answer(request, reply)
}

/// A path of this server: an internal redirect. The request becomes a GET, unless it asks for no body; its own body
/// is not for the document.
fn local(request: Request, reply: Reply, path: &Bytes) -> StandIn {
    let mut document = request.clone();
    document.status = reply.status;
    document.env.set("REQUEST_METHOD", request.head.method.clone());
    if let Some(notes) = document.notes.get("error-notes").cloned() {
        document.env.set("ERROR_NOTES", notes);
    }
    for Field { name, value } in reply.headers.iter().filter(|field| !is_of_page(field)) {
        document.error_headers.add(name.clone(), value.clone());
    }
    if let Err(second) = document.redirect(path) {
        let status = second.status;
        return first_failure(document, Failed { request, reply }, status);
    }
    if !document.is_method("HEAD") {
        document.head.method = Bytes::from_static(b"GET");
    }
    for framing in ["Content-Length", "Transfer-Encoding", "Expect"] {
        document.head.headers.remove(framing);
    }
    document.answer_headers.retain(|_| false);
    document.user = None;
    document.failed = Some(Box::new(Failed { request, reply }));
    StandIn::Request(Box::new(document))
}

/// What goes with the page of the status itself and with nothing that stands in for it.
fn is_of_page(field: &Field) -> bool {
    field.is(b"Location") || field.is(b"Allow")
}
