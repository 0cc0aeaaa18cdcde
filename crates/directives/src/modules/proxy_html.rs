//! mod_proxy_html: links in proxied pages. wsgate rewrites none, which is what httpd does where no line says which
//! attributes are links.

use crate::config::{Config, Server, Set};
use crate::diag::Diagnostic;
use crate::interpret::{Cx, Outcome};
use crate::merge_fields;
use crate::modules::DirConf as All;
use crate::registry::{Arity, Contexts, Maker, Module, Row, Shape};
use crate::words::Arg;

const HTML: &str =
    "wsgate does not rewrite links in pages; let the backend make them, or map the same path on both sides";
const HTML_OFF: &str = "only matters where links are rewritten, which is refused";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_proxy_html",
    identifier: "proxy_html_module",
    file: "mod_proxy_html.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::no_effect("ProxyHTMLBufSize", Contexts::CONFIG, Arity::ONE, HTML_OFF),
        Row::no_effect("ProxyHTMLCharsetOut", Contexts::CONFIG, Arity::ONE, HTML_OFF),
        Row::no_effect("ProxyHTMLDocType", Contexts::CONFIG, Arity::Between(1, 2), HTML_OFF),
        Row::supported(
            "ProxyHTMLEnable",
            Contexts::CONFIG,
            Shape::Flag(enable),
            "Accepted where no ProxyHTMLLinks says what a link is, as httpd rewrites none then; refused with such lines",
        ),
        Row::no_effect("ProxyHTMLEvents", Contexts::CONFIG, Arity::Many, HTML_OFF),
        Row::no_effect("ProxyHTMLExtended", Contexts::CONFIG, Arity::Flag, HTML_OFF),
        Row::no_effect("ProxyHTMLFixups", Contexts::CONFIG, Arity::Many, HTML_OFF),
        Row::no_effect("ProxyHTMLInterp", Contexts::CONFIG, Arity::Flag, HTML_OFF),
        Row::supported(
            "ProxyHTMLLinks",
            Contexts::CONFIG,
            Shape::Iterate2(links),
            "Which attributes are links; without effect where ProxyHTMLEnable is Off, refused where it is On",
        ),
        Row::no_effect("ProxyHTMLMeta", Contexts::CONFIG, Arity::Flag, HTML_OFF),
        Row::no_effect("ProxyHTMLStripComments", Contexts::CONFIG, Arity::Flag, HTML_OFF),
        Row::no_effect("ProxyHTMLURLMap", Contexts::CONFIG, Arity::Raw, HTML_OFF),
    ],
};

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// ProxyHTMLEnable.
    pub enable: Set<bool>,
    /// The first ProxyHTMLLinks.
    pub links: Set<()>,
}

merge_fields!(DirConf { enable, links });

fn enable(cx: &mut Cx<'_>, on: bool) -> Outcome {
    cx.dir.proxy_html.enable = Some(cx.set(on));
    Ok(())
}

fn links(cx: &mut Cx<'_>, _: &Arg, _: &Arg) -> Outcome {
    let here = cx.set(());
    cx.dir.proxy_html.links.get_or_insert(here);
    Ok(())
}

/// Refuses ProxyHTMLEnable On if there is anything for it to do. The filter takes itself out where it knows no link
/// (`check_filter_init`); what is left of it is a change to UTF-8 of what is said to be in another charset.
pub(crate) fn review(config: &Config, findings: &mut Vec<Diagnostic>) {
    let mut scopes = Vec::new();
    for server in std::iter::once(&config.main).chain(&config.vhosts) {
        collect(server, &mut scopes);
    }
    let linked = scopes.iter().any(|scope| scope.proxy_html.links.is_some());
    for set in scopes.iter().filter_map(|scope| scope.proxy_html.enable.filter(|on| **on)) {
        findings.push(if linked {
            let message = "ProxyHTMLEnable (mod_proxy_html) is not supported";
            Diagnostic::error("refused", set.span, message).help(HTML)
        } else {
            let message = "there is no ProxyHTMLLinks: pages are passed on as they are, and httpd changes no more of them \
                           than their charset";
            Diagnostic::warning("proxy-html-without-links", set.span, message)
        });
    }
}

fn collect<'a>(server: &'a Server, scopes: &mut Vec<&'a All>) {
    inside(&server.base, scopes);
    for section in server.locations.iter().chain(&server.directories).chain(&server.proxies) {
        inside(&section.conf, scopes);
    }
}

fn inside<'a>(conf: &'a All, scopes: &mut Vec<&'a All>) {
    scopes.push(conf);
    let nested = conf.core.files.iter().chain(&conf.core.ifs);
    nested.for_each(|section| inside(&section.conf, scopes));
}
