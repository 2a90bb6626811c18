//! Who takes an alert on ends the talk about it: no mail and no escalation after that, and nobody is told twice.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use care::fact::Fact;
use care::fact::ours::Notice;
use care::id::{AlertId, OrgId};
use care::time::{Timestamp, minutes};
use care::{Event, Policy};
use engine::{Settings, Simulation};
use mailer::{Delivery, Mail};
use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::{Value, json};
use tests::clinic::facts;

use tests::history::world::{BEGIN, begin};

/// What may happen.
#[derive(Debug, Clone)]
enum Deed {
    /// Red flags are reported: an incident, or a new item of one.
    Flag(Vec<&'static str>),
    /// A contraindication.
    Pregnant,
    /// A clinician says that it is over, or a physician clears the flags.
    Clears { flags: bool },
    /// A person takes the nth alert on, or ends it.
    Alert { nth: usize, verb: &'static str },
    /// How mail servers answer from now on.
    Mood(Mood),
    /// Nothing; time passes.
    Nothing,
}

#[derive(Debug, Clone, Copy)]
enum Mood {
    Takes,
    Defers,
    Refuses,
    BreaksOff,
    Mixed,
}

fn deeds() -> impl Strategy<Value = Vec<(i64, Deed)>> {
    let flags = vec![
        "bladder_change",
        "foot_drop",
        "history_of_cancer",
        "multisite_pain",
        "fever",
        "iv_drug_use",
    ];
    let verbs = vec!["acknowledged", "acknowledged", "resolved"];
    let moods = vec![
        Mood::Takes,
        Mood::Takes,
        Mood::Defers,
        Mood::Refuses,
        Mood::BreaksOff,
        Mood::Mixed,
    ];
    let deed = prop_oneof![
        3 => prop::sample::subsequence(flags, 1..=3).prop_map(Deed::Flag),
        1 => Just(Deed::Pregnant),
        1 => any::<bool>().prop_map(|flags| Deed::Clears { flags }),
        4 => (0usize..6, prop::sample::select(verbs)).prop_map(|(nth, verb)| Deed::Alert { nth, verb }),
        3 => prop::sample::select(moods).prop_map(Deed::Mood),
        1 => Just(Deed::Nothing),
    ];
    // Minutes mostly, so that people act between two escalations; hours and days too.
    let after = prop_oneof![5 => 1i64..40, 2 => 40i64..600, 1 => 600i64..6000];
    prop::collection::vec((after, deed), 1..20)
}

fn carrier(mood: &Rc<Cell<Mood>>) -> impl FnMut(&Mail) -> Delivery + 'static {
    let mood = Rc::clone(mood);
    move |mail| {
        let sum: u32 = mail.message_id.bytes().map(u32::from).sum::<u32>() + mail.attempt;
        match (mood.get(), sum % 4) {
            (Mood::Takes, _) | (Mood::Mixed, 0) => Delivery::Sent { reply: Some(250) },
            (Mood::Defers, _) | (Mood::Mixed, 1) => Delivery::Deferred { reply: Some(451) },
            (Mood::Refuses, 0) | (Mood::Mixed, 2) => Delivery::Rejected { reply: Some(550) },
            (Mood::Refuses, _) => Delivery::Sent { reply: Some(250) },
            (Mood::BreaksOff | Mood::Mixed, _) => Delivery::Unknown,
        }
    }
}

fn fact(deed: &Deed, number: usize, at: Timestamp, log: &[Event]) -> Option<Event> {
    let assessed = |kind: &str, by: Value, body: Value| {
        let mut data =
            json!({ "assessment_id": format!("a-{number}"), "performed_at": at.to_string(), "by": by });
        data.as_object_mut()?.extend(body.as_object()?.clone());
        Some((format!("assessment.{kind}"), data))
    };
    let clinician = json!({ "role": "pcp", "member_id": "m-pcp" });
    let (name, data) = match deed {
        Deed::Flag(items) => assessed(
            "red_flag",
            json!({ "role": "patient" }),
            json!({ "items": items }),
        )?,
        Deed::Pregnant => assessed(
            "screening",
            clinician,
            json!({ "item": "pregnancy", "value": "yes" }),
        )?,
        Deed::Clears { flags: true } => assessed(
            "red_flag_review",
            clinician,
            json!({ "outcome": "cleared_for_treatment" }),
        )?,
        Deed::Clears { flags: false } => assessed(
            "screening",
            clinician,
            json!({ "item": "pregnancy", "value": "no" }),
        )?,
        Deed::Alert { nth, verb } => {
            let raised = log.iter().filter_map(|event| match &event.fact {
                Fact::AlertRaised(a) => Some(a.alert_id.clone()),
                _ => None,
            });
            let id = { raised }.nth(*nth)?;
            (
                format!("alert.{verb}"),
                json!({ "alert_id": id, "by": clinician, "outcome": "seen" }),
            )
        }
        Deed::Mood(_) | Deed::Nothing => return None,
    };
    let id = format!("v-{number:03}");
    Some(facts::Fact::new(&id, &name, "patient/p-0", &at.to_string(), &data).event())
}

/// What the log has shown so far, and what it must not show any more.
#[derive(Default)]
struct Record {
    /// Of each alert: the position of its last acknowledgement, and of its end.
    heard: BTreeMap<AlertId, usize>,
    ended: BTreeMap<AlertId, usize>,
    /// Position and reason of each step.
    steps: BTreeMap<String, (usize, String)>,
    /// By member and matter: the notices that told it.
    told: BTreeMap<(String, String), BTreeSet<String>>,
    sent: BTreeMap<String, usize>,
    /// Urgent alerts, and those that somebody was written to about.
    urgent: BTreeSet<AlertId>,
    written: BTreeSet<AlertId>,
    wrong: Vec<String>,
}

impl Record {
    fn read(log: &[Event]) -> Self {
        let mut record = Self::default();
        for (position, event) in log.iter().enumerate() {
            record.take(position, event);
        }
        record
    }

