//! Practitioners and members: decisions about those who treat and those who are told.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use care::chart::NoticeRecord;
use care::diary::{Practitioner, standing};
use care::envelope::Event;
use care::fact::Fact;
use care::fact::ours::Notice;
use care::fact::session::Modality;
use care::id::{MemberId, NoticeId, PatientId, PractitionerId};
use care::time::{Date, TimeZone, Timestamp};
use care::{About, Chart, Reaction, Worker};
use mailer::{Claim, Desk, Mail};
use triggers::UpcomingEa;

use crate::entry::Entry;
use crate::flight::{Flight, Notices};
use crate::teams::newest_word;
use crate::{Decision, Engine};

/// Late mail to one member that waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// How many things they would be told.
    pub count: usize,
    /// When the oldest of them should have gone.
    pub oldest: Timestamp,
}

impl Engine {
    pub(crate) fn apply_to_practitioner(&mut self, id: &PractitionerId, event: &Event) {
        let practitioner = self.diary.practitioner_mut(id);
        practitioner.apply(event);
        if let Some(flight) = self.others.get_mut(&event.about) {
            flight.settle(&event.id, &practitioner.notices);
        }
        let affected: Vec<PatientId> = self.patients_of.get(id).into_iter().flatten().cloned().collect();
        self.look_at(affected.into_iter().map(About::Patient));
    }

    pub(crate) fn apply_to_member(&mut self, id: &MemberId, event: &Event) {
        let postbox = self.postboxes.entry(id.clone()).or_default();
        postbox.apply(event);
        if let Some(flight) = self.others.get_mut(&event.about) {
            flight.settle(&event.id, &postbox.notices);
        }
        if matches!(event.fact, Fact::LogChanged(_)) {
            self.note_log_change(&event.id);
        }
        // What was held may go, or the address is no good any more.
        if matches!(event.fact, Fact::NoticeReleased(_) | Fact::NoticeRejected(_)) {
            let affected = self.ids_told_of(id);
            self.look_at(affected.into_iter().map(About::Patient));
        }
    }

    /// Looks at the members of whom the checkpoint says nothing of their own.
    pub(crate) fn meet_members(&mut self) {
        for member in self.told.keys() {
            let about = About::Member(member.clone());
            if !self.others.contains_key(&about) {
                self.others.insert(about.clone(), Flight::default());
                self.dirty.insert(about);
            }
        }
    }

    /// Nobody's plan names the organisation's last resort.
    pub(crate) fn expect_on_call(&mut self) {
        if let (false, Ok(id)) = (
            self.settings.policy.mail.on_call.is_empty(),
            MemberId::new(mailer::ON_CALL),
        ) {
            self.others.entry(About::Member(id.clone())).or_default();
            self.dirty.insert(About::Member(id));
        }
    }

    /// The patients of whom a member may be told: the last resort of all of them.
    fn ids_told_of(&self, member: &MemberId) -> Vec<PatientId> {
        if member.as_str() == mailer::ON_CALL {
            let mut all: Vec<PatientId> = self.patients.keys().cloned().collect();
            all.sort();
            return all;
        }
        let told = self.told.get(member).map(|told| &told.patients);
        told.into_iter().flatten().cloned().collect()
    }

    /// The claim of a letter that the record does not show yet.
    pub(crate) fn new_claim(&self, event: &Event) -> Option<Claim> {
        let claim = Claim::of(&event.fact, event.time)?;
        let id = &event.fact.notice()?.notice_id;
        let known = self
            .notices(&event.about)
            .and_then(|all| all.get(id)?.claimed_at());
        known.is_none().then_some(claim)
    }

    /// Counts the letters of everybody anew, `claims` being those about patients: after loading a checkpoint.
    pub(crate) fn count_letters(&mut self, mut claims: Vec<Claim>) {
        let practitioners = self.diary.practitioners().flat_map(|(_, p)| p.notices.values());
        let members = self.postboxes.values().flat_map(|p| p.notices.values());
        claims.extend(practitioners.chain(members).filter_map(claim_of));
        claims.sort_by_key(|claim| claim.at);
        for claim in &claims {
            self.traffic.note(claim, &self.settings.policy.mail);
        }
    }

