//! mod_reqtimeout: how long a request may take to arrive.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::config::Set;
use crate::interpret::{Cx, Outcome, Problem};
use crate::merge_fields;
use crate::registry::{Contexts, Maker, Module, Row, Shape};
use crate::words::Arg;

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_reqtimeout",
    identifier: "reqtimeout_module",
    file: "mod_reqtimeout.c",
    maker: Maker::Httpd,
    implemented: true,
    rows: &[Row::supported(
        "RequestReadTimeout",
        Contexts::SERVER,
        Shape::Argv(request_read_timeout),
        "How long TLS handshakes, request heads and request bodies may take to arrive, and how slowly",
    )],
};

/// One stage of RequestReadTimeout: `20-40,MinRate=500`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The time for all of it, before anything has come; zero is no limit.
    pub timeout: Duration,
    /// The time that no rate extends beyond.
    pub max: Option<Duration>,
    /// Bytes that earn another second each time so many have come.
    pub min_rate: Option<NonZeroU32>,
}

/// What a server sets.
#[derive(Clone, Debug, Default)]
pub struct ServerConf {
    /// `handshake=`; no limit where not set.
    pub handshake: Set<Stage>,
    /// `header=`.
    pub header: Set<Stage>,
    /// `body=`.
    pub body: Set<Stage>,
}

merge_fields!(ServerConf { handshake, header, body });

impl Stage {
    /// `header=` where the module is loaded and nothing is said.
    pub const HEADER: Self = Self {
        timeout: Duration::from_secs(20),
        max: Some(Duration::from_secs(40)),
        min_rate: NonZeroU32::new(500),
    };
    /// `body=`, likewise.
    pub const BODY: Self =
        Self { timeout: Duration::from_secs(20), max: None, min_rate: NonZeroU32::new(500) };
}

/// httpd's `set_reqtimeouts`.
fn request_read_timeout(cx: &mut Cx<'_>, words: &[Arg]) -> Outcome {
    for word in words {
        let (key, value) = word.text()?.split_once('=').ok_or_else(|| {
            Problem::at(word, "RequestReadTimeout takes key=value")
                .help("write header=20-40,MinRate=500 body=20")
        })?;
        let stage = cx.set(stage(value).map_err(|why| Problem::at(word, format!("{key}={value}: {why}")))?);
        let conf = &mut cx.server.reqtimeout;
        match key.to_ascii_lowercase().as_str() {
            "handshake" => conf.handshake = Some(stage),
            "header" => conf.header = Some(stage),
            "body" => conf.body = Some(stage),
            _ => return Err(Problem::at(word, "RequestReadTimeout knows handshake=, header= and body=")),
        }
    }
    Ok(())
}

/// httpd's `set_reqtimeout_param`.
fn stage(value: &str) -> Result<Stage, &'static str> {
    const RATE: &str = ",minrate=";
    let Some(at) = value.to_ascii_lowercase().find(RATE) else {
        if value.contains('-') {
            return Err("a range of times needs a MinRate");
        }
        return Ok(Stage { timeout: seconds(value)?, max: None, min_rate: None });
    };
    let (times, rate) = (&value[..at], &value[at + RATE.len()..]);
    let min_rate = NonZeroU32::new(number(rate)?).ok_or("MinRate must be larger than 0")?;
    let (timeout, max) = times.split_once('-').map_or((times, None), |(least, most)| (least, Some(most)));
    let max = max.map(seconds).transpose()?.filter(|max| !max.is_zero());
    let timeout = seconds(timeout)?;
    if max.is_some_and(|max| timeout >= max) {
        return Err("the longest time must be longer than the first one");
    }
    Ok(Stage { timeout, max, min_rate: Some(min_rate) })
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    number(text).map(|seconds| Duration::from_secs(seconds.into()))
}

fn number(text: &str) -> Result<u32, &'static str> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten().ok_or("times and rates are whole numbers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, timeout: u64, max: Option<u64>, rate: Option<u32>) {
        let (secs, min_rate) = (Duration::from_secs, rate.and_then(NonZeroU32::new));
        assert_eq!(stage(text), Ok(Stage { timeout: secs(timeout), max: max.map(secs), min_rate }), "{text}");
    }

    #[test]
    fn stages_have_a_time_a_bound_and_a_rate() {
        check("20", 20, None, None);
        check("0", 0, None, None);
        check("20,MinRate=500", 20, None, Some(500));
        check("20-40,minrate=1", 20, Some(40), Some(1));
        check("0-40,MINRATE=9", 0, Some(40), Some(9));
        check("20-0,MinRate=9", 20, None, Some(9));
    }

    #[test]
    fn what_httpd_refuses_is_refused() {
        for text in
            ["", "x", "5s", "-5", "20-40", "20,MinRate=0", "20,MinRate=", "40-20,MinRate=5", "5-5,MinRate=5"]
        {
            assert!(stage(text).is_err(), "{text}");
        }
    }
}
