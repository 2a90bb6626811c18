//! What plans say of the members of teams: of whom each may be told, and whose word about them is the newest.

use std::collections::BTreeSet;

use care::chart::Stamp;
use care::fact::plan::{Member as TeamMember, Plan};
use care::id::{MemberId, PatientId};
use care::{About, Chart, Policy};
use mailer::Clock;
use xxhash_rust::xxh3::xxh3_64;

use crate::Engine;

/// Of whom a member may be told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) patients: BTreeSet<PatientId>,
    /// The newest word of a plan about them. None where a plan took it back: the next look at them finds another.
    pub(crate) newest: Option<Word>,
}

/// What a plan says of a member.
#[derive(Debug)]
pub(crate) struct Word {
    pub(crate) patient: PatientId,
    said: Stamp,
    pub(crate) clock: Clock,
    /// A hash of all of it.
    says: u64,
}

impl Word {
    fn of(patient: &PatientId, member: &TeamMember, plan: &Plan, said: &Stamp, policy: &Policy) -> Self {
        Self {
            patient: patient.clone(),
            said: said.clone(),
            clock: Clock::of(member, plan.timezone.zone(), policy),
            says: xxh3_64(&postcard::to_allocvec(&(member, &plan.timezone)).unwrap_or_default()),
        }
    }
}

impl Told {
    /// Takes note of a plan; whether the newest word about them is another than before.
    fn note(&mut self, word: Word) -> bool {
        let is_first = self.patients.is_empty();
        self.patients.insert(word.patient.clone());
        match &self.newest {
            None if !is_first => true,
            Some(newest) if word.said <= newest.said => false,
            _ => {
                let says = word.says;
                let before = self.newest.replace(word);
                before.is_none_or(|before| before.says != says)
            }
        }
    }
}

impl Engine {
    /// Remembers of whom the people of a team are told, and looks at their week where the plan may say another clock or
    /// address. Not otherwise: somebody who is on ten thousand plans is looked at through ten thousand charts.
    pub(crate) fn note_team(&mut self, patient: &PatientId, plan: &Plan) {
        self.forget_what_is_taken_back(patient);
        for TeamMember { member_id, .. } in &plan.team {
            // Not what this fact says of them: the chart may know better.
            let chart = self.patients.get(patient).map(|entry| entry.chart.read());
            let word = chart.and_then(|chart| newest_word(member_id, &[&chart], &self.settings.policy));
            let is_news = word.is_some_and(|word| self.hear(member_id, word));
            let told = self.told.entry(member_id.clone()).or_default();
            told.patients.insert(patient.clone());
            let about = About::Member(member_id.clone());
            let flight = self.others.entry(about.clone()).or_default();
            if is_news || flight.wake.is_none() {
                self.look_at([about]);
            }
        }
    }

    /// Takes note of what a plan says of a member; whether the newest word about them is another than before.
    fn hear(&mut self, member: &MemberId, word: Word) -> bool {
        let told = self.told.entry(member.clone()).or_default();
        let newest = |told: &Told| told.newest.as_ref().map(|word| word.patient.clone());
        let before = newest(told);
        let is_news = told.note(word);
        let after = newest(told);
        self.move_word(member, before, after);
        is_news
    }

    /// The newest word about a member was one patient's, and is another's.
    pub(crate) fn move_word(
        &mut self,
        member: &MemberId,
        before: Option<PatientId>,
        after: Option<PatientId>,
    ) {
        if before == after {
            return;
        }
        if let Some(patient) = before
            && let Some(members) = self.has_word_of.get_mut(&patient)
        {
            members.remove(member);
            if members.is_empty() {
                self.has_word_of.remove(&patient);
            }
        }
        if let Some(patient) = after {
            self.has_word_of
                .entry(patient)
                .or_default()
                .insert(member.clone());
        }
    }

    /// Looks at those about whom the newest word was this patient's and is no longer: another plan says now on whose
    /// clock their week runs.
    fn forget_what_is_taken_back(&mut self, patient: &PatientId) {
        let Some(members) = self.has_word_of.get(patient) else {
            return;
        };
        let Some(chart) = self.patients.get(patient).map(|entry| entry.chart.read()) else {
            return;
        };
        let is_taken_back = |id: &&MemberId| {
            let theirs = self.told.get(*id).and_then(|told| told.newest.as_ref());
            theirs.is_some_and(|word| mailer::said_of(id, &chart).all(|(said, ..)| *said != word.said))
        };
        let orphaned: Vec<MemberId> = members.iter().filter(is_taken_back).cloned().collect();
        drop(chart);
        self.let_words_go(patient, orphaned);
    }

    /// What a patient's plans said of these members does not count any more.
    fn let_words_go(&mut self, patient: &PatientId, members: Vec<MemberId>) {
        for id in &members {
            if let Some(told) = self.told.get_mut(id) {
                told.newest = None;
            }
            self.move_word(id, Some(patient.clone()), None);
        }
        self.look_at(members.into_iter().map(About::Member));
    }

    /// Nobody is told of a patient any more.
    pub(crate) fn leave_teams(&mut self, patient: &PatientId) {
        for told in self.told.values_mut() {
            told.patients.remove(patient);
        }
        let orphaned = self.has_word_of.get(patient).into_iter().flatten();
        let orphaned: Vec<MemberId> = orphaned.cloned().collect();
        self.let_words_go(patient, orphaned);
    }

    /// The same from a checkpoint: who was settled then stays so.
    pub(crate) fn recall_team(&mut self, patient: &PatientId, plan: &Plan, said: &Stamp) {
        for member in &plan.team {
            let word = Word::of(patient, member, plan, said, &self.settings.policy);
            self.hear(&member.member_id, word);
        }
    }
}

pub(crate) fn newest_word(id: &MemberId, charts: &[&Chart], policy: &Policy) -> Option<Word> {
    let of_one = |chart| mailer::said_of(id, chart).map(move |said| (chart, said));
    let words = charts.iter().copied().flat_map(of_one);
    let (chart, (said, member, plan)) = words.max_by(|(_, (a, ..)), (_, (b, ..))| a.cmp(b))?;
    Some(Word::of(&chart.patient, member, plan, said, policy))
}
