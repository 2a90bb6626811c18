//! Facts: a closed set, each with its payload, in the past tense. What is not in the log did not happen.

pub mod assessment;
mod bound;
pub mod ours;
pub mod plan;
pub mod practitioner;
mod read;
pub mod session;
pub mod value;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use assessment::{Assessment, Body, Head, Retraction};
use ours::{
    AlertAcknowledged, AlertEscalated, AlertRaised, AlertResolved, Erased, LogChanged, Notice,
    OswestryReminder, OswestryScored, Released, Report,
};
use plan::{Plan, PlanMark};
use practitioner::{Calendar, Credentials};
use read::{from_json, merged, to_json};
use session::{Booking, Completion, SessionMark, Unprepared};

use crate::time::Timestamp;

pub use read::FieldError;

/// Which subjects a fact may travel on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// `care.<org>.patient.<id>.…`
    Patient,
    /// `care.<org>.practitioner.<id>.…`
    Practitioner,
    /// `care.<org>.member.<id>.…`
    Member,
}

impl Kind {
    /// The subject token.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Practitioner => "practitioner",
            Self::Member => "member",
        }
    }
}

macro_rules! facts {
    ($($(#[doc = $doc:literal])* $name:literal => $variant:ident($payload:ty) $(on $($kind:ident)|+)?;)*) => {
        /// One fact with its payload.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub enum Fact {
            $($(#[doc = $doc])* $variant($payload),)*
            /// `assessment.<kind>`.
            Assessment(Assessment),
        }

        impl Fact {
            const FIXED: &'static [&'static str] = &[$($name),*];

            fn parse_fixed(name: &str, json: &str) -> Option<Result<Self, FieldError>> {
                match name {
                    $($name => Some(from_json::<$payload>(json).map(Self::$variant)),)*
                    _ => None,
                }
            }

            /// `noun.verb`, e.g. `session.booked`.
            #[must_use]
            pub fn name(&self) -> String {
                match self {
                    $(Self::$variant(_) => $name.to_owned(),)*
                    Self::Assessment(a) => format!("assessment.{}", a.body.verb()),
                }
            }

            /// The payload as the wire shows it: absent fields are left out.
            #[must_use]
            pub fn data(&self) -> serde_json::Value {
                match self {
                    $(Self::$variant(p) => to_json(p),)*
                    Self::Assessment(a) => merged(to_json(&a.head), a.body.to_value()),
                }
            }

            fn summary_fixed(name: &str) -> Option<&'static str> {
                match name {
                    $($name => Some(concat!($($doc),*)),)*
                    _ => None,
                }
            }

            fn schema_fixed(name: &str, generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
                match name {
                    $($name => Some(<$payload>::json_schema(generator)),)*
                    _ => None,
                }
            }

            /// The kinds of subject a fact of this name may be about.
            #[must_use]
            pub fn kinds(name: &str) -> &'static [Kind] {
                match name {
                    $($($name => &[$(Kind::$kind),+],)?)*
                    _ => &[Kind::Patient],
                }
            }
        }
    };
}

facts! {
    /// A plan began.
    "plan.activated" => PlanActivated(Plan);
    /// A plan changed.
    "plan.revised" => PlanRevised(Plan);
    /// A plan paused.
    "plan.held" => PlanHeld(PlanMark);
    /// A paused plan goes on.
    "plan.resumed" => PlanResumed(PlanMark);
    /// A plan reached its end.
    "plan.completed" => PlanCompleted(PlanMark);
    /// A plan was stopped.
    "plan.revoked" => PlanRevoked(PlanMark);
    /// A session was booked.
    "session.booked" => SessionBooked(Booking);
    /// A session got another time or place.
    "session.moved" => SessionMoved(Booking);
    /// A session was cancelled.
    "session.cancelled" => SessionCancelled(SessionMark);
    /// A session must not take place until it is released.
    "session.held" => SessionHeld(SessionMark);
    /// A held session may take place again.
    "session.released" => SessionReleased(SessionMark);
    /// A proposed session was accepted.
    "session.confirmed" => SessionConfirmed(SessionMark);
    /// A session was refused by its practitioner.
    "session.declined" => SessionDeclined(SessionMark);
    /// A session took place.
    "session.completed" => SessionCompleted(Completion);
    /// A session did not take place.
    "session.missed" => SessionMissed(SessionMark);
    /// No EA can prepare this PT session.
    "session.unprepared" => SessionUnprepared(Unprepared);
    /// An assessment was taken back.
    "assessment.retracted" => AssessmentRetracted(Retraction);
    /// A practitioner's calendar.
    "calendar.published" => CalendarPublished(Calendar) on Practitioner;
    /// A practitioner's credentials.
    "credentials.published" => CredentialsPublished(Credentials) on Practitioner;
    /// An Oswestry was scored.
    "oswestry.scored" => OswestryScored(OswestryScored);
    /// An Oswestry is due today.
    "oswestry.due" => OswestryDue(OswestryReminder);
    /// An Oswestry is overdue.
    "oswestry.overdue" => OswestryOverdue(OswestryReminder);
    /// An Oswestry was missed.
    "oswestry.missed" => OswestryMissed(OswestryReminder);
    /// An alert began.
    "alert.raised" => AlertRaised(AlertRaised) on Patient | Practitioner;
    /// An alert was told again or to more people.
    "alert.escalated" => AlertEscalated(AlertEscalated) on Patient | Practitioner;
    /// Somebody took an alert on.
    "alert.acknowledged" => AlertAcknowledged(AlertAcknowledged) on Patient | Practitioner;
    /// An alert ended.
    "alert.resolved" => AlertResolved(AlertResolved) on Patient | Practitioner;
    /// A progress report.
    "report.progress" => ReportProgress(Report);
    /// An outcome report.
    "report.outcome" => ReportOutcome(Report);
    /// A mail is claimed, and about to be sent.
    "notice.attempted" => NoticeAttempted(Notice) on Patient | Practitioner | Member;
    /// A mail server took a mail.
    "notice.sent" => NoticeSent(Notice) on Patient | Practitioner | Member;
    /// A mail could not be sent yet.
    "notice.deferred" => NoticeDeferred(Notice) on Patient | Practitioner | Member;
    /// A mail server refused the recipient.
    "notice.rejected" => NoticeRejected(Notice) on Patient | Practitioner | Member;
    /// Nobody can say whether a mail was taken.
    "notice.unknown" => NoticeUnknown(Notice) on Patient | Practitioner | Member;
    /// A mail was given up.
    "notice.abandoned" => NoticeAbandoned(Notice) on Patient | Practitioner | Member;
    /// A person lets late mail go that waits.
    "notice.released" => NoticeReleased(Released) on Member;
    /// The log is not the one that was read, and was read anew.
    "log.changed" => LogChanged(LogChanged) on Member;
    /// Everything about a patient was removed from the log.
    "patient.erased" => PatientErased(Erased);
}

