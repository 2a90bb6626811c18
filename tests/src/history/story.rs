//! Playing a history: step by step, then until all is quiet, with every promise looked at on the way.

use std::collections::BTreeSet;

use care::Policy;
use care::id::OrgId;
use care::time::{Timestamp, hours, minutes};
use care::{About, Event};
use engine::Settings;

use super::clocks::{Clocks, Wrong};
use super::eye::Eye;
use super::flaw::Flaw;
use super::log::Log;
use super::mailroom::Mailroom;
use super::node::{Around, Node};
use super::step::{Back, History, Kept, Mood, NODES, Step};
use super::world::{Told, World, patient, setting};
use super::{deed, judge};

/// Rounds at one instant after which something goes in circles.
const ROUNDS: usize = 400;
/// How long the clinic is watched after the last step.
const AFTER: i64 = 21 * 24;

/// What a history was.
#[derive(Debug, Clone, Copy, Default)]
pub struct Played {
    /// Histories.
    pub histories: u64,
    /// Steps.
    pub steps: u64,
    /// Facts in the log.
    pub facts: u64,
    /// Mails whose last byte arrived.
    pub mails: u64,
    /// Hours of one patient's care.
    pub patient_hours: u64,
}

impl Played {
    /// Adds another history's.
    pub const fn add(&mut self, other: Self) {
        self.histories += other.histories;
        self.steps += other.steps;
        self.facts += other.facts;
        self.mails += other.mails;
        self.patient_hours += other.patient_hours;
    }
}

/// A history under way.
pub struct Story<'a> {
    world: &'a World,
    pub(super) log: Log,
    pub(super) mailroom: Mailroom,
    pub(super) nodes: Vec<Node>,
    pub(super) clocks: Clocks,
    pub(super) eye: Eye,
    /// What publishers could not get to the log yet.
    on_the_way: Vec<Event>,
    leader: usize,
}

/// Plays a history to its end.
///
/// # Errors
/// The step after which a promise was broken, and which.
pub fn play(history: &History) -> Result<Played, String> {
    play_with(None, history)
}

/// [`play`] with something broken on purpose.
///
/// # Errors
/// As [`play`].
pub fn play_with(flaw: Option<Flaw>, history: &History) -> Result<Played, String> {
    let settings = settings(&history.world);
    let begin = history.world.begin();
    let node = |number| Node::new(usize::from(number), settings.clone(), flaw);
    let mut story = Story {
        world: &history.world,
        log: Log::new(flaw),
        mailroom: Mailroom::default(),
        nodes: (0..NODES).map(node).collect(),
        clocks: Clocks::at(begin),
        eye: Eye::new(settings.clone()),
        on_the_way: Vec::new(),
        leader: 0,
    };
    setting(&history.world)
        .into_iter()
        .for_each(|e| story.log.publish(e));
    for (number, step) in history.steps.iter().enumerate() {
        let at = |broken: String| format!("after step {number} ({step:?}): {broken}");
        story.step(number, step).map_err(&at)?;
        judge::always(&mut story).map_err(&at)?;
    }
    story.recover();
    story.quiet().map_err(|broken| format!("at rest: {broken}"))?;
    let last = story.clocks.truth;
    story
        .run_to(last.saturating_add(hours(AFTER)).unwrap_or(last))
        .map_err(|broken| format!("three weeks on: {broken}"))?;
    judge::always(&mut story).map_err(|broken| format!("at the end: {broken}"))?;
    judge::at_rest(&story, &settings).map_err(|broken| format!("at the end: {broken}"))?;
    let lived = story.clocks.truth.duration_since(begin).as_hours();
    Ok(Played {
        histories: 1,
        steps: history.steps.len() as u64,
        facts: story.log.head(),
        mails: story.mailroom.sent.values().map(|s| u64::from(s.copies)).sum(),
        patient_hours: u64::from(history.world.patients) * u64::try_from(lived).unwrap_or(0),
    })
}

fn settings(world: &World) -> Settings {
    let confirm = if world.ask { "ask" } else { "book" };
    let text = format!("scheduling.confirm = \"{confirm}\"\nmail.on_call = \"on-call@care.example\"");
    let policy = Policy::parse(&text).unwrap_or_default();
    #[expect(clippy::expect_used, reason = "a constant that is an id")]
    let mut settings = Settings::new(OrgId::new("acme").expect("an id"), policy);
    settings.resend_is_harmless = false;
    settings
}

