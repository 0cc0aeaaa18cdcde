//! The flags of RewriteRule.

use crate::interpret::{Cx, Problem};
use crate::modules::core::is_known_status;
use crate::values::atoi;
use crate::words::Arg;

use super::line::Flag;
use super::template::Template;

/// Rounds of `[N]` where the flag does not say (REWRITE_MAX_ROUNDS).
const ROUNDS: i64 = 32_000;

/// What a rule does beside substituting.
#[derive(Clone, Debug)]
pub struct Flags {
    /// `R`: the client is sent to the result.
    pub redirect: bool,
    /// The status of a redirect, or of the answer.
    pub status: u16,
    /// `F`, `G`, `R` with a status that is no redirect: the request is answered with that status.
    pub answers: bool,
    /// `P`: the result is a backend's URL.
    pub proxy: bool,
    /// `PT`: the result is mapped as if it had been asked for.
    pub pass_through: bool,
    /// `L`: no rule behind this one is looked at.
    pub last: bool,
    /// `END`: and none later for this request, in other sections either.
    pub end: bool,
    /// `N`: the rules begin anew, so often at most.
    pub next: Option<i64>,
    /// `C`: the next rule is only looked at if this one applies.
    pub chain: bool,
    /// `S`: so many rules are skipped.
    pub skip: i64,
    /// `NS`: not for subrequests.
    pub not_ahead: bool,
    /// `NC`.
    pub caseless: bool,
    /// `NE`: the result is not escaped.
    pub no_escape: bool,
    /// `QSA`, `QSD`, `QSL`.
    pub query: Query,
    /// `B`, `BCTLS`: groups are escaped.
    pub escape: Option<Escape>,
    /// `DPI`: what stood behind the file's name is forgotten.
    pub discard_path_info: bool,
    /// `UnsafePrefixStat`.
    pub unsafe_prefix_stat: bool,
    /// `UnsafeAllow3F`.
    pub unsafe_allow_3f: bool,
    /// `UNC`: slashes at the beginning of the result stay.
    pub unc: bool,
    /// `E=name:value`.
    pub env: Vec<Template>,
    /// `CO=name:value:domain...`.
    pub cookies: Vec<Template>,
    /// `T`.
    pub mime_type: Option<Template>,
    /// `H`.
    pub handler: Option<Template>,
}

/// What becomes of the query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// `QSA`: the request's follows the result's.
    pub append: bool,
    /// `QSD`: the request's is dropped.
    pub discard: bool,
    /// `QSL`: it begins behind the last `?` of the result, not the first.
    pub last: bool,
    /// There is none, and no `?` of the result begins one.
    pub none: bool,
}

/// How the groups are escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Escape {
    /// Only these bytes are.
    pub only: Option<Box<[u8]>>,
    /// These are not.
    pub except: Option<Box<[u8]>>,
    /// A space becomes `%20`, not `+`.
    pub no_plus: bool,
    /// Control characters and spaces are, beside `only`.
    pub controls: bool,
}

/// Flags as they are read, with what only later makes sense.
#[derive(Default)]
struct Reading {
    escape: Escape,
    escapes: bool,
}

impl Default for Flags {
    fn default() -> Self {
        Self {
            redirect: false,
            status: 302,
            answers: false,
            proxy: false,
            pass_through: false,
            last: false,
            end: false,
            next: None,
            chain: false,
            skip: 0,
            not_ahead: false,
            caseless: false,
            no_escape: false,
            query: Query::default(),
            escape: None,
            discard_path_info: false,
            unsafe_prefix_stat: false,
            unsafe_allow_3f: false,
            unc: false,
            env: Vec::new(),
            cookies: Vec::new(),
            mime_type: None,
            handler: None,
        }
    }
}

impl Flags {
    /// httpd's `cmd_rewriterule_setflag`, for all of them.
    pub(super) fn read(cx: &mut Cx<'_>, flags: &[Flag]) -> Result<Self, Problem> {
        let mut all = Self::default();
        let mut reading = Reading::default();
        for flag in flags {
            all.set(cx, flag, &mut reading)?;
        }
        all.escape = reading.escapes.then_some(reading.escape);
        Ok(all)
    }

    fn set(&mut self, cx: &mut Cx<'_>, flag: &Flag, reading: &mut Reading) -> Result<(), Problem> {
        let value = flag.value.as_bytes();
        match flag.key.as_str() {
            "b" | "backrefescaping" => {
                reading.escapes = true;
                if !value.is_empty() {
                    reading.escape.only = Some(value.into());
                }
            }
            "bne" if value.is_empty() => {
                return Err(Problem::at(&flag.whole, "BNE wants a list of characters: [BNE=...]"));
            }
            "bne" => reading.escape.except = Some(value.into()),
            "bnp" | "backrefernoplus" => reading.escape.no_plus = true,
            "bctls" => (reading.escape.controls, reading.escapes) = (true, true),
            "c" | "chain" => self.chain = true,
            "co" | "cookie" => self.cookies.push(Template::read(&flag.value)?),
            "e" | "env" => self.env.push(Template::read(&flag.value)?),
            "end" => self.end = true,
            "f" | "forbidden" => (self.answers, self.status) = (true, 403),
            "g" | "gone" => (self.answers, self.status) = (true, 410),
            "h" | "handler" => self.handler = Some(Template::read(&flag.value)?),
            "l" | "last" => self.last = true,
            "ne" | "noescape" => self.no_escape = true,
            "n" | "next" => {
                let known = self.next.unwrap_or(ROUNDS);
                self.next = Some(if value.is_empty() { known } else { atoi(value) });
            }
            "ns" | "nosubreq" => self.not_ahead = true,
            "nc" | "nocase" => self.caseless = true,
            "p" | "proxy" => self.proxy = true,
            "pt" | "passthrough" => self.pass_through = true,
            "qsa" | "qsappend" => self.query.append = true,
            "qsd" | "qsdiscard" => self.query.discard = true,
            "qsl" | "qslast" => self.query.last = true,
            "r" | "redirect" => self.redirect(&flag.value)?,
            "s" | "skip" => self.skip = atoi(value),
            "t" | "type" => self.mime_type = Some(Template::read(&flag.value)?),
            "unsafeprefixstat" => self.unsafe_prefix_stat = true,
            "unsafeallow3f" => self.unsafe_allow_3f = true,
            "unc" => self.unc = true,
            "d" | "dpi" | "discardpath" => self.discard_path_info = true,
            // httpd takes any other word with a D without a word.
            other if other.starts_with('d') => {
                let message = format!("there is no flag {other:?}: it does nothing, in httpd neither");
                cx.warn("rewrite-unknown-flag", &flag.whole, message);
            }
            other => return Err(Problem::at(&flag.whole, format!("RewriteRule has no flag {other:?}"))),
        }
        Ok(())
    }

    fn redirect(&mut self, value: &Arg) -> Result<(), Problem> {
        self.redirect = true;
        let text = value.as_bytes().to_ascii_lowercase();
        match text.as_slice() {
            b"" => {}
            b"permanent" => self.status = 301,
            b"temp" => self.status = 302,
            b"seeother" => self.status = 303,
            [b'0'..=b'9', ..] => {
                let status = u16::try_from(atoi(&text)).ok().filter(|status| is_known_status(*status));
                let unknown = || Problem::at(value, "R takes a status of a redirect or another known status");
                self.status = status.ok_or_else(unknown)?;
                self.answers |= !(300..400).contains(&self.status);
            }
            // Any other word makes httpd send 302, whatever the flags before said.
            _ => self.status = 302,
        }
        Ok(())
    }
}
