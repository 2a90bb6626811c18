//! Practitioners and members: decisions about those who treat and those who are told.

use std::collections::BTreeMap;

use care::chart::NoticeRecord;
use care::diary::{Practitioner, standing};
use care::envelope::Event;
use care::fact::Fact;
use care::fact::ours::Notice;
use care::fact::plan::Member as TeamMember;
use care::fact::session::Modality;
use care::id::{MemberId, NoticeId, PatientId, PractitionerId};
use care::time::{Date, TimeZone, Timestamp};
use care::{About, Chart, Reaction, Worker};
use mailer::{Claim, Desk, Mail};
use triggers::UpcomingEa;

use crate::entry::Entry;
use crate::flight::Notices;
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
        let affected = self.patients_of.get(id).into_iter().flatten().cloned();
        self.dirty.extend(affected.map(About::Patient));
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
            self.dirty.extend(affected.into_iter().map(About::Patient));
        }
    }

    /// Remembers of whom the people of a team are told, and looks at their week: the plan may say another clock.
    pub(crate) fn note_team(&mut self, patient: &PatientId, team: &[TeamMember]) {
        for member in team {
            let patients = self.patients_told.entry(member.member_id.clone()).or_default();
            patients.insert(patient.clone());
            let about = About::Member(member.member_id.clone());
            self.others.entry(about.clone()).or_default();
            self.dirty.insert(about);
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
        self.patients_told
            .get(member)
            .into_iter()
            .flatten()
            .cloned()
            .collect()
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

    /// Counts the letters of everybody anew: after loading a checkpoint.
    pub(crate) fn count_letters(&mut self) {
        let patients = self.patients.values().flat_map(|e| e.chart.notices.values());
        let practitioners = self.diary.practitioners().flat_map(|(_, p)| p.notices.values());
        let members = self.postboxes.values().flat_map(|p| p.notices.values());
        let notices = patients.chain(practitioners).chain(members);
        let mut claims: Vec<Claim> = notices
            .filter_map(|n| Some(Claim::first(&n.notice, n.claimed_at()?)))
            .collect();
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
            is_paused: self.mail_is_paused,
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
            About::Patient(id) => mailer::react(&self.patients.get(id)?.chart, policy, &desk, at),
            About::Practitioner(id) => {
                let known = self.diary.practitioner(id)?;
                mailer::react_about_practitioner(id, known, &self.charts_of(id), policy, &desk, at)
            }
            About::Member(id) => {
                let told = self.ids_told_of(id);
                let entries = told.iter().filter_map(|id| self.patients.get(id));
                let charts: Vec<&Chart> = entries.map(|e| &e.chart).collect();
                mailer::digest(id, &charts, policy, &desk, at)
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
            for held in mailer::react(chart, &self.settings.policy, &desk, now).held {
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
    pub(crate) fn notices(&self, about: &About) -> Option<&Notices> {
        match about {
            About::Patient(id) => self.patients.get(id).map(|e| &e.chart.notices),
            About::Practitioner(id) => self.diary.practitioner(id).map(|p| &p.notices),
            About::Member(id) => self.postboxes.get(id).map(|p| &p.notices),
        }
    }

    /// How mail about somebody ended, as far as the log does not say so yet.
    pub(crate) fn outcomes(&self, about: &About) -> Reaction {
        let (Some(flight), Some(notices)) = (self.flight(about), self.notices(about)) else {
            return Reaction::default();
        };
        Reaction {
            facts: flight.outcomes(about, notices),
            look_again: None,
        }
    }

    /// One round about a practitioner: outcomes of mail, then alerts.
    pub(crate) fn ask_about_practitioner(&mut self, id: &PractitionerId, now: Timestamp) -> Option<Decision> {
        let about = About::Practitioner(id.clone());
        let mut reaction = self.outcomes(&about);
        if reaction.facts.is_empty() && self.is_on(Worker::Triggers) {
            reaction.merge(self.judge_practitioner(id, now));
        }
        let mut mails = Vec::new();
        if reaction.facts.is_empty()
            && self.is_on(Worker::Mailer)
            && let Some(known) = self.diary.practitioner(id).filter(|p| !p.alerts.is_empty())
        {
            let charts = self.charts_of(id);
            let policy = &self.settings.policy;
            let round = mailer::react_about_practitioner(id, known, &charts, policy, &self.desk(&about), now);
            reaction.merge(Reaction {
                facts: round.facts,
                look_again: round.look_again,
            });
            mails = round.mails;
        }
        self.conclude(&about, reaction, mails, now)
    }

    /// What `triggers` finds about a practitioner.
    fn judge_practitioner(&self, id: &PractitionerId, now: Timestamp) -> Reaction {
        let policy = &self.settings.policy;
        let nothing = Practitioner::default();
        let known = self.diary.practitioner(id).unwrap_or(&nothing);
        let calendar = known.calendar.as_ref().map(|c| c.value.timezone.zone());
        let of_a_patient = || self.charts_of(id).first().map(|chart| chart.zone());
        let zone = calendar.or_else(of_a_patient).unwrap_or(TimeZone::UTC);
        let upcoming = self.upcoming(id, now);
        triggers::react_to_practitioner(id, known, &upcoming, zone, policy, now)
    }

    /// EA ahead that takes up its slot, held ones too, by start; none where no rule turns on them.
    fn upcoming(&self, id: &PractitionerId, now: Timestamp) -> Vec<UpcomingEa<'_>> {
        if self.matters_from(id).is_none() {
            return Vec::new();
        }
        let sessions = self
            .charts_of(id)
            .into_iter()
            .flat_map(|chart| chart.sessions.values());
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
    fn charts_of(&self, id: &PractitionerId) -> Vec<&Chart> {
        let tied = self.patients_of.get(id).into_iter().flatten();
        let charts = tied.filter_map(|patient| Some(&self.patients.get(patient)?.chart));
        charts
            .filter(|chart| chart.practitioners().any(|p| p == id))
            .collect()
    }

    /// Looks at a practitioner to whom an EA came, if that can matter.
    pub(crate) fn look_at_practitioner(&mut self, id: &PractitionerId, start: Option<Timestamp>) {
        if self.matters_from(id).is_some_and(|from| start >= Some(from)) {
            let about = About::Practitioner(id.clone());
            self.others.entry(about.clone()).or_default();
            self.dirty.insert(about);
        }
    }

    /// One round about a member: outcomes of mail, then the weekly digest.
    pub(crate) fn ask_about_member(&mut self, id: &MemberId, now: Timestamp) -> Option<Decision> {
        let about = About::Member(id.clone());
        let mut reaction = self.outcomes(&about);
        let mut mails = Vec::new();
        if reaction.facts.is_empty() && self.is_on(Worker::Mailer) {
            reaction.facts.extend(self.log_changed(id));
        }
        if reaction.facts.is_empty() && self.is_on(Worker::Mailer) {
            let told = self.ids_told_of(id);
            let entries: Vec<&Entry> = told.iter().filter_map(|id| self.patients.get(id)).collect();
            let charts: Vec<&Chart> = entries.iter().map(|e| &e.chart).collect();
            let round = mailer::digest(id, &charts, &self.settings.policy, &self.desk(&about), now);
            // What is on its way about a patient may tell the same as a digest: seen first, within a second.
            if round.mails.iter().any(|mail| !mail.urgent) && !entries.iter().all(|e| e.flight.is_idle()) {
                self.rest(&about, Some(now), now);
                return None;
            }
            reaction = Reaction {
                facts: round.facts,
                look_again: round.look_again,
            };
            mails = round.mails;
        }
        self.conclude(&about, reaction, mails, now)
    }
}