    fn take(&mut self, position: usize, event: &Event) {
        match &event.fact {
            Fact::AlertRaised(a) if a.severity.is_immediate() => drop(self.urgent.insert(a.alert_id.clone())),
            Fact::AlertAcknowledged(a) => drop(self.heard.insert(a.alert_id.clone(), position)),
            Fact::AlertResolved(a) => drop(self.ended.insert(a.alert_id.clone(), position)),
            Fact::AlertEscalated(a) => {
                let over = self.heard.contains_key(&a.alert_id) || self.ended.contains_key(&a.alert_id);
                if over && a.reason != "new-item" {
                    self.wrong
                        .push(format!("{}: {} escalated after the answer", event.time, a.reason));
                }
                let step = format!("{}/{}", a.alert_id, a.step);
                if self.steps.insert(step, (position, a.reason.clone())).is_some() {
                    self.wrong.push(format!("{}: step {} twice", event.time, a.step));
                }
            }
            Fact::NoticeAttempted(n) => self.attempted(event, n),
            Fact::NoticeSent(n) | Fact::NoticeUnknown(n) => {
                let sent = self.sent.entry(n.notice_id.to_string()).or_default();
                *sent += 1;
                if *sent > 2 {
                    self.wrong
                        .push(format!("{}: {} went out thrice", event.time, n.notice_id));
                }
            }
            _ => {}
        }
    }

    fn attempted(&mut self, event: &Event, notice: &Notice) {
        let member = notice.member_id.to_string();
        let id = notice.notice_id.to_string();
        for about in &notice.about {
            // In whose place somebody is told is news too.
            let of_it = notice
                .about
                .iter()
                .filter(|key| key.split("/for-").next() == about.split("/for-").next());
            let told = |key: &String| {
                let notices = self.told.get(&(member.clone(), key.clone()));
                notices.is_some_and(|all| all.iter().any(|known| *known != id))
            };
            if { of_it }.all(told) {
                self.wrong
                    .push(format!("{}: {about} is told to {member} twice", event.time));
            }
            let words: Vec<&str> = about
                .split('/')
                .filter(|word| !word.starts_with("for-"))
                .collect();
            let Some(alert) = words.first().and_then(|id| AlertId::new(*id).ok()) else {
                continue;
            };
            let is_end = words.get(1) == Some(&"resolved");
            self.written.insert(alert.clone());
            if self.ended.contains_key(&alert) && !is_end {
                self.wrong
                    .push(format!("{}: {about} is told after its end", event.time));
            }
            let Some(heard) = self.heard.get(&alert).filter(|_| !is_end) else {
                continue;
            };
            // A new item of an incident is new to those who have taken it on, too; until they hear of that.
            let is_news = |(at, reason): &(usize, String)| at > heard && reason == "new-item";
            if !self.steps.get(&words.join("/")).is_some_and(is_news) {
                self.wrong
                    .push(format!("{}: {about} is told after it was taken on", event.time));
            }
        }
    }
}

proptest! {
    // Each case writes some hundred letters.
    #![proptest_config(Config { cases: 48, ..crate::config() })]

    #[test]
    fn who_takes_an_alert_on_ends_the_talk_about_it_and_nobody_is_told_twice(deeds in deeds()) {
        let policy = Policy::parse("[mail]\non_call = \"on-call@acme.example\"\n").expect("a policy");
        let mut settings = Settings::new(OrgId::new("acme").expect("an id"), policy);
        settings.resend_is_harmless = false;
        let mood = Rc::new(Cell::new(Mood::Takes));
        let mut simulation = Simulation::new(settings);
        simulation.deliver_with(carrier(&mood));
        let mut now = begin();
        simulation.play([facts::plan("p-0", "acu-1", BEGIN).event()]).expect("comes to rest");
        for (number, (after, deed)) in deeds.iter().enumerate() {
            now += minutes(*after);
            simulation.advance_to(now).expect("comes to rest");
            simulation.settle().expect("comes to rest");
            if let Deed::Mood(new) = deed {
                mood.set(*new);
            }
            let event = fact(deed, number, now, simulation.log());
            simulation.play(event).expect("comes to rest");
            let record = Record::read(simulation.log());
            prop_assert!(record.wrong.is_empty(), "{}", record.wrong.join("\n"));
            // Whatever mail servers refused before: with an on-call address nothing urgent is dropped.
            let over = |id: &&AlertId| record.heard.contains_key(*id) || record.ended.contains_key(*id);
            let dropped: Vec<_> = record.urgent.difference(&record.written).filter(|id| !over(id)).collect();
            prop_assert!(dropped.is_empty(), "nobody was written to about {dropped:?}");
        }
        mood.set(Mood::Takes);
        simulation.advance_to(now + minutes(60 * 24 * 3)).expect("comes to rest");
        let record = Record::read(simulation.log());
        prop_assert!(record.wrong.is_empty(), "{}", record.wrong.join("\n"));
    }
}
