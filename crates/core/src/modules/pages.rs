//! Pages for statuses that no backend and no ErrorDocument describes.

use wsgate_directives::modules::core::Signature;

use crate::reply::{Reply, Status};
use crate::request::Request;

/// The type of [`page`]s, as httpd labels its own.
pub(crate) const TYPE: &str = "text/html; charset=iso-8859-1";

/// The page for a status. `detail` is a clause that is safe for every client to see.
pub(crate) fn page(request: &Request, reply: &Reply, detail: Option<&str>) -> String {
    let status = reply.status;
    let location = reply.headers.get("Location").map(|location| &location[..]);
    let title = escape_html(&String::from_utf8_lossy(&reply.reason_phrase()));
    let mut text = format!(
        "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>{} {title}</title>\n\
         </head><body>\n<h1>{title}</h1>\n<p>{}</p>\n",
        status.0,
        sentence(status, location),
    );
    if let Some(detail) = detail {
        text.push_str(&format!("<p>{}</p>\n", escape_html(detail)));
    }
    text.push_str(&signature(request));
    text.push_str("</body></html>\n");
    text
}

fn sentence(status: Status, location: Option<&[u8]>) -> String {
    if let Some(location) = location.filter(|_| status.is_redirect()) {
        let link = escape_html(&String::from_utf8_lossy(location));
        return format!("The document is at <a href=\"{link}\">another address</a>.");
    }
    let text = match status.0 {
        400 => "The request is malformed.",
        401 => "Access needs valid credentials.",
        403 => "Access to this resource is not permitted.",
        404 => "There is nothing at this address.",
        405 => "The method is not allowed here.",
        408 => "The request did not arrive in time.",
        413 => "The request body is larger than allowed.",
        414 => "The address is longer than allowed.",
        417 => "The expectation cannot be met.",
        421 => "This connection is for another host: please open a new one.",
        426 => "This resource is served by another protocol only.",
        431 => "The header fields are larger than allowed.",
        501 => "The method is not supported.",
        502 => "The server behind this one gave no valid answer.",
        503 => "The service is not available at the moment. Please try again later.",
        504 => "The server behind this one did not answer in time.",
        500.. => "The server cannot complete the request. Its error log tells more.",
        _ => "The request cannot be completed.",
    };
    text.to_owned()
}

/// ServerSignature.
fn signature(request: &Request) -> String {
    let host = request
        .host
        .as_ref()
        .map_or_else(|| request.server.name.clone(), |host| String::from_utf8_lossy(&host.name).into_owned());
    let port = request.connection.local.port();
    let admin = request.server.conf.core.server_admin.as_ref();
    let name = match request.dir.core.server_signature.as_ref().map(|set| set.value) {
        None | Some(Signature::Off) => return String::new(),
        Some(Signature::Email) if admin.is_some() => {
            let mail = admin.map_or("", |admin| &admin.value);
            format!("<a href=\"mailto:{}\">{}</a>", escape_html(mail), escape_html(&host))
        }
        Some(Signature::On | Signature::Email) => escape_html(&host),
    };
    format!("<hr>\n<address>wsgate at {name} Port {port}</address>\n")
}

/// `<`, `>`, `&` and `"` as entities.
pub(crate) fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}
