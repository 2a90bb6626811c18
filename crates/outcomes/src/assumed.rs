//! The numbers of the report that no policy key holds yet, each with its ground, all in one place.

/// The score at the end of a course may come this many local days after it. Assumption.
pub const END_SCORE_DAYS: i64 = 14;
/// A course that nobody closed counts as over when its last session is more than this many local days past.
/// Assumption: without it, everybody who stays away would count nowhere.
pub const LAPSED_DAYS: i64 = 42;
/// Six weeks: the target day and the days to either side.
pub const SIX_WEEKS: (i64, i64) = (42, 7);
/// Six months: the target day and the days to either side.
pub const SIX_MONTHS: (i64, i64) = (182, 30);
/// Pain that lasts this many hours is a recurrence.
pub const RECURRENCE_HOURS: i64 = 24;
/// A session deviates, or is prepared, by its own numbers; an episode is one of deviations from this share on, as
/// numerator and denominator.
pub const DEVIATING_SHARE: (usize, usize) = (1, 2);
/// A score before a session, and one after it, belong to it within this many hours of its start. Assumption.
pub const PAIRING_HOURS: i64 = 3;
/// The session after which early sleep and stiffness are looked at, and for how many days.
pub const EARLY: (usize, i64) = (3, 7);
/// Diary days at the end of a course that are held against those before it. Assumption.
pub const LATE_DIARY_DAYS: i64 = 14;

/// Fewer sessions than this give counts and no rate.
pub const RATE_SESSIONS_MIN: u64 = 300;
/// Per this many sessions.
pub const PER_SESSIONS: f64 = 10_000.0;
/// The signal looks back this many calendar months.
pub const SIGNAL_MONTHS: i64 = 12;
