//! Points in time as data: whoever owns a clock hands them in, nothing here reads one.

use std::time::{Duration, UNIX_EPOCH};

use crate::expr::LocalTime;

/// A point in time, and how far local time is from UTC then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Since 1970-01-01 00:00 UTC.
    pub since_epoch: Duration,
    /// Local time minus UTC, seconds.
    pub utc_offset: i32,
}

impl Moment {
    /// As the Date field has it (RFC 9110 section 5.6.7).
    pub fn http_date(self) -> String {
        // The type ends with the year 9999; a clock that is wrong by millennia must not end the process.
        let seconds = self.since_epoch.as_secs().min(253_402_300_799);
        httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))
    }

    /// How much later this is than `earlier`; zero if it is not, for clocks are set back at times.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.since_epoch.saturating_sub(earlier.since_epoch)
    }

    /// Where the server stands.
    pub fn local(self) -> LocalTime {
        let utc = i64::try_from(self.since_epoch.as_secs()).unwrap_or(0);
        let seconds = utc.saturating_add(i64::from(self.utc_offset));
        let (days, second_of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let narrow = |number: i64| u8::try_from(number).unwrap_or(0);
        LocalTime {
            year: u16::try_from(year).unwrap_or(u16::MAX),
            month: narrow(month),
            day: narrow(day),
            hour: narrow(second_of_day / 3600),
            minute: narrow(second_of_day / 60 % 60),
            second: narrow(second_of_day % 60),
            // 1970-01-01 was a Thursday.
            weekday: narrow((days + 4).rem_euclid(7)),
        }
    }
}

/// Year, month and day of a number of days since 1970-01-01: years begin with March, so that leap days come last.
fn civil(days: i64) -> (i64, i64, i64) {
    let from_march_0000 = days + 719_468;
    let (era, day_of_era) = (from_march_0000.div_euclid(146_097), from_march_0000.rem_euclid(146_097));
    let leap_days = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(seconds: u64, utc_offset: i32, local: [u16; 7]) {
        let moment = Moment { since_epoch: Duration::from_secs(seconds), utc_offset };
        let LocalTime { year, month, day, hour, minute, second, weekday } = moment.local();
        let got = [month, day, hour, minute, second, weekday].map(u16::from);
        assert_eq!((year, &got[..]), (local[0], &local[1..]), "{seconds}");
    }

    #[test]
    fn local_time() {
        check(0, 0, [1970, 1, 1, 0, 0, 0, 4]);
        check(951_782_399, 0, [2000, 2, 28, 23, 59, 59, 1]);
        check(951_782_400, 0, [2000, 2, 29, 0, 0, 0, 2]);
        check(951_868_800, 0, [2000, 3, 1, 0, 0, 0, 3]);
        check(1_735_689_599, 3600, [2025, 1, 1, 0, 59, 59, 3]);
        check(1_735_689_600, -3600, [2024, 12, 31, 23, 0, 0, 2]);
        check(4_107_542_400, 0, [2100, 3, 1, 0, 0, 0, 1]);
    }

    #[test]
    fn dates_and_differences() {
        let at = |seconds| Moment { since_epoch: Duration::from_secs(seconds), utc_offset: 7200 };
        assert_eq!(at(784_111_777).http_date(), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(at(u64::MAX).http_date(), "Fri, 31 Dec 9999 23:59:59 GMT");
        assert_eq!(at(5).since(at(3)), Duration::from_secs(2));
        assert_eq!(at(3).since(at(5)), Duration::ZERO);
    }
}
