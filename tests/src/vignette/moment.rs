//! Days and moments as people write them: `Mon 06-01 10:00`, in the zone and the year of the page.

use care::time::{Date, Time, TimeZone, Timestamp};

/// Where a page plays.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Zone of every time on the page.
    pub(super) zone: TimeZone,
    /// Its IANA name.
    pub(super) zone_name: String,
    /// Year of every date that names none.
    pub(super) year: i16,
}

impl Place {
    /// A moment: `Mon 06-01 10:00`, with or without the weekday, the year in front of the month where it is another.
    pub(super) fn moment(&self, text: &str) -> Result<Timestamp, String> {
        let expected = || format!("expected a moment such as Mon 06-01 10:00, not `{text}`");
        let (day, clock) = text.trim().rsplit_once(' ').ok_or_else(expected)?;
        let time: Time = format!("{clock}:00").parse().map_err(|_| expected())?;
        let zoned = self.day(day)?.to_datetime(time).to_zoned(self.zone.clone());
        zoned.map(|zoned| zoned.timestamp()).map_err(|_| expected())
    }

    /// A day: `Mon 06-01`, with or without the weekday, which must be right.
    pub(super) fn day(&self, text: &str) -> Result<Date, String> {
        let expected = || format!("expected a day such as Mon 06-01, not `{text}`");
        let (weekday, day) = text.trim().rsplit_once(' ').unwrap_or(("", text.trim()));
        let full = if day.len() == 5 {
            format!("{}-{day}", self.year)
        } else {
            day.to_owned()
        };
        let date: Date = full.parse().map_err(|_| expected())?;
        let named = date.strftime("%a").to_string();
        if weekday.is_empty() || weekday == named {
            return Ok(date);
        }
        Err(format!("`{text}` is a {named}"))
    }

    /// First instant of a local day.
    pub(super) fn midnight(&self, day: Date) -> Result<Timestamp, String> {
        day.to_zoned(self.zone.clone())
            .map(|zoned| zoned.timestamp())
            .map_err(|e| e.to_string())
    }

    /// The local day of an instant.
    pub(super) fn day_of(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// `Mon 06-01 10:00`.
    pub(super) fn show(&self, at: Timestamp) -> String {
        care::sentence::moment(at, &self.zone)
    }
}
