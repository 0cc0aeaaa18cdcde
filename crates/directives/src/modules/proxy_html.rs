//! mod_proxy_html: links in proxied pages.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const HTML: &str =
    "wsgate does not rewrite links in pages; let the backend make them, or map the same path on both sides";
const HTML_OFF: &str = "only matters with ProxyHTMLEnable On or the filter proxy-html, which are refused";

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
        Row::only_off("ProxyHTMLEnable", Contexts::CONFIG, Arity::Flag, HTML),
        Row::no_effect("ProxyHTMLEvents", Contexts::CONFIG, Arity::Many, HTML_OFF),
        Row::no_effect("ProxyHTMLExtended", Contexts::CONFIG, Arity::Flag, HTML_OFF),
        Row::no_effect("ProxyHTMLFixups", Contexts::CONFIG, Arity::Many, HTML_OFF),
        Row::no_effect("ProxyHTMLInterp", Contexts::CONFIG, Arity::Flag, HTML_OFF),
        Row::no_effect("ProxyHTMLLinks", Contexts::CONFIG, Arity::Between(2, u8::MAX), HTML_OFF),
        Row::no_effect("ProxyHTMLMeta", Contexts::CONFIG, Arity::Flag, HTML_OFF),
        Row::no_effect("ProxyHTMLStripComments", Contexts::CONFIG, Arity::Flag, HTML_OFF),
        Row::no_effect("ProxyHTMLURLMap", Contexts::CONFIG, Arity::Raw, HTML_OFF),
    ],
};
