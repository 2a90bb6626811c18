//! The chart: one patient's shared care plan, computed from the facts in whatever order and however often they come.

mod alert;
mod fold;
mod notice;
mod plan;
mod preparation;
mod reading;
mod session;
mod stamp;
mod told;

use std::collections::btree_map::{BTreeMap, Entry};
use std::collections::btree_set::BTreeSet;

use serde::{Deserialize, Serialize};

pub use alert::Alert;
pub use notice::{NoticeRecord, Try, TryState, has_open_claim};
pub use plan::{PlanRecord, PlanState, PlanStatus};
pub use preparation::Preparation;
pub use reading::{Hold, OswestryReading, PainReading};
pub use session::{Session, SessionStatus, Step};
pub(crate) use stamp::keep_earliest_in;
pub use stamp::{Latest, Stamp, Version};
pub(crate) use told::{fold_alert, fold_notice};

use crate::envelope::Event;
use crate::fact::assessment::{Assessment, Retraction};
use crate::fact::ours::{OswestryReminder, OswestryScored, Report};
use crate::fact::session::Unprepared;
use crate::id::{AlertId, AssessmentId, NoticeId, PatientId, PlanId, SessionId};
use crate::reaction::Worker;
use crate::time::Date;

/// Which of the three Oswestry reminders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reminder {
    /// Due today.
    Due,
    /// Overdue, step 1 or 2.
    Overdue(u8),
    /// Missed.
    Missed,
}

/// An assessment with the event it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    /// Its event.
    pub stamp: Stamp,
    /// What was found.
    pub assessment: Assessment,
}

/// What an event did to a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It was new.
    New,
    /// Seen before: nothing happened.
    Duplicate,
    /// Seen before with another payload: the first one counts, this one is counted.
    Conflict,
}

/// One patient's shared care plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// The patient.
    pub patient: PatientId,
    /// Plans by id; see [`Chart::plan`].
    pub plans: BTreeMap<PlanId, PlanRecord>,
    /// Appointments.
    pub sessions: BTreeMap<SessionId, Session>,
    /// Assessments, retracted ones included; see the readings.
    pub assessments: BTreeMap<AssessmentId, Taken>,
    /// What was taken back.
    pub retractions: BTreeMap<AssessmentId, (Stamp, Retraction)>,
    /// What was said about unprepared PT, by PT and its revision.
    pub unprepared: BTreeMap<(SessionId, u64), Latest<Unprepared>>,
    /// Scores carebus gave.
    pub scored: BTreeMap<AssessmentId, Latest<OswestryScored>>,
    /// Reminders carebus gave.
    pub reminders: BTreeMap<(Date, Reminder), (Stamp, OswestryReminder)>,
    /// Alerts.
    pub alerts: BTreeMap<AlertId, Alert>,
    /// Notices.
    pub notices: BTreeMap<NoticeId, NoticeRecord>,
    /// Reports, by their id.
    pub reports: BTreeMap<String, (Stamp, Report)>,
    /// Identities seen, with a hash of the payload; see [`Chart::apply`].
    seen: BTreeMap<u64, u64>,
    /// Identity and payload of what conflicted, so that repetition does not count.
    refused: BTreeSet<(u64, u64)>,
    /// Events that said something else under an identity already seen.
    pub conflicts: u32,
}

impl Chart {
    /// An empty chart.
    #[must_use]
    pub const fn new(patient: PatientId) -> Self {
        Self {
            patient,
            plans: BTreeMap::new(),
            sessions: BTreeMap::new(),
            assessments: BTreeMap::new(),
            retractions: BTreeMap::new(),
            unprepared: BTreeMap::new(),
            scored: BTreeMap::new(),
            reminders: BTreeMap::new(),
            alerts: BTreeMap::new(),
            notices: BTreeMap::new(),
            reports: BTreeMap::new(),
            seen: BTreeMap::new(),
            refused: BTreeSet::new(),
            conflicts: 0,
        }
    }

    /// Folds one event in. Any order and any repetition of a set of events gives the same chart; of two payloads
    /// under one identity the first that comes counts.
    ///
    /// But for what the scheduler says of sessions: clinics may publish on the same subjects, so whoever works out the
    /// id of its next fact could be there first with another payload, and the scheduler would say the same for ever
    /// without being heard. There both count, as versions of the session, and the conflict is counted all the same.
    pub fn apply(&mut self, event: &Event) -> Applied {
        let payload = payload_hash(event);
        match self.seen.entry(identity_hash(event)) {
            Entry::Occupied(known) if *known.get() == payload => return Applied::Duplicate,
            Entry::Occupied(known) => {
                // A conflict that is read again is still one conflict.
                if self.refused.insert((*known.key(), payload)) {
                    self.conflicts = self.conflicts.saturating_add(1);
                    if may_be_squatted(event) {
                        self.fold(event);
                    }
                }
                return Applied::Conflict;
            }
            Entry::Vacant(slot) => slot.insert(payload),
        };
        self.fold(event);
        Applied::New
    }
}

/// Whether somebody else could have put another payload under its identity: permissions guard subjects, not sources.
fn may_be_squatted(event: &Event) -> bool {
    Worker::of_source(&event.org, &event.source) == Some(Worker::Scheduler)
}

/// Source and id in one number. The source seeds the hash of the id, because both may hold any separator.
fn identity_hash(event: &Event) -> u64 {
    let source = xxhash_rust::xxh3::xxh3_64(event.source.as_str().as_bytes());
    xxhash_rust::xxh3::xxh3_64_with_seed(event.id.as_str().as_bytes(), source)
}

/// What a chart keeps of an event in one number: under one identity, equal events give equal numbers. The chain is part
/// of it: of two that differ in nothing else the first would count, and nobody would count the other.
fn payload_hash(event: &Event) -> u64 {
    let kept = (&event.time, &event.fact, &event.correlation);
    let bytes = postcard::to_extend(&kept, Vec::with_capacity(512));
    xxhash_rust::xxh3::xxh3_64(&bytes.unwrap_or_default())
}
