//! The world of a vignette: the simulation, what the story has told it so far, and what it did since.

use std::cell::Cell;
use std::collections::BTreeMap;

use care::envelope::Event;
use care::id::OrgId;
use care::time::Timestamp;
use care::{Chart, Policy};
use engine::{Settings, Simulation};
use serde_json::{Value, json};

use super::moment::Place;
use super::page::{Page, Sentence, Step};
use super::post::MailServer;
use super::record::Record;
use super::sentence::{Act, Published, Scene, Spoken, began_on};
use super::setting::Setting;

/// The organisation every vignette plays in.
const ORG: &str = "acme";
/// Whom a sentence is about when it does not say.
pub(super) const PATIENT: &str = "p-1";

/// Whether carebus runs.
#[derive(Debug, Default)]
enum Running {
    #[default]
    Up,
    GoesDown,
    Down(Vec<Event>),
    ComesBack(Vec<Event>),
}

/// Everything that changes while a page is played.
pub(super) struct World {
    setting: Setting,
    org: OrgId,
    simulation: Simulation,
    server: MailServer,
    now: Timestamp,
    /// Facts of this moment, not handed in yet.
    pending: Vec<Event>,
    running: Running,
    /// Facts of the last sentence, for `the same once more`.
    last: Vec<Event>,
    /// What was read off the log and the mails so far.
    record: Record,
    counter: Cell<u32>,
    revisions: BTreeMap<String, u64>,
    plans: BTreeMap<String, Value>,
}

impl World {
    pub(super) fn new(setting: Setting) -> Self {
        #[expect(clippy::expect_used, reason = "a constant that is an id")]
        let org = OrgId::new(ORG).expect("an id");
        let server = MailServer::default();
        let simulation = fresh(&setting, &org, &server);
        Self {
            setting,
            org,
            simulation,
            server,
            now: Timestamp::MIN,
            pending: Vec::new(),
            running: Running::Up,
            last: Vec::new(),
            record: Record::default(),
            counter: Cell::new(0),
            revisions: BTreeMap::new(),
            plans: BTreeMap::new(),
        }
    }

    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    pub(super) const fn place(&self) -> &Place {
        &self.setting.place
    }

    /// When a step happens: the setting on the morning of the first plan's first day, or of the first line's day.
    pub(super) fn moment_of(&self, page: &Page, step: &Step) -> Result<Timestamp, String> {
        if step.is_dated() {
            return self.place().moment(&step.when);
        }
        let plans = step
            .sentences
            .iter()
            .filter_map(|s| began_on(&s.text, self.place()));
        let first = page
            .steps
            .iter()
            .find(|step| step.is_dated())
            .map(|step| self.place().moment(&step.when));
        let first = first.transpose()?.map(|at| self.place().day_of(at));
        let day = plans.chain(first).min().ok_or("nothing happens")?;
        self.place().midnight(day)
    }

    /// The clock stands at a moment of the story.
    pub(super) fn begin(&mut self, moment: Timestamp) -> Result<(), String> {
        if moment < self.now {
            return Err("this is earlier than the line above".to_owned());
        }
        self.now = moment;
        Ok(())
    }

    /// Takes in one sentence; what it tells reaches carebus with the next [`World::let_run`].
    pub(super) fn hear(&mut self, sentence: &Sentence) -> Result<(), String> {
        let spoken = Spoken::read(&sentence.text, self.now, self.place())?;
        let acts = super::sentence::read(&spoken, &Scene::new(self, &spoken))?;
        let mut facts = Vec::new();
        for act in acts {
            match act {
                Act::Publish(published) => facts.push(self.event(published, spoken.happened)?),
                Act::Again => self.pending.extend(self.last.iter().cloned()),
                Act::MailServer(mood) => self.server.is_now(mood),
                Act::GoDown => self.running = Running::GoesDown,
                Act::ComeBack => {
                    self.running = match std::mem::take(&mut self.running) {
                        Running::Down(held) => Running::ComesBack(held),
                        _ => return Err("carebus was not down".to_owned()),
                    }
                }
                Act::Nothing => {}
            }
        }
        if !facts.is_empty() {
            self.pending.extend(facts.iter().cloned());
            self.last = facts;
        }
        Ok(())
    }

