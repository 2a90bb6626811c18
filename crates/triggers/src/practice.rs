//! One practitioner at one instant: what the rules about practitioners read.

use care::chart::Stamp;
use care::diary::{Practitioner, Standing, standing};
use care::id::PractitionerId;
use care::time::{Date, TimeZone, Timestamp};
use care::{About, Policy};

use crate::subject::Subject;

/// An EA ahead that a practitioner is to do, booked, proposed or held, whoever the patient is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UpcomingEa<'a> {
    /// When it begins.
    pub start: Timestamp,
    /// The fact that last gave it a time or a place.
    pub booked: &'a Stamp,
}

/// What rules about practitioners read.
pub(crate) struct Practice<'a> {
    pub(crate) subject: Subject<'a>,
    pub(crate) known: &'a Practitioner,
    /// What is published about the right to needle.
    pub(crate) standing: Option<Standing<'a>>,
    /// By start.
    pub(crate) upcoming: &'a [UpcomingEa<'a>],
}

impl<'a> Practice<'a> {
    pub(crate) fn new(
        id: &PractitionerId,
        known: &'a Practitioner,
        upcoming: &'a [UpcomingEa<'a>],
        zone: TimeZone,
        policy: &'a Policy,
        now: Timestamp,
    ) -> Self {
        let subject = Subject {
            about: About::Practitioner(id.clone()),
            alerts: &known.alerts,
            policy,
            now,
            zone,
        };
        Self {
            subject,
            known,
            standing: standing(&known.credentials, &policy.practitioners),
            upcoming,
        }
    }

    pub(crate) fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.subject.zone.clone()).date()
    }

    /// First instant of a local day.
    pub(crate) fn day_start(&self, day: Date) -> Option<Timestamp> {
        let start = day.to_zoned(self.subject.zone.clone());
        start.ok().map(|z| z.timestamp())
    }

    /// The newest of all that is published, of whatever kind.
    pub(crate) fn newest_credential(&self) -> Option<&'a Stamp> {
        self.known.credentials.values().map(|c| &c.version.stamp).max()
    }

    /// The fact by which the right to needle is judged; none where it is not judged. Where nothing is published and the
    /// policy asks for it, it is whatever shows that they work here.
    pub(crate) fn judged_by(&self) -> Option<&'a Stamp> {
        if let Some(standing) = &self.standing {
            return Some(&standing.newest.version.stamp);
        }
        let calendar = self.known.calendar.as_ref().map(|c| &c.version.stamp);
        let work = || calendar.or_else(|| self.upcoming.first().map(|ea| ea.booked));
        let must = self.subject.policy.practitioners.must_publish;
        must.then(|| self.newest_credential().or_else(work)).flatten()
    }
}
