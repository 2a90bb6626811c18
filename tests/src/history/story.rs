//! Playing a history: step by step, then until all is quiet, with every invariant looked at on the way.

use care::Policy;
use care::id::OrgId;
use care::time::{SignedDuration, Timestamp, hours, minutes};
use engine::Settings;

use super::log::Log;
use super::mailroom::Mailroom;
use super::node::Node;
use super::step::{History, Mood, NODES, Step};
use super::world::{World, begin, patient, setting};
use super::{deed, judge};

/// Rounds at one instant after which something goes in circles.
const ROUNDS: usize = 400;
/// How long the clinic is watched after the last step.
const AFTER: i64 = 21 * 24;

/// What a history was.
#[derive(Debug, Clone, Copy, Default)]
pub struct Played {
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
    pub(super) now: Timestamp,
    leader: usize,
}

/// Plays a history to its end.
///
/// # Errors
/// The step after which an invariant was broken, and which.
pub fn play(history: &History) -> Result<Played, String> {
    play_on(Log::default(), history)
}

/// [`play`] on a log of another kind.
///
/// # Errors
/// As [`play`].
pub fn play_on(log: Log, history: &History) -> Result<Played, String> {
    let settings = settings(&history.world);
    let mut story = Story {
        world: &history.world,
        log,
        mailroom: Mailroom::default(),
        nodes: (0..NODES).map(|_| Node::new(settings.clone())).collect(),
        now: begin(),
        leader: 0,
    };
    setting(&history.world)
        .into_iter()
        .for_each(|e| story.log.publish(e));
    for (number, step) in history.steps.iter().enumerate() {
        let at = |broken: String| format!("after step {number} ({step:?}): {broken}");
        story.step(number, step).map_err(&at)?;
        judge::always(&story).map_err(&at)?;
    }
    let last = story.now;
    story.mailroom.is_now(Mood::Well);
    story.quiet().map_err(|broken| format!("at rest: {broken}"))?;
    let patients = u64::from(history.world.patients);
    story
        .run_to(last.saturating_add(hours(AFTER)).unwrap_or(last))
        .map_err(|broken| format!("three weeks on: {broken}"))?;
    judge::always(&story).map_err(|broken| format!("at the end: {broken}"))?;
    judge::at_rest(&story, &settings).map_err(|broken| format!("at the end: {broken}"))?;
    let lived = story.now.duration_since(begin()).as_hours();
    Ok(Played {
        facts: story.log.head(),
        mails: story.mailroom.sent.values().map(|s| u64::from(s.copies)).sum(),
        patient_hours: patients * u64::try_from(lived).unwrap_or(0),
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
                self.pass(minutes(told.after_min.min(12 * 60)));
                // People see what the log says.
                let mut eye = Node::new(settings(self.world));
                let chart = {
                    eye.read(&self.log, usize::MAX);
                    eye.engine().chart(&patient(told.patient % self.world.patients))
                };
                let event = chart.and_then(|chart| {
                    deed::event(self.world, number, told, self.now, &chart, self.log.events())
                });
                event.into_iter().for_each(|event| self.log.publish(event));
                Ok(())
            }
            Step::Wait { minutes: n } => {
                self.pass(minutes(i64::from(*n)));
                Ok(())
            }
            Step::Act { node, faults } => {
                let leader = self.leader;
                let number = usize::from(*node) % self.nodes.len();
                self.nodes[number].read(&self.log, usize::MAX);
                self.nodes[number].look_at_lease(number == leader);
                self.act(*node, *faults)
            }
            Step::Lead { node } => {
                self.leader = usize::from(*node) % self.nodes.len();
                self.nodes[self.leader].look_at_lease(true);
                Ok(())
            }
            Step::ActBlind { node, faults } => self.act(*node, *faults),
            Step::Read { node, most } => self.node(*node, |node, log, _, _| {
                node.read(log, usize::from(*most));
                Ok(true)
            }),
            Step::Save { node } => self.node(*node, |node, _, _, _| {
                node.save();
                Ok(true)
            }),
            Step::Crash { node, kept } => self.node(*node, |node, _, _, _| node.crash(*kept).map(|()| true)),
            Step::Mail(mood) => {
                self.mailroom.is_now(*mood);
                Ok(())
            }
        }
    }

    fn act(&mut self, node: u8, faults: u64) -> Result<(), String> {
        self.node(node, |node, log, mailroom, now| {
            node.act(log, mailroom, now, faults)
        })
    }

    /// Lets a replica do something; one that dies on the way comes back with its checkpoint.
    fn node(
        &mut self,
        number: u8,
        doing: impl Fn(&mut Node, &mut Log, &mut Mailroom, Timestamp) -> Result<bool, String>,
    ) -> Result<(), String> {
        let number = usize::from(number) % self.nodes.len();
        let node = &mut self.nodes[number];
        if doing(node, &mut self.log, &mut self.mailroom, self.now)? {
            return Ok(());
        }
        node.crash(super::step::Kept::Last)
    }

    fn pass(&mut self, time: SignedDuration) {
        self.now = self.now.saturating_add(time).unwrap_or(self.now);
    }

    /// The leader works without faults until it has nothing to do.
    fn quiet(&mut self) -> Result<(), String> {
        for _ in 0..ROUNDS {
            for (number, node) in self.nodes.iter_mut().enumerate() {
                node.read(&self.log, usize::MAX);
                node.look_at_lease(number == self.leader);
            }
            if !self.nodes[self.leader].is_due(self.now) {
                return Ok(());
            }
            self.nodes[self.leader].act(&mut self.log, &mut self.mailroom, self.now, 0)?;
        }
        let said: Vec<String> = self
            .log
            .events()
            .iter()
            .rev()
            .take(6)
            .map(|e| e.fact.name())
            .collect();
        Err(format!(
            "the workers do not come to rest at {}: {}",
            self.now,
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
            self.now = self.now.max(at);
        }
        self.now = self.now.max(until);
        self.quiet()
    }

    /// The clinic.
    #[must_use]
    pub const fn world(&self) -> &World {
        self.world
    }
}
