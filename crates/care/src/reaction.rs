//! What a worker wants: facts that ought to exist and do not, and when to look again.

use crate::about::About;
use crate::envelope::Event;
use crate::fact::Fact;
use crate::id::{EventId, OrgId, Source, derived};
use crate::time::Timestamp;

/// The workers, as `source` and ids name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Worker {
    /// Books EA before PT.
    Scheduler,
    /// Keeps the two-week clock.
    Oswestry,
    /// Raises alerts.
    Triggers,
    /// Tells people.
    Mailer,
}

impl Worker {
    /// Every worker, in the order they are asked.
    pub const ALL: [Self; 4] = [Self::Oswestry, Self::Triggers, Self::Scheduler, Self::Mailer];

    /// Name in sources, ids, leases and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scheduler => "scheduler",
            Self::Oswestry => "oswestry",
            Self::Triggers => "triggers",
            Self::Mailer => "mailer",
        }
    }

    /// What this worker says; nothing else goes under its name.
    #[must_use]
    pub const fn facts(self) -> &'static [&'static str] {
        match self {
            Self::Scheduler => &[
                "session.booked",
                "session.moved",
                "session.cancelled",
                "session.held",
                "session.released",
                "session.unprepared",
            ],
            Self::Oswestry => &[
                "oswestry.scored",
                "oswestry.due",
                "oswestry.overdue",
                "oswestry.missed",
            ],
            Self::Triggers => &[
                "alert.raised",
                "alert.escalated",
                "alert.resolved",
                "report.progress",
                "report.outcome",
            ],
            Self::Mailer => &[
                "notice.attempted",
                "notice.sent",
                "notice.deferred",
                "notice.rejected",
                "notice.unknown",
                "notice.abandoned",
                "log.changed",
            ],
        }
    }

    /// Whether a fact (`session.booked`) is one that this worker says.
    #[must_use]
    pub fn says(self, name: &str) -> bool {
        self.facts().contains(&name)
    }

    /// The worker whose name a source is, if it is one's.
    #[must_use]
    pub fn of_source(org: &OrgId, source: &Source) -> Option<Self> {
        let name = source
            .as_str()
            .strip_prefix("urn:carebus:")?
            .strip_prefix(org.as_str())?
            .strip_prefix(':')?;
        Self::ALL.into_iter().find(|worker| worker.name() == name)
    }

    /// `urn:carebus:<org>:<worker>`.
    ///
    /// # Panics
    /// Never: an organisation and a worker name are visible ASCII.
    #[must_use]
    pub fn source(self, org: &OrgId) -> Source {
        #[expect(
            clippy::expect_used,
            reason = "an org id and a worker name are visible ASCII of bounded length"
        )]
        Source::new(format!("urn:carebus:{org}:{}", self.name())).expect("visible ASCII")
    }
}

/// A fact that ought to exist, before the engine gives it an envelope.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Who says it.
    pub worker: Worker,
    /// Whom it is about.
    pub about: About,
    /// Business key: what it is about within the worker and the patient, never a time of writing or an attempt.
    pub key: String,
    /// What led to it.
    pub causation: Option<EventId>,
    /// First of the chain.
    pub correlation: Option<EventId>,
    /// The fact.
    pub fact: Fact,
}

impl Draft {
    /// The event as it goes to the log at `now`.
    ///
    /// # Panics
    /// Never: a UUID is visible ASCII.
    #[must_use]
    pub fn at(self, org: &OrgId, now: Timestamp) -> Event {
        let about = self.about.to_string();
        let id = derived(&[
            org.as_str(),
            self.worker.name(),
            &about,
            &self.fact.name(),
            &self.key,
        ]);
        #[expect(clippy::expect_used, reason = "a UUID is 36 visible ASCII characters")]
        let id = EventId::new(id.to_string()).expect("a UUID is visible ASCII");
        Event {
            org: org.clone(),
            about: self.about,
            id,
            source: self.worker.source(org),
            time: now,
            causation: self.causation,
            correlation: self.correlation,
            fact: self.fact,
        }
    }
}

/// What a worker answers about one patient.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reaction {
    /// Facts to append, in this order.
    pub facts: Vec<Draft>,
    /// The next instant at which the answer may differ without a new fact.
    pub look_again: Option<Timestamp>,
}

impl Reaction {
    /// Adds a wake-up if it is earlier than the one known.
    pub fn look_again_at(&mut self, at: Timestamp) {
        self.look_again = Some(self.look_again.map_or(at, |known| known.min(at)));
    }

    /// Joins another answer about the same patient.
    pub fn merge(&mut self, other: Self) {
        self.facts.extend(other.facts);
        if let Some(at) = other.look_again {
            self.look_again_at(at);
        }
    }
}