impl Fact {
    /// Every `noun.verb` of the contract, in the order of the contract.
    #[must_use]
    pub fn names() -> Vec<String> {
        let assessments = Body::VERBS.iter().map(|v| format!("assessment.{v}"));
        Self::FIXED
            .iter()
            .map(|n| (*n).to_owned())
            .chain(assessments)
            .collect()
    }

    /// Reads the payload of a fact from JSON text.
    ///
    /// Returns `None` for a name the contract does not know.
    ///
    /// # Errors
    /// [`FieldError`] names the field and what was expected.
    #[must_use]
    pub fn parse(name: &str, json: &str) -> Option<Result<Self, FieldError>> {
        let fact = match Self::parse_fixed(name, json) {
            Some(fixed) => fixed,
            None => {
                let body = Body::parse(name.strip_prefix("assessment.")?, json)?;
                from_json::<Head>(json)
                    .and_then(|head| Ok(Self::Assessment(Assessment { head, body: body? })))
            }
        };
        Some(fact.and_then(|fact| fact.check().map(|()| fact)))
    }

    /// What the types of the fields alone cannot say.
    fn check(&self) -> Result<(), FieldError> {
        match self {
            Self::SessionBooked(booking) | Self::SessionMoved(booking) => booking.check(),
            Self::SessionCompleted(completion) => completion.check(),
            Self::CalendarPublished(calendar) => calendar.check(),
            Self::Assessment(assessment) => assessment.check(),
            _ => Ok(()),
        }
    }

    /// The notice, of a fact about one.
    #[must_use]
    pub const fn notice(&self) -> Option<&Notice> {
        match self {
            Self::NoticeAttempted(n)
            | Self::NoticeSent(n)
            | Self::NoticeDeferred(n)
            | Self::NoticeRejected(n)
            | Self::NoticeUnknown(n)
            | Self::NoticeAbandoned(n) => Some(n),
            _ => None,
        }
    }

    /// When that which it tells of was done, and the field that says so: never long after the fact's own time.
    pub(crate) const fn done_at(&self) -> Option<(&'static str, Timestamp)> {
        match self {
            Self::Assessment(assessment) => Some(("data.performed_at", assessment.head.performed_at)),
            Self::SessionCompleted(completion) => Some(("data.started_at", completion.started_at)),
            _ => None,
        }
    }

    /// Whether the contract knows a `noun.verb`.
    #[must_use]
    pub fn is_known(name: &str) -> bool {
        Self::summary(name).is_some()
    }

    /// What a fact of this name says, in one sentence.
    #[must_use]
    pub fn summary(name: &str) -> Option<&'static str> {
        Self::summary_fixed(name)
            .or_else(|| Body::summary(name.strip_prefix("assessment.")?))
            .map(str::trim)
    }

    /// JSON Schema of the payload of a fact.
    #[must_use]
    pub fn schema(name: &str, generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema> {
        if let Some(fixed) = Self::schema_fixed(name, generator) {
            return Some(fixed);
        }
        let body = Body::schema(name.strip_prefix("assessment.")?, generator)?;
        let merged = crate::contract::merged(Head::json_schema(generator).to_value(), body.to_value());
        schemars::Schema::try_from(merged).ok()
    }
}
