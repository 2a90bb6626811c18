//! The loop as a value: facts go in, decisions come out; no clock, no network, no disk, no `async`.

mod backlog;
mod checkpoint;
mod decide;
mod doubt;
mod entry;
mod erasure;
mod feeding;
mod flight;
mod folding;
mod kept;
mod outbound;
mod people;
mod queue;
mod record;
mod simulation;
mod tally;
mod teams;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use care::envelope::Event;
use care::fact::Fact;
use care::id::{MemberId, NoticeId, OrgId, PatientId, PractitionerId};
use care::member::{Postbox, Postboxes};
use care::time::Timestamp;
use care::{About, Chart, Diary, Policy, Worker};
use mailer::{Bounds, Lanes, Mail, Traffic, Wording};

use backlog::Backlog;
pub use checkpoint::{Changes, Damaged, Value};
use entry::Entry;
use flight::Flight;
pub use people::Waiting;
use queue::Queue;
pub use record::LogChange;
pub use simulation::{Simulation, Unsettled};
pub use tally::{Counts, NOTICE_STATES, SEVERITIES};
use teams::Told;

/// What the engine is told once.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The organisation.
    pub org: OrgId,
    /// Its policy.
    pub policy: Policy,
    /// The workers that act here; the others' facts are folded all the same.
    pub workers: BTreeSet<Worker>,
    /// Whether sending the same mail again does no harm.
    pub resend_is_harmless: bool,
    /// The organisation's own words and templates.
    pub wording: Arc<Wording>,
    /// How many mails may be claimed and not done at a time.
    pub bounds: Bounds,
}

impl Settings {
    /// Every worker, with mail that may be sent again.
    #[must_use]
    pub fn new(org: OrgId, policy: Policy) -> Self {
        Self {
            org,
            policy,
            workers: Worker::ALL.into(),
            resend_is_harmless: true,
            wording: Arc::default(),
            bounds: Bounds::NONE,
        }
    }
}

/// Facts about one patient, practitioner or member to append together, on the condition that nothing newer about them
/// is in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Whom it is about.
    pub about: About,
    /// Last log position of any message about them that the decision has seen; 0 for none.
    pub expected: u64,
    /// The facts, in this order; each after the first expects the position of the one before.
    pub events: Vec<Event>,
    /// Mails whose claim is among the facts: sent only once that claim is in the log.
    pub mails: Vec<Mail>,
}

/// The state of one organisation and what follows from it.
pub struct Engine {
    settings: Settings,
    /// What everybody's rest depends on; see [`checkpoint::regime`].
    regime: u64,
    /// Boxed, because half of the places of a table may be empty.
    patients: HashMap<PatientId, Box<Entry>>,
    diary: Diary,
    postboxes: Postboxes,
    /// What is under way about practitioners and members; a patient's is with the chart.
    others: BTreeMap<About, Flight>,
    /// Whose EA depends on a practitioner's calendar or free slots.
    patients_of: BTreeMap<PractitionerId, BTreeSet<PatientId>>,
    /// Who has a PT session that found no EA: few, where a practitioner may have thousands of patients.
    unprepared: BTreeSet<PatientId>,
    /// Of whom a member may be told.
    told: BTreeMap<MemberId, Told>,
    /// The members about whom a patient's plan has the newest word.
    has_word_of: BTreeMap<PatientId, BTreeSet<MemberId>>,
    /// Letters of all patients, counted.
    traffic: Traffic,
    agenda: BTreeSet<(Timestamp, About)>,
    dirty: BTreeSet<About>,
    changed: BTreeSet<About>,
    /// Whose feed entries may have changed.
    feed_stale: BTreeSet<PatientId>,
    /// Whose entries were taken and are not known to be published.
    feed_under_way: BTreeSet<PatientId>,
    backlog: Backlog,
    /// Whose chart is open, roughly the longest untouched first.
    open: VecDeque<PatientId>,
    /// Counts the calls of [`Engine::fold_idle`].
    round: u64,
    position: u64,
    facts: u64,
    /// Whether anybody was asked yet.
    polled: bool,
    /// Facts of ours that the contract would refuse.
    defects: Vec<String>,
    /// Mail on its way.
    lanes: Lanes,
    /// Who waits for room among it.
    queue: Queue,
    /// What an operator counts.
    tallies: tally::Tallies,
    /// Since when the clock is in doubt.
    doubt: Option<Timestamp>,
    /// Who was taken out of the log.
    erased: BTreeSet<PatientId>,
    /// What was found of the log and is not in it yet.
    log_change: Option<LogChange>,
}

