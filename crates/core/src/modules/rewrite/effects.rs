//! What a rule that applies does: the path it makes, the variables and cookies it sets, the type it forces.

use wsgate_directives::config::Setting;
use wsgate_directives::modules::rewrite::{Rule, Template};

use crate::mapped::{Mapped, OnDisk};
use crate::reply::Status;
use crate::request::Phase;

use super::engine::Engine;
use super::{FORCED_TYPE, cookie, fill, uri};

impl Engine<'_> {
    /// The path that a rule makes.
    ///
    /// # Errors
    /// 403 where what the client sent brings a `?` in.
    pub(super) fn substitute(&self, rule: &Rule, substitution: &Template) -> Phase<Vec<u8>> {
        let mut mark = fill::Mark::new(rule.flags.query.last);
        let result = self.fill_tracked(substitution, rule.flags.escape.as_ref(), &mut mark);
        log::debug!(
            target: "rewrite",
            "rewrite '{}' -> '{}'",
            self.uri.escape_ascii(),
            result.escape_ascii()
        );
        if mark.is_unsafe() && !rule.flags.unsafe_allow_3f {
            log::error!("unsafe URL with %3f rewritten without UnsafeAllow3F");
            return Err(Status::FORBIDDEN.into());
        }
        Ok(result)
    }

    /// The flags E and CO.
    pub(super) fn set_variables(&mut self, rule: &Rule) {
        for template in &rule.flags.env {
            let text = self.fill(template, None);
            if let Some(name) = text.strip_prefix(b"!") {
                self.request.env.remove(name);
                continue;
            }
            let colon = text.iter().position(|byte| *byte == b':').unwrap_or(text.len());
            let value = text.get(colon + 1..).unwrap_or_default().to_vec();
            self.request.env.set(text[..colon].to_vec(), value);
        }
        for template in &rule.flags.cookies {
            let text = self.fill(template, None);
            cookie::set(self.request, &text);
        }
    }

    /// The flags T and H; small letters only, as in httpd.
    pub(super) fn force_type(&mut self, rule: &Rule) {
        let mut filled = |template: &Option<Template>| {
            let text = template.as_ref().map(|template| self.fill(template, rule.flags.escape.as_ref()));
            text.filter(|text| !text.is_empty()).map(|text| text.to_ascii_lowercase())
        };
        let (content_type, handler) = (filled(&rule.flags.mime_type), filled(&rule.flags.handler));
        if let Some(content_type) = content_type {
            self.request.notes.set(FORCED_TYPE, content_type);
        }
        if let Some(handler) = handler {
            self.request.forced_handler = Some(Setting { value: handler.into(), span: rule.span });
        }
    }

    /// Makes the result of a rule the request's path.
    pub(super) fn take(&mut self, rule: &Rule, result: Vec<u8>) {
        let flags = &rule.flags;
        let relative = !self.is_backend() && !result.starts_with(b"/") && uri::scheme(&result).is_none();
        let (result, prefixed) = match self.section {
            Some(section) if relative => ([section.directory.as_bytes(), &result].concat(), true),
            None if relative && !flags.proxy && !flags.redirect => ([b"/", &*result].concat(), true),
            _ => (result, false),
        };
        if self.section.is_some() && flags.discard_path_info {
            let name = self.name();
            self.request.mapped = Mapped::Disk(OnDisk { name, ..OnDisk::default() });
        }
        let mut result = uri::split_query(result, flags.query, &mut self.request.query);
        if flags.proxy {
            result = uri::qualified(self.request, result);
            return self.set_name([b"proxy:", &*result].concat());
        }
        if flags.redirect {
            self.status = flags.status;
            result = uri::qualified(self.request, result);
            return self.set_name(result);
        }
        if let Some(path) = uri::own_path(self.request, &result) {
            result = path;
            self.reduced = true;
        }
        if uri::scheme(&result).is_some() {
            self.status = flags.status;
            return self.set_name(result);
        }
        if !flags.unc && !prefixed && !rule.output.starts_with(b"//") {
            let slashes = result.iter().take_while(|byte| **byte == b'/').count();
            result.drain(..slashes.saturating_sub(1));
        }
        self.set_name(result);
        self.force_type(rule);
    }
}
