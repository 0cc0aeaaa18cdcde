//! Parameters of a worker: `key=value` behind ProxyPass, BalancerMember, ProxySet and `<Proxy>`.

use std::time::Duration;

use crate::config::{Set, Setting};
use crate::interpret::{Cx, Outcome, Problem};
use crate::values::{self, Unit, atoi, on_off, time_parameter};
use crate::words::Arg;

/// What `key=value` may set for one backend. Unset fields have httpd's defaults, see each.
#[derive(Clone, Debug, Default)]
pub struct WorkerParams {
    /// `upgrade=`: the token that may be tunnelled; `*` for ANY.
    pub upgrade: Set<Box<str>>,
    /// `timeout=`.
    pub timeout: Set<Duration>,
    /// `connectiontimeout=`; the timeout where not set.
    pub connection_timeout: Set<Duration>,
    /// `retry=`: 60 s.
    pub retry: Set<Duration>,
    /// `acquire=`.
    pub acquire: Set<Duration>,
    /// `ping=`: Expect: 100-continue is sent ahead, and waited for so long.
    pub ping: Set<Duration>,
    /// `ttl=`.
    pub ttl: Set<Duration>,
    /// `min=`.
    pub min: Set<u32>,
    /// `smax=`.
    pub smax: Set<u32>,
    /// `max=`.
    pub max: Set<u32>,
    /// `disablereuse=`, or the contrary of `enablereuse=`: Off.
    pub disable_reuse: Set<bool>,
    /// `responsefieldsize=`: 8192 bytes.
    pub response_field_size: Set<u32>,
    /// `loadfactor=` in hundredths: 100.
    pub load_factor: Set<u32>,
    /// `lbset=`: 0.
    pub lb_set: Set<u32>,
    /// `route=`.
    pub route: Set<Box<str>>,
    /// `redirect=`.
    pub redirect: Set<Box<str>>,
    /// `status=`.
    pub status: Set<Status>,
}

/// Why parameters about flushing change nothing.
const PASSED_ON: &str = "every piece of an answer is passed on at once";

/// `status=`: flags of a worker, each set or cleared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// `D`: not used.
    pub disabled: bool,
    /// `S`: stopped by the administrator.
    pub stopped: bool,
    /// `I`: never put into the error state.
    pub ignore_errors: bool,
    /// `H`: used where no other member is usable.
    pub hot_standby: bool,
    /// `R`: takes the place of an unusable member.
    pub hot_spare: bool,
    /// `E`: starts in the error state.
    pub in_error: bool,
    /// `N`: serves only its own sessions.
    pub drain: bool,
    /// `C`: has failed its health check.
    pub health_failed: bool,
}

/// The key and the value of `key=value`; none if there is no `=`.
pub(super) fn key_value(arg: &Arg) -> Result<Option<(&str, &str)>, Problem> {
    Ok(arg.text()?.split_once('='))
}

