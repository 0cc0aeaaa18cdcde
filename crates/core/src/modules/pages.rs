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
pub(crate) fn signature(request: &Request) -> String {
    let admin = request.server.conf.core.server_admin.as_ref();
    let host = || escape_html(&request.own_host());
    let name = match request.dir.core.server_signature.as_ref().map(|set| set.value) {
        None | Some(Signature::Off) => return String::new(),
        Some(Signature::Email) if admin.is_some() => {
            let mail = admin.map_or("", |admin| &admin.value);
            format!("<a href=\"mailto:{}\">{}</a>", escape_html(mail), host())
        }
        Some(Signature::On | Signature::Email) => host(),
    };
    format!("<hr>\n<address>wsgate at {name} Port {}</address>\n", request.own_port())
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use wsgate_directives::expand::expand;
    use wsgate_directives::facts::Facts;
    use wsgate_directives::files::MemoryFiles;
    use wsgate_directives::interpret::interpret;
    use wsgate_directives::registry::Registry;

    use super::*;
    use crate::http::{Head, Version};
    use crate::moment::Moment;
    use crate::request::Connection;
    use crate::snapshot::resolve;
    use crate::world::Still;

    #[track_caller]
    fn check(lines: &str, address: &str) {
        let text = format!("ServerSignature On\n{lines}\n").into_bytes();
        let files = MemoryFiles([("/c".to_owned(), text)].into());
        let config = interpret(expand("/c", &files, &Facts::default(), &Registry));
        let (snapshot, _) = resolve(&config, &Still::default(), Arc::new(Still::default()));
        let (local, peer) = (([127, 0, 0, 1], 8080).into(), ([127, 0, 0, 1], 4000).into());
        let connection = Arc::new(Connection { local, peer, proxied: None, tls: None });
        let mut head =
            Head { method: "GET".into(), target: "/".into(), version: Version::HTTP_11, ..Head::unread() };
        head.headers.add("Host", "h.test");
        let (request, _) = Request::receive(&snapshot, connection, head, Moment::default());
        let page = page(&request, &Reply::page(Status::NOT_FOUND), None);
        assert!(page.contains(&format!("<address>wsgate at {address}</address>")), "{lines}\n{page}");
    }

    /// `ap_psignature` names the server as URLs to it do.
    #[test]
    fn signatures() {
        check("ServerName a.test", "h.test Port 80");
        check("ServerName a.test:99\nUseCanonicalName On", "a.test Port 99");
        check("UseCanonicalPhysicalPort On\nServerName a.test", "h.test Port 8080");
        check("ServerAdmin a@b\nServerSignature EMail", "<a href=\"mailto:a@b\">h.test</a> Port 80");
    }
}
