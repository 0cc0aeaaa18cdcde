//! Values as httpd reads them: numbers by `atoi`, times with and without units, sizes.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::interpret::{Cx, Problem};
use crate::words::{Arg, is_space};

/// What C's `atoi` makes of a text: blanks, a sign, leading digits; 0 if there are none. Saturates (`apr_atoi64`).
pub fn atoi(text: &[u8]) -> i64 {
    let blanks = text.iter().take_while(|byte| is_space(**byte)).count();
    let (negative, digits) = match &text[blanks..] {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let digits = digits.iter().take_while(|byte| byte.is_ascii_digit());
    digits.map(|byte| i64::from(byte - b'0')).fold(0_i64, |number, digit| {
        let number = number.saturating_mul(10);
        if negative { number.saturating_sub(digit) } else { number.saturating_add(digit) }
    })
}

/// A number of at least `least`, read as [`atoi`] reads it.
///
/// # Errors
/// A number below `least`; `complaint` is the message.
pub fn at_least(arg: &Arg, least: i64, complaint: &str) -> Result<u32, Problem> {
    let number = atoi(arg.as_bytes());
    if number < least {
        return Err(Problem::at(arg, complaint));
    }
    Ok(u32::try_from(number.max(0)).unwrap_or(u32::MAX))
}

/// A number of a range, read as [`atoi`] reads it.
///
/// # Errors
/// A number outside of it.
pub fn in_range(arg: &Arg, range: RangeInclusive<u8>) -> Result<u8, Problem> {
    let number = u8::try_from(atoi(arg.as_bytes())).ok().filter(|number| range.contains(number));
    let (least, most) = range.into_inner();
    number.ok_or_else(|| Problem::at(arg, format!("it must be between {least} and {most}")))
}

/// Whole seconds as httpd 2.4 reads `Timeout`, `ProxyTimeout` and the worker's `timeout=`: leading digits,
/// whatever follows is ignored. A unit that is ignored is worth a warning: `5m` means five seconds.
pub fn seconds_ignoring_unit(cx: &mut Cx<'_>, arg: &Arg, text: &[u8]) -> Duration {
    let number = atoi(text);
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits > 0 && text.last().is_some_and(u8::is_ascii_alphabetic) && !text.ends_with(b"s")
        || text.ends_with(b"ms")
    {
        let shown = String::from_utf8_lossy(text);
        cx.warn(
            "timeout-unit-ignored",
            arg,
            format!("httpd 2.4 ignores the unit: {shown} means {number} seconds"),
        );
    }
    Duration::from_secs(u64::try_from(number).unwrap_or(0))
}

/// The unit of a time that is given without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

/// A time with an optional unit `s`, `ms`, `mi` or `h` (`ap_timeout_parameter_parse`); none if it is no time.
pub fn time_parameter(text: &[u8], default: Unit) -> Option<Duration> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = u64::try_from(atoi(&text[..digits])).ok()?;
    let seconds = |factor: u64| number.checked_mul(factor).map(Duration::from_secs);
    match (&text[digits..], default) {
        ([], Unit::Seconds) => seconds(1),
        ([], Unit::Milliseconds) => Some(Duration::from_millis(number)),
        ([b's', ..], _) => seconds(1),
        ([b'h', ..], _) => seconds(3600),
        ([b'm', b's', ..], _) => Some(Duration::from_millis(number)),
        ([b'm', b'i', ..], _) => seconds(60),
        _ => None,
    }
}

/// One of some words, in any case.
///
/// # Errors
/// Another word.
pub fn one_of(arg: &Arg, words: &[&str]) -> Result<(), Problem> {
    if words.iter().any(|word| arg.is(word)) {
        return Ok(());
    }
    Err(Problem::at(arg, format!("this must be one of {}", words.join(", "))))
}

/// A number, all of it, of a range.
///
/// # Errors
/// What is no number, or one outside of the range.
pub fn whole_number(arg: &Arg, range: RangeInclusive<i64>) -> Result<(), Problem> {
    let number = arg.text().ok().and_then(|text| text.parse().ok());
    if number.is_some_and(|number: i64| range.contains(&number)) {
        return Ok(());
    }
    let (least, most) = range.into_inner();
    Err(Problem::at(arg, format!("this must be a number between {least} and {most}")))
}

/// A buffer's size, read as [`atoi`] reads it: httpd wants 512 bytes at least, and 0 is the system's default.
///
/// # Errors
/// A size below.
pub fn buffer_size(arg: &Arg) -> Result<(), Problem> {
    match atoi(arg.as_bytes()) {
        0 | 512.. => Ok(()),
        _ => Err(Problem::at(arg, "this must be 512 bytes at least, or 0 for the system's default")),
    }
}

/// `On` or `Off` in any case.
pub fn on_off(text: &[u8]) -> Option<bool> {
    if text.eq_ignore_ascii_case(b"on") {
        Some(true)
    } else if text.eq_ignore_ascii_case(b"off") {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_atoi_does() {
        for (text, number) in [("5", 5), ("5s", 5), ("-5", -5), (" 7x", 7), ("", 0), ("abc", 0), ("+3", 3)] {
            assert_eq!(atoi(text.as_bytes()), number, "{text}");
        }
        assert_eq!(atoi(b" \x0b-8"), -8);
        assert_eq!(atoi(b"-99999999999999999999"), i64::MIN);
        assert_eq!(atoi(b"99999999999999999999"), i64::MAX);
    }

    #[test]
    fn times_take_units() {
        let ms = |ms| Some(Duration::from_millis(ms));
        let cases = [
            ("5", Unit::Seconds, ms(5000)),
            ("5", Unit::Milliseconds, ms(5)),
            ("5s", Unit::Milliseconds, ms(5000)),
            ("500ms", Unit::Seconds, ms(500)),
            ("2mi", Unit::Seconds, ms(120_000)),
            ("1h", Unit::Seconds, ms(3_600_000)),
            ("0", Unit::Seconds, ms(0)),
            ("5m", Unit::Seconds, None),
            ("-1", Unit::Seconds, None),
            ("abc", Unit::Seconds, None),
        ];
        for (text, unit, time) in cases {
            assert_eq!(time_parameter(text.as_bytes(), unit), time, "{text}");
        }
    }
}