impl WorkerParams {
    /// httpd's `set_worker_param`.
    #[expect(
        clippy::too_many_lines,
        reason = "one arm for each key; split, the list would be harder to check"
    )]
    pub(super) fn apply(&mut self, cx: &mut Cx<'_>, arg: &Arg, key: &str, value: &str) -> Outcome {
        let span = arg.span;
        let bytes = value.as_bytes();
        let number = |least: i64, most: i64, complaint: &str| match atoi(bytes) {
            number if (least..=most).contains(&number) => {
                Ok(Setting { value: u32::try_from(number).unwrap_or(u32::MAX), span })
            }
            _ => Err(Problem::at(arg, complaint)),
        };
        let seconds = |least: i64, complaint: &str| {
            number(least, i64::MAX, complaint)
                .map(|n| Setting { value: Duration::from_secs(n.value.into()), span })
        };
        let time = |unit: Unit, complaint: &str| {
            let time = time_parameter(bytes, unit).filter(|time| *time >= Duration::from_millis(1));
            time.map(|value| Setting { value, span }).ok_or_else(|| Problem::at(arg, complaint))
        };
        let flag = |complaint: &str| {
            on_off(bytes).map(|value| Setting { value, span }).ok_or_else(|| Problem::at(arg, complaint))
        };
        let text = |most: usize, complaint: &str| {
            (value.len() < most)
                .then(|| Setting { value: value.into(), span })
                .ok_or_else(|| Problem::at(arg, format!("{complaint} must be shorter than {most} bytes")))
        };
        match key.to_ascii_lowercase().as_str() {
            "loadfactor" => self.load_factor = Some(load_factor(arg, value)?),
            "retry" => self.retry = Some(seconds(0, "retry must be a positive value")?),
            "ttl" => self.ttl = Some(seconds(1, "ttl must be at least one second")?),
            "min" => self.min = Some(number(0, i64::MAX, "min must be a positive number")?),
            "max" => self.max = Some(number(0, i64::MAX, "max must be a positive number")?),
            "smax" => self.smax = Some(number(0, i64::MAX, "smax must be a positive number")?),
            "acquire" => {
                self.acquire = Some(time(Unit::Milliseconds, "acquire must be a time of at least 1 ms")?);
            }
            "timeout" => {
                number(1, i64::MAX, "timeout must be at least one second")?;
                self.timeout = Some(Setting { value: values::seconds_ignoring_unit(cx, arg, bytes), span });
            }
            "iobuffersize" | "receivebuffersize" => {
                if !matches!(atoi(bytes), 0 | 512..) {
                    return Err(Problem::at(
                        arg,
                        format!("{key} must be at least 512 bytes, or 0 for the default"),
                    ));
                }
                cx.no_effect(span, key, "buffers are sized by what a connection carries");
            }
            "keepalive" => {
                if !flag("keepalive must be On|Off")?.value {
                    cx.no_effect(span, "keepalive=Off", "connections to backends are probed anyway");
                }
            }
            "disablereuse" => self.disable_reuse = Some(flag("disablereuse must be On|Off")?),
            "enablereuse" => {
                let on = flag("enablereuse must be On|Off")?;
                self.disable_reuse = Some(Setting { value: !on.value, span });
            }
            "addressttl" => {
                address_ttl(arg, bytes)?;
                cx.no_effect(span, "addressttl", "names of backends are looked up every 30 seconds");
            }
            "route" => self.route = Some(text(64, "route")?),
            "redirect" => self.redirect = Some(text(64, "redirect")?),
            "status" => self.status = Some(Setting { value: self.status(arg, value)?, span }),
            "flushpackets" => {
                if !flushes(arg, bytes)? {
                    cx.no_effect(span, "flushpackets", PASSED_ON);
                }
            }
            "flushwait" => {
                number(0, 1000, "flushwait must be at most 1000 milliseconds")?;
                cx.no_effect(span, "flushwait", PASSED_ON);
            }
            "ping" => self.ping = Some(time(Unit::Seconds, "ping must be a time of at least 1 ms")?),
            "lbset" => self.lb_set = Some(number(0, 99, "lbset must be between 0 and 99")?),
            "connectiontimeout" => {
                let complaint = "connectiontimeout must be a time of at least 1 ms";
                self.connection_timeout = Some(time(Unit::Seconds, complaint)?);
            }
            "flusher" => {
                text(16, "flusher")?;
                cx.no_effect(span, "flusher", PASSED_ON);
            }
            "upgrade" => self.upgrade = Some(Setting { value: upgrade(arg, value)?, span }),
            "responsefieldsize" => {
                let size = number(0, i64::MAX, "responsefieldsize must be positive, or 0 for the default")?;
                self.response_field_size =
                    Some(Setting { value: if size.value == 0 { 8192 } else { size.value }, span });
            }
            "secret" => {
                text(64, "secret")?;
                cx.no_effect(span, "secret", "only ajp:// has one");
            }
            _ => {
                return Err(
                    Problem::at(arg, format!("unknown worker parameter {key}")).code("unknown-parameter")
                );
            }
        }
        Ok(())
    }

    /// `status=+H-D`: flags on top of what is set already.
    fn status(&self, arg: &Arg, value: &str) -> Result<Status, Problem> {
        let mut status = self.status.as_ref().map_or_else(Status::default, |status| status.value);
        let mut on = true;
        for letter in value.chars() {
            let flag = match letter.to_ascii_uppercase() {
                '+' | '-' => {
                    on = letter == '+';
                    continue;
                }
                'D' => &mut status.disabled,
                'S' => &mut status.stopped,
                'I' => &mut status.ignore_errors,
                'H' => &mut status.hot_standby,
                'R' => &mut status.hot_spare,
                'E' => &mut status.in_error,
                'N' => &mut status.drain,
                'C' => &mut status.health_failed,
                _ => {
                    return Err(Problem::at(arg, format!("unknown status {letter:?}"))
                        .help("letters are D, S, I, H, R, E, N, C, each after + or -"));
                }
            };
            *flag = on;
        }
        Ok(status)
    }
}

fn load_factor(arg: &Arg, value: &str) -> Result<Setting<u32>, Problem> {
    let digits = value.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(value.len());
    let hundredths = value[..digits].parse::<f64>().unwrap_or(0.0) * 100.0;
    if !(100.0..=10000.0).contains(&hundredths) {
        return Err(Problem::at(arg, "loadfactor must be a number between 1 and 100"));
    }
    // In range, so the cast cannot lose anything but the fraction of a hundredth, as in httpd.
    Ok(Setting { value: hundredths as u32, span: arg.span })
}

fn address_ttl(arg: &Arg, value: &[u8]) -> Outcome {
    let whole = |time: Duration| time.subsec_nanos() == 0 && time.as_secs() <= i32::MAX as u64;
    if value == b"-1" || time_parameter(value, Unit::Seconds).is_some_and(whole) {
        return Ok(());
    }
    Err(Problem::at(arg, "addressttl must be -1 or a number of seconds"))
}

/// Whether `flushpackets=` asks for what is done anyway.
fn flushes(arg: &Arg, value: &[u8]) -> Result<bool, Problem> {
    match on_off(value) {
        Some(on) => Ok(on),
        None if value.eq_ignore_ascii_case(b"auto") => Ok(false),
        None => Err(Problem::at(arg, "flushpackets must be on|off|auto")),
    }
}

fn upgrade(arg: &Arg, value: &str) -> Result<Box<str>, Problem> {
    let token = if value.eq_ignore_ascii_case("ANY") { "*" } else { value };
    if token.len() >= 16 {
        return Err(Problem::at(arg, "the upgrade protocol must be shorter than 16 bytes"));
    }
    Ok(token.into())
}
