//! strftime(3) in the C locale, for the times in log formats: glibc's conversions, E and O and the padding flags
//! included. A time knows its distance from UTC but not what its zone is called, so `%Z` is `UTC` or as `%z`.

use std::fmt::Write;

use crate::expr::LocalTime;
use crate::moment::Moment;

/// The names of the months.
pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The names of the days of the week.
pub(crate) const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A time by a format; what is no conversion stays as it is.
pub fn strftime(format: &[u8], at: Moment) -> Vec<u8> {
    let mut out = Vec::with_capacity(format.len() + 16);
    let clock = Clock { at, local: at.local() };
    let mut rest = format;
    while let Some(start) = rest.iter().position(|byte| *byte == b'%') {
        out.extend_from_slice(&rest[..start]);
        rest = &rest[start..];
        let (flag, skipped) = match rest.get(1) {
            Some(flag @ (b'-' | b'_' | b'0' | b'^' | b'#')) => (Some(*flag), 2),
            Some(b'E' | b'O') => (None, 2),
            _ => (None, 1),
        };
        let written = rest.get(skipped).and_then(|code| clock.convert(*code, flag));
        match written {
            Some(text) => out.extend_from_slice(text.as_bytes()),
            None => out.extend_from_slice(&rest[..rest.len().min(skipped + 1)]),
        }
        rest = rest.get(skipped + 1..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

struct Clock {
    at: Moment,
    local: LocalTime,
}

/// How a number is filled up.
#[derive(Clone, Copy)]
enum Fill {
    Zeros,
    Blanks,
}

impl Clock {
    fn convert(&self, code: u8, flag: Option<u8>) -> Option<String> {
        use Fill::{Blanks, Zeros};
        let LocalTime { year, month, day, hour, minute, second, weekday } = self.local;
        let two = |number: u16, fill| Some(padded(i64::from(number), 2, fill, flag));
        let twelve = match hour % 12 {
            0 => 12,
            hour => hour,
        };
        let month_name = MONTHS[usize::from(month.saturating_sub(1)) % 12];
        let day_name = DAYS[usize::from(weekday) % 7];
        let year_day = self.year_day();
        let name = |text: &str| Some(if flag == Some(b'^') { text.to_uppercase() } else { text.to_owned() });
        match code {
            b'a' => name(&day_name[..3]),
            b'A' => name(day_name),
            b'b' | b'h' => name(&month_name[..3]),
            b'B' => name(month_name),
            b'c' => self.compound("%a %b %e %H:%M:%S %Y"),
            b'C' => two(year / 100, Zeros),
            b'd' => two(day.into(), Zeros),
            b'D' | b'x' => self.compound("%m/%d/%y"),
            b'e' => two(day.into(), Blanks),
            b'F' => self.compound("%Y-%m-%d"),
            b'g' => two(self.iso_week().0 % 100, Zeros),
            b'G' => Some(self.iso_week().0.to_string()),
            b'H' => two(hour.into(), Zeros),
            b'I' => two(twelve.into(), Zeros),
            b'j' => Some(padded(i64::from(year_day) + 1, 3, Zeros, flag)),
            b'k' => two(hour.into(), Blanks),
            b'l' => two(twelve.into(), Blanks),
            b'm' => two(month.into(), Zeros),
            b'M' => two(minute.into(), Zeros),
            b'n' => Some("\n".to_owned()),
            b'p' => Some(if hour < 12 { "AM" } else { "PM" }.to_owned()),
            b'P' => Some(if hour < 12 { "am" } else { "pm" }.to_owned()),
            b'r' => self.compound("%I:%M:%S %p"),
            b'R' => self.compound("%H:%M"),
            b's' => Some(self.at.since_epoch.as_secs().to_string()),
            b'S' => two(second.into(), Zeros),
            b't' => Some("\t".to_owned()),
            b'T' | b'X' => self.compound("%H:%M:%S"),
            b'u' => Some(if weekday == 0 { 7 } else { weekday }.to_string()),
            b'U' => two((year_day + 7 - u16::from(weekday)) / 7, Zeros),
            b'V' => two(self.iso_week().1, Zeros),
            b'w' => Some(weekday.to_string()),
            b'W' => two((year_day + 7 - (u16::from(weekday) + 6) % 7) / 7, Zeros),
            b'y' => two(year % 100, Zeros),
            b'Y' => Some(year.to_string()),
            b'z' => Some(self.offset()),
            b'Z' if self.at.utc_offset == 0 => Some("UTC".to_owned()),
            b'Z' => Some(self.offset()),
            b'%' => Some("%".to_owned()),
            _ => None,
        }
    }

    fn compound(&self, format: &str) -> Option<String> {
        String::from_utf8(strftime(format.as_bytes(), self.at)).ok()
    }

    fn offset(&self) -> String {
        let sign = if self.at.utc_offset < 0 { '-' } else { '+' };
        let minutes = self.at.utc_offset.unsigned_abs() / 60;
        format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
    }

    /// Days since the first of January.
    fn year_day(&self) -> u16 {
        const BEFORE: [u16; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
        let LocalTime { year, month, day, .. } = self.local;
        let before = BEFORE[usize::from(month.saturating_sub(1)) % 12];
        before + u16::from(day.saturating_sub(1)) + u16::from(month > 2 && is_leap(year))
    }

    /// Year and week of ISO 8601: a week belongs to the year that its Thursday is in.
    fn iso_week(&self) -> (u16, u16) {
        let year = self.local.year;
        let since_monday = (u16::from(self.local.weekday) + 6) % 7;
        let thursday = i32::from(self.year_day()) - i32::from(since_monday) + 3;
        let days = |year| if is_leap(year) { 366 } else { 365 };
        let (year, thursday) = match thursday {
            before if before < 0 => (year.saturating_sub(1), before + days(year.saturating_sub(1))),
            after if after >= days(year) => (year + 1, after - days(year)),
            inside => (year, inside),
        };
        (year, u16::try_from(thursday / 7 + 1).unwrap_or(1))
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn padded(number: i64, width: usize, fill: Fill, flag: Option<u8>) -> String {
    let fill = match flag {
        Some(b'-') => return number.to_string(),
        Some(b'_') => Fill::Blanks,
        Some(b'0') => Fill::Zeros,
        _ => fill,
    };
    let mut text = String::new();
    _ = match fill {
        Fill::Zeros => write!(text, "{number:0width$}"),
        Fill::Blanks => write!(text, "{number:width$}"),
    };
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[track_caller]
    fn check(seconds: u64, utc_offset: i32, format: &str, expected: &str) {
        let at = Moment { since_epoch: Duration::from_secs(seconds), utc_offset };
        assert_eq!(String::from_utf8(strftime(format.as_bytes(), at)).unwrap(), expected, "{format}");
    }

    /// 2026-11-25 10:52:57 UTC, a Wednesday; the expected texts are date(1)'s.
    const WEDNESDAY: u64 = 1_795_603_977;

    #[test]
    fn conversions_as_date_has_them() {
        let check = |format, expected| check(WEDNESDAY, 0, format, expected);
        check("%d/%b/%Y:%H:%M:%S %z", "25/Nov/2026:10:52:57 +0000");
        check("%a %A %h %B", "Wed Wednesday Nov November");
        check(
            "%c|%x|%X|%D|%F|%T|%R|%r",
            "Wed Nov 25 10:52:57 2026|11/25/26|10:52:57|11/25/26|2026-11-25|10:52:57|10:52|10:52:57 AM",
        );
        check("%C %y %e %I %k %l %m %M %S %p %P", "20 26 25 10 10 10 11 52 57 AM am");
        check("%j %u %w %U %W %V %G %g %s %Z", "329 3 3 47 47 48 2026 26 1795603977 UTC");
        check("%-m %_H %-d %^a %Ey %Od", "11 10 25 WED 26 25");
        check("%f %Q %E", "%f %Q %E");
        check("100%", "100%");
        check("%%n%n%t", "%n\n\t");
        check("", "");
    }

    #[test]
    fn other_zones_and_the_turn_of_a_year() {
        check(WEDNESDAY, -12_600, "%H:%M %z %Z", "07:22 -0330 -0330");
        check(WEDNESDAY, 5400, "%H:%M %z", "12:22 +0130");
        // 2027-01-01 is a Friday, of week 53 of 2026; 2024-12-30 a Monday of week 1 of 2025.
        check(1_798_761_600, 0, "%F %G-%V %U %W %j", "2027-01-01 2026-53 00 00 001");
        check(1_735_516_800, 0, "%F %G-%V %U %W %j", "2024-12-30 2025-01 52 53 365");
        check(951_782_400, 0, "%F %j %e %l %k", "2000-02-29 060 29 12  0");
    }
}