impl Engine {
    /// An engine that has seen nothing.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let bounds = settings.bounds;
        let mut engine = Self {
            regime: checkpoint::regime(&settings),
            settings,
            patients: HashMap::new(),
            diary: Diary::default(),
            postboxes: Postboxes::new(),
            others: BTreeMap::new(),
            patients_of: BTreeMap::new(),
            unprepared: BTreeSet::new(),
            told: BTreeMap::new(),
            has_word_of: BTreeMap::new(),
            traffic: Traffic::default(),
            agenda: BTreeSet::new(),
            dirty: BTreeSet::new(),
            changed: BTreeSet::new(),
            feed_stale: BTreeSet::new(),
            feed_under_way: BTreeSet::new(),
            backlog: Backlog::default(),
            open: VecDeque::new(),
            round: 0,
            position: 0,
            facts: 0,
            polled: false,
            defects: Vec::new(),
            lanes: Lanes::new(bounds),
            queue: Queue::default(),
            tallies: tally::Tallies::default(),
            doubt: None,
            erased: BTreeSet::new(),
            log_change: None,
        };
        engine.expect_on_call();
        engine
    }

    /// Folds a fact of the log in. Facts up to the position already reached change nothing.
    ///
    /// Of a patient who was erased nothing is folded in any more: see [`Engine::is_erased`].
    pub fn apply(&mut self, event: &Event, position: u64) {
        if let (Fact::PatientErased(_), About::Patient(id)) = (&event.fact, &event.about) {
            return self.erase(id, position);
        }
        if !self.advance(&event.about, position) {
            return;
        }
        self.facts += 1;
        if !self.is_set_down(event) {
            self.fold_in(event);
        }
    }

    fn fold_in(&mut self, event: &Event) {
        let claim = self.new_claim(event);
        match &event.about {
            About::Patient(id) => self.apply_to_patient(&self.known(id), event),
            About::Practitioner(id) => self.apply_to_practitioner(id, event),
            About::Member(id) => self.apply_to_member(id, event),
        }
        if let Some(claim) = claim {
            self.traffic.note(&claim, &self.settings.policy.mail);
        }
        if event.fact.notice().is_some() {
            self.arrive(&event.about);
            if self.flight(&event.about).is_some_and(Flight::is_idle) {
                self.traffic.forget(&event.about);
            }
        }
    }

    /// Takes note of a message about somebody that could not be read: the conditional append counts it too.
    pub fn pass_over(&mut self, about: &About, position: u64) {
        self.advance(about, position);
    }

    /// Takes note of a position at which nothing about anybody stands.
    pub fn skip_to(&mut self, position: u64) {
        self.position = self.position.max(position);
    }

    /// Moves the position on; false if it was reached before.
    fn advance(&mut self, about: &About, position: u64) -> bool {
        if position <= self.position {
            return false;
        }
        self.position = position;
        if self.is_erased(about) {
            return false;
        }
        let flight = match about {
            About::Patient(id) => {
                let entry = self.patients.entry(id.clone());
                let entry = entry.or_insert_with(|| Box::new(Entry::new(id.clone())));
                entry.flight.last = position;
                if entry.chart.is_behind() {
                    // All the rest was noted with the first fact that was set down, and nobody asks before they are
                    // folded in.
                    return true;
                }
                &mut entry.flight
            }
            other => self.others.entry(other.clone()).or_default(),
        };
        flight.last = position;
        let about = match about {
            About::Patient(id) => About::Patient(self.known(id)),
            other => other.clone(),
        };
        self.tallies.touch(&about);
        self.changed.insert(about.clone());
        self.dirty.insert(about);
        true
    }

    /// The same id, and the same memory: what is kept of a patient in many places shares it.
    fn known(&self, id: &PatientId) -> PatientId {
        let known = self.patients.get_key_value(id).map(|(known, _)| known);
        known.unwrap_or(id).clone()
    }

    /// Looks at those to whom a fact about somebody else matters. A checkpoint taken before that must not call them
    /// settled.
    fn look_at(&mut self, whom: impl IntoIterator<Item = About>) {
        for about in whom {
            self.changed.insert(about.clone());
            self.dirty.insert(about);
        }
    }

    /// What is under way about somebody.
    fn flight(&self, about: &About) -> Option<&Flight> {
        match about {
            About::Patient(id) => self.patients.get(id).map(|e| &e.flight),
            other => self.others.get(other),
        }
    }

    fn flight_mut(&mut self, about: &About) -> Option<&mut Flight> {
        match about {
            About::Patient(id) => self.patients.get_mut(id).map(|e| &mut e.flight),
            other => self.others.get_mut(other),
        }
    }

    fn apply_to_patient(&mut self, id: &PatientId, event: &Event) {
        self.open(id);
        let Some(entry) = self.patients.get_mut(id) else {
            return;
        };
        let chart = entry.chart.open();
        let session = entry::session_of(&event.fact);
        if let Some(session_id) = session
            && let Some(session) = chart.sessions.get(session_id)
        {
            self.diary.leave(id, session_id, session);
        }
        chart.apply(event);
        entry.settle(&event.id);
        let chart = entry.chart.open();
        if entry::concerns_the_feed(&event.fact) {
            self.feed_stale.insert(id.clone());
        }
        if let Some(session_id) = session
            && let Some(session) = chart.sessions.get(session_id)
        {
            self.diary.enter(id, session_id, session);
        }
        self.note_practitioners(id, event);
        if let Fact::PlanActivated(plan) | Fact::PlanRevised(plan) = &event.fact {
            self.note_team(id, plan);
        }
    }

    /// Remembers whose calendar matters to whom, and wakes those who wait for a slot when one may have become free.
    fn note_practitioners(&mut self, id: &PatientId, event: &Event) {
        let Some(entry) = self.patients.get(id) else {
            return;
        };
        let mut practitioners: Vec<PractitionerId> = entry::practitioners_of(&event.fact).cloned().collect();
        let chart = entry.chart.read();
        let session = entry::session_of(&event.fact).and_then(|id| chart.sessions.get(id));
        let booked = session.and_then(|s| Some((s.start(), s.practitioner()?.clone())));
        drop(chart);
        if let Some((start, practitioner)) = booked {
            practitioners.push(practitioner.clone());
            self.look_at_practitioner(&practitioner, start);
        }
        for practitioner in practitioners {
            let patients = self.patients_of.entry(practitioner).or_default();
            patients.insert(id.clone());
            if entry::may_free_a_slot(&event.fact) {
                let waiting = self.unprepared.intersection(patients).cloned();
                let waiting: Vec<About> = waiting.map(About::Patient).collect();
                self.look_at(waiting);
            }
        }
    }

    /// Notes whether a PT session of a patient found no EA: worth another look when a slot becomes free.
    fn note_unprepared(&mut self, id: &PatientId, is_unprepared: bool) {
        if is_unprepared {
            self.unprepared.insert(id.clone());
        } else {
            self.unprepared.remove(id);
        }
    }

    /// The next instant at which [`Engine::poll`] may answer without a new fact.
    #[must_use]
    pub fn wake_at(&self) -> Option<Timestamp> {
        let due = self.agenda.first().map(|(at, _)| *at);
        due.into_iter().chain(self.queue.opens_at(&self.lanes)).min()
    }

    /// Whether a poll at `now` has anything to look at.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        let can_decide = |about: &About| self.flight(about).is_some_and(Flight::is_idle);
        self.wake_at().is_some_and(|at| at <= now)
            || self.queue.is_anybodys_turn(&self.lanes, now)
            || self.dirty.iter().any(can_decide)
    }

    /// The append of a decision was refused, or nobody can say: what was kept for it is given back, and whoever it is
    /// about is looked at again with whatever the log says by then.
    pub fn give_up(&mut self, about: &About) {
        let Some(flight) = self.flight_mut(about) else {
            return;
        };
        flight.give_up();
        self.arrive(about);
        self.traffic.forget(about);
        self.dirty.insert(about.clone());
        if let About::Patient(id) = about
            && let Some(entry) = self.patients.get_mut(id)
        {
            for (practitioner, slot) in std::mem::take(&mut entry.reserved) {
                self.diary.give_back(&practitioner, &slot);
            }
            self.diary.enter_all(&entry.chart.read());
        }
    }

    /// A claim was appended and its mail is with the carrier.
    pub fn claimed(&mut self, about: &About, notice: &NoticeId, attempt: u32) {
        if let Some(flight) = self.flight_mut(about) {
            flight.sending.insert((notice.clone(), attempt), true);
        }
    }

    /// Changes which workers act here. One that begins to act looks at everybody: nobody may have for a while.
    pub fn set_workers(&mut self, workers: BTreeSet<Worker>) {
        if self.polled && workers.difference(&self.settings.workers).next().is_some() {
            self.look_at_everybody();
        }
        if workers != self.settings.workers {
            self.settings.workers = workers;
            self.regime = checkpoint::regime(&self.settings);
        }
    }

    fn look_at_everybody(&mut self) {
        self.dirty
            .extend(self.patients.keys().cloned().map(About::Patient));
        self.dirty.extend(self.others.keys().cloned());
    }

    /// A patient's chart.
    #[must_use]
    pub fn chart(&self, patient: &PatientId) -> Option<Cow<'_, Chart>> {
        self.patients.get(patient).map(|e| e.chart.read())
    }

    /// Every chart, by patient.
    #[must_use]
    pub fn charts(&self) -> Vec<Cow<'_, Chart>> {
        let mut charts: Vec<Cow<'_, Chart>> = self.patients.values().map(|e| e.chart.read()).collect();
        charts.sort_by(|a, b| a.patient.cmp(&b.patient));
        charts
    }

    /// What the log says of somebody who is told things.
    #[must_use]
    pub fn postbox(&self, member: &MemberId) -> Option<&Postbox> {
        self.postboxes.get(member)
    }

    /// Calendars and occupancy.
    #[must_use]
    pub const fn diary(&self) -> &Diary {
        &self.diary
    }

    /// The settings it runs under.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Last position folded in.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Facts folded in since the engine was made.
    #[must_use]
    pub const fn facts(&self) -> u64 {
        self.facts
    }

    /// When each patient, practitioner and member is looked at next, earliest first.
    pub fn agenda(&self) -> impl Iterator<Item = &(Timestamp, About)> {
        self.agenda.iter()
    }

    /// Facts of ours that were not handed out since the last call, because the contract would refuse them: defects.
    pub fn take_defects(&mut self) -> Vec<String> {
        std::mem::take(&mut self.defects)
    }
}
