//! Dates as header fields have them, read as httpd does (`apr_date_parse_http`): three forms, and the day of the week does
//! not count.

use std::ops::Range;

/// Where the parts of a date stand behind the day of the week, and how many bytes it has.
struct Form {
    /// What stands where: `#` a digit, `~` a digit or a blank, `@` a letter.
    mask: &'static [u8],
    day: Range<usize>,
    month: usize,
    year: Range<usize>,
    time: usize,
}

const FORMS: [Form; 4] = [
    // RFC 9110's own.
    Form { mask: b"## @@@ #### ##:##:##", day: 0..2, month: 3, year: 7..11, time: 12 },
    // RFC 850.
    Form { mask: b"##-@@@-## ##:##:##", day: 0..2, month: 3, year: 7..9, time: 10 },
    // C's asctime.
    Form { mask: b"@@@ ~# ##:##:## ####", day: 4..6, month: 0, year: 16..20, time: 7 },
    // RFC 1123 without the day's zero.
    Form { mask: b"# @@@ #### ##:##:##", day: 0..1, month: 2, year: 6..10, time: 11 },
];

const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";

/// Seconds since 1970; none for what is no date.
pub(crate) fn parse(text: &[u8]) -> Option<u64> {
    let text = text.trim_ascii_start();
    let weekday = text.iter().position(|byte| *byte == b' ')?;
    let date = &text[weekday + 1..];
    let form = FORMS.iter().find(|form| fits(date, form.mask))?;
    let number = |range: Range<usize>| {
        let digits = date[range].iter().filter(|byte| byte.is_ascii_digit());
        digits.fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
    };
    let name = &date[form.month..form.month + 3];
    let month = MONTHS.chunks(3).position(|month| month == name)?;
    let month = i64::try_from(month).ok()? + 1;
    let year = match (number(form.year.clone()), form.year.len()) {
        (year @ 70.., 2) => 1900 + year,
        (year, 2) => 2000 + year,
        (year, _) => year,
    };
    let day = number(form.day.clone());
    let at = |place: usize| number(form.time + place..form.time + place + 2);
    let (hour, minute, second) = (at(0), at(3), at(6));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !(1..=last).contains(&day) || hour > 23 || minute > 59 || second > 61 {
        return None;
    }
    u64::try_from(days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second).ok()
}

fn fits(date: &[u8], mask: &[u8]) -> bool {
    date.len() >= mask.len()
        && date.iter().zip(mask).all(|(byte, mask)| match mask {
            b'#' => byte.is_ascii_digit(),
            b'~' => byte.is_ascii_digit() || *byte == b' ',
            b'@' => byte.is_ascii_alphabetic(),
            other => byte == other,
        })
}

/// Days since 1970-01-01: years begin with March, so that leap days come last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_three_forms() {
        for (text, seconds) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Mon, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Sun, 6 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("  Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777)),
            ("Sun Nov  6 08:49:37 1994", Some(784_111_777)),
            ("x 29 Feb 2000 00:00:00", Some(951_782_400)),
            ("x 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("x 01 Mar 2100 00:00:00 GMT", Some(4_107_542_400)),
            ("Friday, 01-Jan-38 00:00:00 GMT", Some(2_145_916_800)),
            ("x 29 Feb 2001 00:00:00 GMT", None),
            ("x 01 jan 1970 00:00:00 GMT", None),
            ("x 01 Jan 1969 00:00:00 GMT", None),
            ("x 01 Jan 1970 24:00:00 GMT", None),
            ("Sun,06 Nov 1994 08:49:37 GMT", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(parse(text.as_bytes()), seconds, "{text}");
        }
    }
}
