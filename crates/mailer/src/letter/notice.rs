//! What a letter can be about: one plain struct per kind of notice, with everything it shows.

pub use care::fact::ours::{Evidence, Report, Severity};
use care::phi::Phi;
use care::time::{Date, Timestamp};

/// One thing the reader is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// An alert was raised.
    Alert(Alert),
    /// An alert the reader knows of changed.
    AlertUpdate(AlertUpdate),
    /// An electroacupuncture (EA) session was booked, moved, cancelled, held or released.
    Session(Session),
    /// A physical therapy (PT) session has no EA session that prepares it.
    Unprepared(Unprepared),
    /// An Oswestry questionnaire is due, overdue or missed.
    Oswestry(Oswestry),
    /// Progress, an outcome, or the end of a plan: the fact itself is what the letter shows.
    Report(Box<Report>),
}

/// Which alert: what identifies and names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRef {
    /// Opaque id, the argument of `carebus ack`.
    pub alert_id: String,
    /// The rule's title as the catalogue words it: no personal data, it stands in the subject.
    pub title: String,
    /// How soon it needs a person.
    pub severity: Severity,
}

/// A raised alert.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Which one.
    pub alert: AlertRef,
    /// The one thing to do first, as an instruction.
    pub first: String,
    /// The facts it rests on.
    pub happened: Vec<Fact>,
    /// The threshold that was crossed, if the rule has one.
    pub threshold: Option<Threshold>,
    /// The evidence label of the rule.
    pub evidence: Evidence,
    /// Holds in force because of it, each as a phrase ("EA sessions that use lumbar points").
    pub holds: Vec<String>,
    /// Roles told, as the plan writes them.
    pub told: Vec<String>,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// What the organisation itself advises.
    pub advice: Option<String>,
}

/// One fact: "Oswestry", "52", "%", when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What was observed.
    pub label: String,
    /// What it showed.
    pub value: String,
    /// Unit, if it has one.
    pub unit: Option<String>,
    /// When it happened.
    pub at: Option<Timestamp>,
}

/// A threshold and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threshold {
    /// In words with its unit ("10 points above the previous score").
    pub limit: String,
    /// Its source ("policy of this organisation", "Ostelo 2008").
    pub source: String,
}

/// A change of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertUpdate {
    /// Which alert.
    pub alert: AlertRef,
    /// When it changed.
    pub at: Timestamp,
    /// What changed.
    pub change: AlertChange,
}

/// How an alert changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertChange {
    /// More people are told.
    Escalated {
        /// Why, as a phrase ("nobody acknowledged it within 4 clinic hours").
        because: String,
        /// Roles told now.
        told: Vec<String>,
    },
    /// A person closed it.
    Resolved {
        /// The outcome they chose.
        outcome: String,
        /// Who, as a role or opaque id.
        by: String,
        /// What they wrote; shown at [`super::Disclosure::Identified`] only.
        note: Option<Phi<String>>,
    },
    /// What it rested on is gone.
    Retracted {
        /// Why, as a phrase ("the assessment was taken back").
        because: String,
    },
}

/// When and where a session stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    /// Start.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// Clinic id or name.
    pub clinic: String,
    /// Practitioner's name, if the reader may know it.
    pub practitioner: Option<Phi<String>>,
}

/// A change of an EA session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Opaque id of the EA session, the same for its whole life.
    pub session_id: String,
    /// When and where it is; for a cancelled or held one, where it was.
    pub stay: Stay,
    /// The PT sessions it prepares.
    pub prepares: Vec<Prepares>,
    /// What happened to it.
    pub change: SessionChange,
}

/// A PT session that an EA session prepares. The gap is start to start, computed when shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepares {
    /// Start of the PT session.
    pub pt_start: Timestamp,
    /// Clinic id or name.
    pub clinic: String,
}

/// What happened to an EA session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionChange {
    /// It was placed.
    Booked {
        /// It waits for a confirmation.
        proposed: bool,
    },
    /// It has another time.
    Moved {
        /// Its start before.
        from: Timestamp,
        /// Why, as a phrase ("the PT session moved").
        because: Option<String>,
        /// It waits for a confirmation.
        proposed: bool,
    },
    /// It will not take place.
    Cancelled {
        /// Why, as a phrase.
        because: String,
    },
    /// It must not take place unless a clinician releases it.
    Held {
        /// Why, as a phrase.
        because: String,
    },
    /// A clinician released it: a proposal again.
    Released,
}

/// A PT session without an EA session that prepares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unprepared {
    /// Opaque id of the PT session.
    pub session_id: String,
    /// Start of the PT session.
    pub pt_start: Timestamp,
    /// Clinic id or name.
    pub clinic: String,
    /// Minimal set of reasons, each as a sentence without the full stop.
    pub reasons: Vec<String>,
    /// What would work instead, best first.
    pub alternatives: Vec<Alternative>,
}

/// One way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// Which session would take this time.
    pub moves: Move,
    /// Start.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// Rules it would break, each as a phrase; none if the time would do.
    pub breaks: Vec<String>,
}

/// Which session an alternative is for, with what its gap is measured to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// An EA session at this time, before PT as booked.
    Ea,
    /// PT at this time, with an EA session that starts at `ea_start`.
    Pt {
        /// Start of the EA session that would prepare it.
        ea_start: Timestamp,
    },
}

/// One due date of the Oswestry questionnaire. All dates are days of the plan's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oswestry {
    /// The due date.
    pub due_on: Date,
    /// Which one, 0 being the baseline.
    pub k: u32,
    /// First day on which a questionnaire answers this due date.
    pub opens_on: Date,
    /// Last day on which it does.
    pub closes_on: Date,
    /// Where it stands.
    pub state: OswestryState,
}

/// Where a due date stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OswestryState {
    /// Due today.
    Due,
    /// Not answered after the due date.
    Overdue {
        /// Reminder number, 1 or 2.
        step: u32,
    },
    /// The window closed without an answer.
    Missed {
        /// How many in a row, this one included.
        in_a_row: u32,
        /// The next due date, if the plan goes on.
        next_due_on: Option<Date>,
    },
}