    /// Hands in what was told and lets the clock run; answers with what carebus did, none while it is down.
    pub(super) fn let_run(&mut self, until: Timestamp) -> Result<Option<Vec<String>>, String> {
        let told = std::mem::take(&mut self.pending);
        let mut until = until;
        match std::mem::take(&mut self.running) {
            Running::Down(mut held) => {
                held.extend(told);
                self.running = Running::Down(held);
                return Ok(None);
            }
            Running::ComesBack(held) => self.restart(held, told)?,
            Running::GoesDown => {
                self.hand_in(told)?;
                self.running = Running::Down(Vec::new());
                until = self.now;
            }
            Running::Up => self.hand_in(told)?,
        }
        self.simulation.advance_to(until).map_err(|e| e.to_string())?;
        Ok(Some(self.record.done(&self.simulation, &self.setting, self.now)))
    }

    fn hand_in(&mut self, told: Vec<Event>) -> Result<(), String> {
        let run = self
            .simulation
            .advance_to(self.now)
            .and_then(|()| self.simulation.play(told));
        run.map_err(|e| e.to_string())
    }

    /// A new process reads the log, with what arrived while there was none.
    fn restart(&mut self, held: Vec<Event>, told: Vec<Event>) -> Result<(), String> {
        let mut log = self.simulation.log().to_vec();
        log.extend(held);
        log.extend(told);
        self.simulation = fresh(&self.setting, &self.org, &self.server);
        self.record.mails_begin_anew();
        self.hand_in(log)
    }

    fn event(&mut self, published: Published, at: Timestamp) -> Result<Event, String> {
        let Published {
            name,
            about,
            source,
            data,
        } = published;
        if let ("plan.activated" | "plan.revised", Some(plan)) = (name, data.get("plan_id").map(|_| &data)) {
            self.plans.insert(about.clone(), plan.clone());
        }
        if let Some((key, revision)) = revised(&about, &data) {
            self.revisions.insert(key, revision);
        }
        let line = json!({
            "specversion": "1.0", "id": format!("v-{:04}", self.fresh_number()),
            "source": format!("urn:carebus:{ORG}:{source}"), "type": format!("carebus.{name}.v1"),
            "subject": format!("{ORG}/{about}"), "time": at.to_string(), "data": data,
        });
        Event::decode_line(&line.to_string()).map_err(|fault| fault.to_string())
    }

    /// The policy, and every fact in log order.
    pub(super) fn into_log(self) -> (Policy, Vec<Event>) {
        let log = self.simulation.log().to_vec();
        (self.setting.policy, log)
    }

    /// A number nobody has used.
    pub(super) fn fresh_number(&self) -> u32 {
        self.counter.set(self.counter.get() + 1);
        self.counter.get()
    }

    /// The last snapshot the story gave of a patient's plan.
    pub(super) fn plan(&self, patient: &str) -> Option<&Value> {
        self.plans.get(&format!("patient/{patient}"))
    }

    pub(super) fn chart(&self, patient: &str) -> Option<&Chart> {
        self.record.chart(patient)
    }

    /// The last revision the story gave of something.
    pub(super) fn told_revision(&self, about: &str, of: &str) -> u64 {
        self.revisions.get(&format!("{about}/{of}")).copied().unwrap_or(0)
    }
}

fn fresh(setting: &Setting, org: &OrgId, server: &MailServer) -> Simulation {
    let mut settings = Settings::new(org.clone(), setting.policy.clone());
    settings.resend_is_harmless = false;
    let mut simulation = Simulation::new(settings);
    simulation.deliver_with(server.answers());
    simulation
}

/// What a fact is a revision of, and which.
fn revised(about: &str, data: &Value) -> Option<(String, u64)> {
    let revision = data.get("revision")?.as_u64()?;
    let of = data
        .get("session_id")
        .or_else(|| data.get("plan_id"))
        .and_then(Value::as_str)
        .unwrap_or("calendar");
    Some((format!("{about}/{of}"), revision))
}