    /// What the mailer is told beside a chart.
    pub(crate) fn desk(&self, about: &About) -> Desk<'_> {
        let sending = self.flight(about).map(|f| f.sending.keys().cloned().collect());
        Desk {
            sending: sending.unwrap_or_default(),
            resend_is_harmless: self.settings.resend_is_harmless,
            lanes: &self.lanes,
            is_in_doubt: self.doubt.is_some(),
            postboxes: &self.postboxes,
            traffic: &self.traffic,
            wording: &self.settings.wording,
        }
    }

    /// The mail of a notice as it would be composed from this chart at this moment; see [`mailer::reprint`].
    #[must_use]
    pub fn reprint(&self, chart: &Chart, notice: &Notice, attempt: u32, at: Timestamp) -> Option<Mail> {
        let desk = self.desk(&About::Patient(chart.patient.clone()));
        mailer::reprint(chart, &self.settings.policy, &desk, notice, attempt, at)
    }

    /// The mail that a round about a member or a practitioner claims under a notice's id, by the state as it is.
    #[must_use]
    pub fn letter(&self, about: &About, notice: &NoticeId, at: Timestamp) -> Option<Mail> {
        let (policy, desk) = (&self.settings.policy, self.desk(about));
        let round = match about {
            About::Patient(id) => mailer::react(&*self.chart(id)?, policy, &desk, at),
            About::Practitioner(id) => {
                let known = self.diary.practitioner(id)?;
                let read = self.charts_of(id);
                mailer::react_about_practitioner(id, known, &refs(&read), policy, &desk, at)
            }
            About::Member(id) => {
                let told = self.ids_told_of(id);
                let read: Vec<Cow<'_, Chart>> = told.iter().filter_map(|id| self.chart(id)).collect();
                mailer::digest(id, &refs(&read), policy, &desk, at)
            }
        };
        round
            .mails
            .into_iter()
            .find(|mail| mail.notice_id == notice.as_str())
    }

    /// Notices about members and practitioners, with whom they are about.
    pub fn other_notices(&self) -> impl Iterator<Item = (About, &NoticeRecord)> {
        let members = self.postboxes.iter().flat_map(|(id, postbox)| {
            let about = About::Member(id.clone());
            postbox
                .notices
                .values()
                .map(move |record| (about.clone(), record))
        });
        let practitioners = self.diary.practitioners().flat_map(|(id, known)| {
            let about = About::Practitioner(id.clone());
            known.notices.values().map(move |record| (about.clone(), record))
        });
        members.chain(practitioners)
    }

    /// Late mail that waits until a person releases it, by whom it would go to. Looks at every chart.
    #[must_use]
    pub fn waiting_for_release(&self, now: Timestamp) -> BTreeMap<MemberId, Waiting> {
        let mut waiting: BTreeMap<MemberId, Waiting> = BTreeMap::new();
        for chart in self.charts() {
            let desk = self.desk(&About::Patient(chart.patient.clone()));
            for held in mailer::react(&chart, &self.settings.policy, &desk, now).held {
                let theirs = waiting.entry(held.member).or_insert(Waiting {
                    count: 0,
                    oldest: held.due,
                });
                theirs.count += 1;
                theirs.oldest = theirs.oldest.min(held.due);
            }
        }
        waiting
    }

    /// Every notice about somebody.
    pub(crate) fn notices(&self, about: &About) -> Option<Cow<'_, Notices>> {
        match about {
            About::Patient(id) => self.chart(id).map(|chart| match chart {
                Cow::Borrowed(chart) => Cow::Borrowed(&chart.notices),
                Cow::Owned(chart) => Cow::Owned(chart.notices),
            }),
            About::Practitioner(id) => self.diary.practitioner(id).map(|p| Cow::Borrowed(&p.notices)),
            About::Member(id) => self.postboxes.get(id).map(|p| Cow::Borrowed(&p.notices)),
        }
    }

    /// How mail about somebody ended, as far as the log does not say so yet.
    pub(crate) fn outcomes(&self, about: &About) -> Reaction {
        let (Some(flight), Some(notices)) = (self.flight(about), self.notices(about)) else {
            return Reaction::default();
        };
        Reaction {
            facts: flight.outcomes(about, &notices),
            look_again: None,
        }
    }

    /// One round about a practitioner: outcomes of mail, then alerts.
    pub(crate) fn ask_about_practitioner(&mut self, id: &PractitionerId, now: Timestamp) -> Option<Decision> {
        let about = About::Practitioner(id.clone());
        let mut reaction = self.outcomes(&about);
        if reaction.facts.is_empty() && self.is_on(Worker::Triggers) {
            let mut said = self.judge_practitioner(id, now);
            let known = self.diary.practitioner(id);
            self.keep_what_may_be_said(&mut said.facts, |alert| known?.alerts.get(alert));
            reaction.merge(said);
        }
        let (mut mails, mut waits) = (Vec::new(), BTreeSet::new());
        if reaction.facts.is_empty()
            && self.is_on(Worker::Mailer)
            && let Some(known) = self.diary.practitioner(id).filter(|p| !p.alerts.is_empty())
        {
            let read = self.charts_of(id);
            let policy = &self.settings.policy;
            let mut round =
                mailer::react_about_practitioner(id, known, &refs(&read), policy, &self.desk(&about), now);
            self.keep_what_may_be_said(&mut round.facts, |_| None);
            reaction.merge(Reaction {
                facts: round.facts,
                look_again: round.look_again,
            });
            (mails, waits) = (round.mails, round.waits);
        }
        self.stand(&about, waits);
        self.conclude(&about, reaction, mails, now)
    }

    /// What `triggers` finds about a practitioner.
    fn judge_practitioner(&self, id: &PractitionerId, now: Timestamp) -> Reaction {
        let policy = &self.settings.policy;
        let nothing = Practitioner::default();
        let known = self.diary.practitioner(id).unwrap_or(&nothing);
        let calendar = known.calendar.as_ref().map(|c| c.value.timezone.zone());
        let read = self.charts_of(id);
        let of_a_patient = || read.first().map(|chart| chart.zone());
        let zone = calendar.or_else(of_a_patient).unwrap_or(TimeZone::UTC);
        let charts = refs(&read);
        let upcoming = self.upcoming(id, &charts, now);
        triggers::react_to_practitioner(id, known, &upcoming, zone, policy, now)
    }

    /// EA ahead that takes up its slot, held ones too, by start; none where no rule turns on them.
    fn upcoming<'a>(&self, id: &PractitionerId, charts: &[&'a Chart], now: Timestamp) -> Vec<UpcomingEa<'a>> {
        if self.matters_from(id).is_none() {
            return Vec::new();
        }
        let sessions = charts.iter().flat_map(|chart| chart.sessions.values());
        let theirs = sessions.filter(|s| s.practitioner() == Some(id) && s.modality() == Some(Modality::Ea));
        let ahead = theirs.filter(|s| s.status().occupies());
        let mut upcoming: Vec<UpcomingEa<'_>> = ahead
            .filter_map(|s| {
                let (start, booked) = (s.start().filter(|at| *at > now)?, s.booked_by()?);
                Some(UpcomingEa { start, booked })
            })
            .collect();
        upcoming.sort();
        upcoming
    }

    /// From when on an EA with a practitioner matters to the rules: from the last day of a licence; none: never.
    fn matters_from(&self, id: &PractitionerId) -> Option<Timestamp> {
        let policy = &self.settings.policy.practitioners;
        let standing = self
            .diary
            .practitioner(id)
            .and_then(|p| standing(&p.credentials, policy));
        let Some(standing) = standing else {
            return policy.must_publish.then_some(Timestamp::MIN);
        };
        // A day begins somewhere on earth before it does in UTC.
        let last = standing.through()?.yesterday().unwrap_or(Date::MIN);
        Some(
            last.to_zoned(TimeZone::UTC)
                .map_or(Timestamp::MIN, |day| day.timestamp()),
        )
    }

    /// The charts of those whose plan or sessions name a practitioner.
    fn charts_of(&self, id: &PractitionerId) -> Vec<Cow<'_, Chart>> {
        let tied = self.patients_of.get(id).into_iter().flatten();
        let charts = tied.filter_map(|patient| self.chart(patient));
        charts
            .filter(|chart| chart.practitioners().any(|p| p == id))
            .collect()
    }

    /// Looks at a practitioner to whom an EA came, if that can matter.
    pub(crate) fn look_at_practitioner(&mut self, id: &PractitionerId, start: Option<Timestamp>) {
        if self.matters_from(id).is_some_and(|from| start >= Some(from)) {
            let about = About::Practitioner(id.clone());
            self.others.entry(about.clone()).or_default();
            self.look_at([about]);
        }
    }

    /// Looks at the members whose digest of this week has something to tell of a patient: what changed about one
    /// patient may be theirs to hear, and nothing else would look at them before their next digest.
    pub(crate) fn call_readers(&mut self, id: &PatientId, now: Timestamp) {
        // When a doubt is over everybody is looked at.
        let Some(chart) = self.chart(id).filter(|_| self.doubt.is_none()) else {
            return;
        };
        let clock = |member: &MemberId| Some(self.told.get(member)?.newest.as_ref()?.clock.clone());
        let desk = self.desk(&About::Patient(id.clone()));
        let awaited = mailer::awaited(&chart, &self.settings.policy, &desk, clock, now);
        drop((chart, desk));
        for (member, at) in awaited {
            let about = About::Member(member);
            let is_expected = |flight: &Flight| flight.wake.is_some_and(|wake| wake <= at);
            let waits = self.queue.holds(&about) || self.others.get(&about).is_some_and(is_expected);
            if !waits {
                self.look_at([about]);
            }
        }
    }

    /// One round about a member: outcomes of mail, then the weekly digest.
    pub(crate) fn ask_about_member(&mut self, id: &MemberId, now: Timestamp) -> Option<Decision> {
        let about = About::Member(id.clone());
        let mut reaction = self.outcomes(&about);
        let (mut mails, mut waits) = (Vec::new(), BTreeSet::new());
        if reaction.facts.is_empty() && self.is_on(Worker::Mailer) {
            reaction.facts.extend(self.log_changed(id));
        }
        if reaction.facts.is_empty() && self.is_on(Worker::Mailer) {
            let told = self.ids_told_of(id);
            let entries: Vec<&Box<Entry>> = told.iter().filter_map(|id| self.patients.get(id)).collect();
            let read: Vec<Cow<'_, Chart>> = entries.iter().map(|e| e.chart.read()).collect();
            let found = match self.told.get_mut(id).filter(|told| told.newest.is_none()) {
                Some(told) => {
                    told.newest = newest_word(id, &refs(&read), &self.settings.policy);
                    told.newest.as_ref().map(|word| word.patient.clone())
                }
                None => None,
            };
            let mut round = mailer::digest(id, &refs(&read), &self.settings.policy, &self.desk(&about), now);
            self.keep_what_may_be_said(&mut round.facts, |_| None);
            let is_at_rest = entries.iter().all(|e| e.flight.is_idle());
            drop(read);
            self.move_word(id, None, found);
            // What is on its way about a patient may tell the same as a digest: seen first, within a second.
            if round.mails.iter().any(|mail| !mail.urgent) && !is_at_rest {
                self.rest(&about, Some(now), now);
                return None;
            }
            reaction = Reaction {
                facts: round.facts,
                look_again: round.look_again,
            };
            (mails, waits) = (round.mails, round.waits);
        }
        self.stand(&about, waits);
        self.conclude(&about, reaction, mails, now)
    }
}

/// The first claim of a notice.
pub(crate) fn claim_of(record: &NoticeRecord) -> Option<Claim> {
    Some(Claim::first(&record.notice, record.claimed_at()?))
}

/// The newest word of these charts about a member.
fn refs<'a>(read: &'a [Cow<'_, Chart>]) -> Vec<&'a Chart> {
    read.iter().map(AsRef::as_ref).collect()
}
