//! The comparisons of `<IfVersion>` (mod_version).

use crate::facts::HTTPD_VERSION;
use crate::regex::Regex;

/// Whether httpd's version stands in this relation to `version`.
///
/// # Errors
/// What is wrong with the operator, the version or the regular expression.
pub(super) fn holds(operator: &[u8], version: &[u8]) -> Result<bool, String> {
    let (negated, plain) = match operator.strip_prefix(b"!") {
        Some(plain) if !plain.is_empty() => (true, plain),
        _ => (false, operator),
    };
    let matches = match plain {
        b"=" | b"==" => match version.strip_prefix(b"/") {
            Some(pattern) => {
                regex(pattern.strip_suffix(b"/").ok_or("missing delimiting / of regular expression")?)?
            }
            None => HTTPD_VERSION == parse(version)?,
        },
        b"~" => regex(version)?,
        b"<" => HTTPD_VERSION < parse(version)?,
        b"<=" => HTTPD_VERSION <= parse(version)?,
        b">" => HTTPD_VERSION > parse(version)?,
        b">=" => HTTPD_VERSION >= parse(version)?,
        _ => return Err(format!("unrecognized operator '{}'", String::from_utf8_lossy(operator))),
    };
    Ok(matches != negated)
}

/// `major[.minor[.patch]]`; what is left out is 0.
fn parse(version: &[u8]) -> Result<[u32; 3], String> {
    let invalid =
        || format!("'{}' is not of the form major[.minor[.patch]]", String::from_utf8_lossy(version));
    if !version.first().is_some_and(u8::is_ascii_digit) {
        return Err(invalid());
    }
    let mut numbers = [0; 3];
    for (at, part) in version.split(|byte| *byte == b'.').enumerate() {
        let number = numbers.get_mut(at).ok_or_else(invalid)?;
        if !part.iter().all(u8::is_ascii_digit) {
            return Err(invalid());
        }
        *number = part
            .iter()
            .fold(0u32, |sum, digit| sum.saturating_mul(10).saturating_add(u32::from(digit - b'0')));
    }
    Ok(numbers)
}

fn regex(pattern: &[u8]) -> Result<bool, String> {
    let [major, minor, patch] = HTTPD_VERSION;
    let regex =
        Regex::new(pattern).map_err(|error| format!("unable to compile regular expression: {error}"))?;
    regex.is_match(format!("{major}.{minor}.{patch}").as_bytes()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(condition: &str, expected: Result<bool, &str>) {
        let (operator, version) = condition.split_once(' ').unwrap();
        let found = holds(operator.as_bytes(), version.as_bytes());
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{condition}"),
            (Err(found), Err(part)) => assert!(found.contains(part), "{condition}: {found}"),
            (found, expected) => panic!("{condition}: {found:?}, not {expected:?}"),
        }
    }

    #[test]
    fn versions_compare_as_in_mod_version() {
        for condition in [
            "= 2.4.71",
            "== 2.4.71",
            "> 2.4",
            ">= 2.4.71",
            "< 2.5",
            "<= 3",
            "!= 2.4",
            "!< 2.4.71",
            "> 2.4.",
            "!~ ^2\\.2",
        ] {
            check(condition, Ok(true));
        }
        for condition in
            ["= 2.4", "> 2.4.71", "< 2.4.71", "!= 2.4.71", ">= 99999999999999", "!>= 2", "~ ^2\\.2"]
        {
            check(condition, Ok(false));
        }
        check("~ ^2\\.4\\.", Ok(true));
        check("= /^2.4/", Ok(true));
        check("!= /^2.4/", Ok(false));
        check("= /71$/", Ok(true));
    }

    #[test]
    fn bad_conditions_are_refused() {
        check("~= 2.4", Err("unrecognized operator"));
        check("! 2.4", Err("unrecognized operator"));
        check("=> 2.4", Err("unrecognized operator"));
        check("= two", Err("not of the form"));
        check("= 2.x", Err("not of the form"));
        check("= 2.4.71.1", Err("not of the form"));
        check("= /2.4", Err("delimiting /"));
        check("~ (", Err("regular expression"));
    }
}
