//! Points in time as log formats write them.

use wsgate_directives::modules::log_config::TimeFormat;

use super::number;
use crate::moment::Moment;
use crate::strftime::{MONTHS, strftime};

pub(super) fn write(out: &mut Vec<u8>, format: &TimeFormat, at: Moment) {
    let since = at.since_epoch;
    match format {
        TimeFormat::Common => common(out, at),
        TimeFormat::Seconds => number(out, since.as_secs()),
        TimeFormat::Milliseconds => number(out, since.as_millis()),
        TimeFormat::Microseconds => number(out, since.as_micros()),
        TimeFormat::MillisecondsFraction => number(out, format_args!("{:03}", since.subsec_millis())),
        TimeFormat::MicrosecondsFraction => number(out, format_args!("{:06}", since.subsec_micros())),
        TimeFormat::Custom(format) => out.extend_from_slice(&strftime(format, at)),
    }
}

/// `[22/Nov/2026:11:37:00 +0000]`.
fn common(out: &mut Vec<u8>, at: Moment) {
    let local = at.local();
    let month = &MONTHS[usize::from(local.month.saturating_sub(1)) % 12][..3];
    let sign = if at.utc_offset < 0 { '-' } else { '+' };
    let minutes = at.utc_offset.unsigned_abs() / 60;
    number(
        out,
        format_args!(
            "[{:02}/{month}/{}:{:02}:{:02}:{:02} {sign}{:02}{:02}]",
            local.day,
            local.year,
            local.hour,
            local.minute,
            local.second,
            minutes / 60,
            minutes % 60
        ),
    );
}
