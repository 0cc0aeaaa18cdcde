//! The wall clock, as the core wants it.

use std::time::{SystemTime, UNIX_EPOCH};

use wsgate_core::moment::Moment;

/// Now, with the local time zone's distance from UTC.
pub(crate) fn now() -> Moment {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX);
    Moment { since_epoch, utc_offset: offset(seconds) }
}

/// The zone's offset now; it changes at full quarters of an hour at most, so it is looked up that often.
fn offset(seconds: i64) -> i32 {
    thread_local! {
        static KNOWN: std::cell::Cell<(i64, i32)> = const { std::cell::Cell::new((i64::MIN, 0)) };
    }
    let quarter = seconds.div_euclid(900);
    KNOWN.with(|known| {
        if known.get().0 != quarter {
            let zone = jiff::tz::TimeZone::system();
            let offset = jiff::Timestamp::from_second(seconds).map_or(0, |at| zone.to_offset(at).seconds());
            known.set((quarter, offset));
        }
        known.get().1
    })
}
