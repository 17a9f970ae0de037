//! The next time of a schedule after a given one, on the clock of a time zone.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan, Zoned};

use super::field::Field;
use super::parse;
use crate::api::Timestamp;

/// A schedule that comes in no year out of so many never does: the 31st of February.
const YEARS: i16 = 5;

/// The times at which something runs.
#[derive(Clone, Debug)]
pub struct Schedule {
    times: Times,
    zone: TimeZone,
}

/// How the times are given.
#[derive(Clone, Copy, Debug)]
pub enum Times {
    /// By the clock.
    Fields(Fields),
    /// At this distance.
    Every(SignedDuration),
}

/// The five fields.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    pub minute: Field,
    pub hour: Field,
    pub day: Field,
    pub month: Field,
    pub weekday: Field,
}

/// The time zone of a name from the IANA's database, which is part of the executable.
///
/// # Errors
/// That there is none, in Kubernetes' words.
pub fn zone(name: &str) -> Result<TimeZone, String> {
    // jiff finds names in any case; Kubernetes reads files.
    let found = TimeZone::get(name).ok().filter(|z| z.iana_name() == Some(name));
    found.ok_or_else(|| format!("unknown time zone {name}"))
}

impl Schedule {
    /// The shortest distance of `@every`.
    pub const SHORTEST: SignedDuration = SignedDuration::from_secs(1);

    /// Reads a schedule; without a time zone it goes by UTC, which the node's clock shows.
    ///
    /// # Errors
    /// What is wrong with it, in Kubernetes' words.
    pub fn parse(text: &str, time_zone: Option<&str>) -> Result<Self, String> {
        let times = parse::schedule(text)?;
        Ok(Self { times, zone: time_zone.map_or(Ok(TimeZone::UTC), zone)? })
    }

    /// The first of its times after `then`; `None` if it never comes. When clocks go forward what is in the gap is left
    /// out; when they go back what is in the hour that comes twice comes twice, as in Kubernetes.
    #[must_use]
    pub fn next(&self, then: Timestamp) -> Option<Timestamp> {
        let fields = match self.times {
            Times::Every(every) => {
                let whole = Timestamp::from_second(then.as_second()).ok()?;
                return whole.checked_add(every).ok();
            }
            Times::Fields(fields) => fields,
        };
        let minute = then.as_second().div_euclid(60) + 1;
        let mut at = Timestamp::from_second(minute * 60).ok()?.to_zoned(self.zone.clone());
        let last = at.year() + YEARS;
        while at.year() <= last {
            at = if !fields.has_month(&at) {
                at.first_of_month().ok()?.checked_add(1.month()).ok()?.start_of_day().ok()?
            } else if !fields.has_day(&at) {
                at.tomorrow().ok()?.start_of_day().ok()?
            } else if !fields.hour.has(unsigned(at.hour())) {
                at.checked_add((60 - i64::from(at.minute())).minutes()).ok()?
            } else if !fields.minute.has(unsigned(at.minute())) {
                at.checked_add(1.minute()).ok()?
            } else {
                return Some(at.timestamp());
            };
        }
        None
    }

    /// A time as the annotation of a Job tells it: RFC 3339 on the schedule's clock.
    #[must_use]
    pub fn text(&self, at: Timestamp) -> String {
        let local = at.to_zoned(self.zone.clone());
        if local.offset().is_zero() {
            return local.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        }
        local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

impl Fields {
    fn has_month(&self, at: &Zoned) -> bool {
        self.month.has(unsigned(at.month()))
    }

    /// Days given in both ways are those of either.
    fn has_day(&self, at: &Zoned) -> bool {
        let day = self.day.has(unsigned(at.day()));
        let weekday = self.weekday.has(unsigned(at.weekday().to_sunday_zero_offset()));
        if self.day.open || self.weekday.open { day && weekday } else { day || weekday }
    }
}

fn unsigned(number: i8) -> u32 {
    u32::try_from(number).unwrap_or_default()
}