impl Story<'_> {
    fn step(&mut self, number: usize, step: &Step) -> Result<(), String> {
        match step {
            Step::World(told) => {
                let event = self.told(number, told)?;
                event.into_iter().for_each(|event| self.log.publish(event));
            }
            Step::Delayed(told) => {
                let event = self.told(number, told)?;
                self.on_the_way.extend(event);
            }
            Step::Arrive => self.arrive(),
            Step::Bytes { patient: of } => {
                let about = of.map(|n| About::Patient(patient(n % self.world.patients)));
                self.log.publish_bytes(about);
            }
            Step::Wait { minutes: n } => self.clocks.pass(minutes(i64::from(*n))),
            Step::Outage { days } => self.clocks.pass(hours(24 * i64::from(*days))),
            Step::Act { node, faults } => {
                let number = self.number(*node);
                self.nodes[number].read(&self.log, usize::MAX);
                self.nodes[number].look_at_lease(number == self.leader);
                return self.act(number, *faults);
            }
            Step::Lead { node } => {
                self.leader = self.number(*node);
                self.nodes[self.leader].look_at_lease(true);
            }
            Step::ActBlind { node, faults } => {
                let number = self.number(*node);
                // It has not read what is new; that the log is another one it finds out within seconds, and how is
                // tested with real processes.
                self.nodes[number].look_at_log(&self.log);
                return self.act(number, *faults);
            }
            Step::Read { node, most } => {
                let number = self.number(*node);
                self.nodes[number].read(&self.log, usize::from(*most));
            }
            Step::Save { node } => {
                let number = self.number(*node);
                self.nodes[number].save();
            }
            Step::Crash { node, kept } => {
                let number = self.number(*node);
                return self.nodes[number].crash(*kept);
            }
            Step::Mail(mood) => self.mailroom.is_now(*mood),
            Step::Log(back) => self.go_back(*back),
            Step::Clock { whose, wrong } => self.clocks.go(usize::from(*whose), *wrong),
        }
        Ok(())
    }

    fn number(&self, node: u8) -> usize {
        usize::from(node) % self.nodes.len()
    }

    /// What somebody does, seeing what the log says.
    fn told(&mut self, number: usize, told: &Told) -> Result<Option<Event>, String> {
        self.clocks.pass(minutes(told.after_min.min(12 * 60)));
        self.eye.follow(&self.log, self.clocks.truth)?;
        let Some(chart) = self
            .eye
            .engine()
            .chart(&patient(told.patient % self.world.patients))
        else {
            return Ok(None);
        };
        let last = deed::last_of_the_world(self.log.events());
        Ok(deed::event(
            self.world,
            number,
            told,
            self.clocks.truth,
            &chart,
            last,
        ))
    }

    fn arrive(&mut self) {
        while let Some(event) = self.on_the_way.pop() {
            self.log.publish(event);
        }
    }

    fn go_back(&mut self, back: Back) {
        let (kept, is_anew) = match back {
            Back::Truncated(kept) | Back::Restored(kept) => (kept, false),
            Back::Anew => (0, true),
        };
        self.log.go_back(self.log.head() * u64::from(kept) / 100, is_anew);
        if matches!(back, Back::Truncated(_)) {
            return;
        }
        // Whoever keeps plans and calendars sees that they are gone.
        let known: BTreeSet<String> = self.log.events().map(|e| e.id.to_string()).collect();
        for event in setting(self.world) {
            if !known.contains(event.id.as_str()) {
                self.log.publish(event);
            }
        }
    }

    /// Lets a replica act; one that dies on the way comes back with its checkpoint.
    fn act(&mut self, number: usize, faults: u64) -> Result<(), String> {
        self.eye.follow(&self.log, self.clocks.truth)?;
        let mut around = Around {
            log: &mut self.log,
            mailroom: &mut self.mailroom,
            clocks: &self.clocks,
            seen: self.eye.engine(),
        };
        let node = &mut self.nodes[number];
        if node.act(&mut around, faults)? {
            return Ok(());
        }
        node.crash(Kept::Last)
    }

    /// Whatever was broken is mended: mail, clocks, publishers. A doubt about a clock takes ten minutes to end.
    fn recover(&mut self) {
        self.mailroom.is_now(Mood::Well);
        self.eye.expect_calm();
        self.arrive();
        self.clocks.go(0, Wrong::No);
        for _ in 0..2 {
            for node in &mut self.nodes {
                node.now(&self.clocks);
            }
            self.clocks.pass(minutes(11));
        }
    }

    /// The leader works without faults until it has nothing to do.
    fn quiet(&mut self) -> Result<(), String> {
        for _ in 0..ROUNDS {
            for (number, node) in self.nodes.iter_mut().enumerate() {
                node.read(&self.log, usize::MAX);
                node.look_at_lease(number == self.leader);
            }
            if !self.nodes[self.leader].is_due(&self.clocks) {
                return Ok(());
            }
            self.act(self.leader, 0)?;
        }
        let said: Vec<String> = self.log.events().rev().take(6).map(|e| e.fact.name()).collect();
        Err(format!(
            "P8: the workers do not come to rest at {}: {}",
            self.clocks.truth,
            said.join(", ")
        ))
    }

    fn run_to(&mut self, until: Timestamp) -> Result<(), String> {
        loop {
            self.quiet()?;
            let wake = self.nodes[self.leader].engine().wake_at();
            let Some(at) = wake.filter(|at| *at < until) else {
                break;
            };
            self.clocks.truth = self.clocks.truth.max(at);
        }
        self.clocks.truth = self.clocks.truth.max(until);
        self.quiet()
    }

    /// The clinic.
    #[must_use]
    pub const fn world(&self) -> &World {
        self.world
    }
}
