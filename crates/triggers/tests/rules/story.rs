//! A patient's log, a chart that folds it, and what the worker says to it.

use care::chart::Chart;
use care::fact::ours::{AlertEscalated, AlertRaised, AlertResolved, Report};
use care::id::{OrgId, PatientId};
use care::time::Timestamp;
use care::{Event, Fact, Policy};
use serde_json::{Value, json};

/// Clinicians who may end a hold, and people who may not.
pub(crate) const ACU: &str = r#"{"role":"acupuncturist","member_id":"m-3"}"#;
pub(crate) const PCP: &str = r#"{"role":"pcp","member_id":"m-1"}"#;
pub(crate) const PHYS: &str = r#"{"role":"physiatrist","member_id":"m-2"}"#;
pub(crate) const PATIENT: &str = r#"{"role":"patient"}"#;

pub(crate) struct Story {
    pub(crate) chart: Chart,
    pub(crate) policy: Policy,
    /// Whether somebody takes on at once what is urgent; the clock of what nobody takes on is a story of its own.
    pub(crate) answers: bool,
    events: u32,
    raised: Vec<AlertRaised>,
    escalated: Vec<AlertEscalated>,
    resolved: Vec<AlertResolved>,
    pub(crate) reports: Vec<Report>,
}

pub(crate) fn at(text: &str) -> Timestamp {
    let text = if text.len() == 16 {
        format!("{text}:00Z")
    } else {
        text.to_owned()
    };
    text.parse().expect("an instant such as 2026-06-01T10:00")
}

pub(crate) fn event(id: &str, name: &str, time: Timestamp, data: Value) -> Event {
    let line = json!({
        "specversion": "1.0", "id": id, "source": "urn:carebus:acme:clinic", "type": format!("carebus.{name}.v1"),
        "subject": "acme/patient/p-1", "time": time.to_string(), "datacontenttype": "application/json", "data": data,
    });
    Event::decode_line(&line.to_string()).unwrap_or_else(|e| panic!("{name}: {e}\n{line}"))
}

/// A plan from 1 June 2026 with everybody on it; `with` replaces fields.
pub(crate) fn plan(with: Value) -> Value {
    let mut plan = json!({
        "plan_id": "cp-1", "revision": 1, "timezone": "America/Toronto", "started_on": "2026-06-01",
        "patient": {"birth_year": 1986, "osteoporosis": "no", "prolonged_steroids": "no"},
        "team": [
            {"role": "pcp", "member_id": "m-1", "email": "lee@pcp.example"},
            {"role": "physiatrist", "member_id": "m-2", "email": "p@phys.example"},
            {"role": "acupuncturist", "member_id": "m-3", "practitioner": "acu-1", "email": "a@acu.example"},
            {"role": "care_coordinator", "member_id": "m-5", "email": "c@clinic.example"},
        ],
        "ea": {"points": ["BL23", "BL25", "GB34", "ST36"]},
        "oswestry": {"baseline_on": "2026-06-01"},
    });
    let (Value::Object(plan_fields), Value::Object(with)) = (&mut plan, with) else {
        panic!("objects")
    };
    plan_fields.extend(with);
    plan
}

/// What an EA delivers that is as agreed, and recorded whole.
pub(crate) fn good() -> Value {
    json!({"mode": "electro", "points": ["BL23", "BL25", "GB34", "ST36"], "frequency_hz": 2, "retention_min": 25,
        "single_use_sterile": true})
}

/// The same with other fields; `null` takes one away.
pub(crate) fn with(fields: Value) -> Value {
    let mut delivered = good();
    for (key, value) in fields.as_object().into_iter().flatten() {
        delivered[key] = value.clone();
        if let (true, Value::Object(all)) = (value.is_null(), &mut delivered) {
            all.remove(key);
        }
    }
    delivered
}

impl Story {
    /// Nothing known but the patient.
    pub(crate) fn bare() -> Self {
        Self {
            chart: Chart::new(PatientId::new("p-1").expect("an id")),
            policy: Policy::default(),
            answers: true,
            events: 0,
            raised: Vec::new(),
            escalated: Vec::new(),
            resolved: Vec::new(),
            reports: Vec::new(),
        }
    }

    /// A plan in force since 1 June 2026, and the word that no pattern applies.
    pub(crate) fn new() -> Self {
        let mut story = Self::bare();
        story.tell("plan.activated", "2026-06-01T10:00", plan(json!({})));
        story.pattern("2026-06-01T10:00", "none_applied");
        story
    }

    pub(crate) fn tell(&mut self, name: &str, time: &str, data: Value) {
        self.events += 1;
        self.chart
            .apply(&event(&format!("e-{}", self.events), name, at(time), data));
    }

    /// An assessment; its id is `kind-time`, so that it can be taken back.
    pub(crate) fn assess(&mut self, kind: &str, time: &str, by: &str, mut data: Value) -> String {
        let id = format!("{kind}-{}", time.replace([':', 'T'], "-"));
        data["assessment_id"] = json!(id);
        data["performed_at"] = json!(at(time).to_string());
        data["by"] = serde_json::from_str(by).expect("who");
        self.tell(&format!("assessment.{kind}"), time, data);
        id
    }

    pub(crate) fn retract(&mut self, time: &str, assessment: &str) {
        self.tell(
            "assessment.retracted",
            time,
            json!({"assessment_id": assessment, "reason": "wrong patient"}),
        );
    }

    pub(crate) fn screening(&mut self, time: &str, by: &str, item: &str, value: &str, with: Value) -> String {
        let mut data = json!({"item": item, "value": value});
        for (key, value) in with.as_object().into_iter().flatten() {
            data[key] = value.clone();
        }
        self.assess("screening", time, by, data)
    }

    pub(crate) fn flag(&mut self, time: &str, items: &[&str], with: Value) -> String {
        let mut data = json!({"items": items});
        for (key, value) in with.as_object().into_iter().flatten() {
            data[key] = value.clone();
        }
        self.assess("red_flag", time, PATIENT, data)
    }

    pub(crate) fn review(&mut self, time: &str, outcome: &str) -> String {
        self.assess("red_flag_review", time, PCP, json!({"outcome": outcome}))
    }

    pub(crate) fn pattern(&mut self, time: &str, pattern: &str) -> String {
        self.assess("pattern", time, ACU, json!({"pattern": pattern}))
    }

    pub(crate) fn imaging(&mut self, time: &str, seen: Value) -> String {
        self.assess("imaging", time, PHYS, seen)
    }

    pub(crate) fn exam(&mut self, time: &str, myotome: &str, grade: u8, progressive: &str) -> String {
        let exam = json!({"myotome": myotome, "mrc_grade": grade, "progressive": progressive});
        self.assess("exam", time, PHYS, exam)
    }

    /// Ten sections of equal score, with the sum made up in the first ones.
    pub(crate) fn oswestry(&mut self, time: &str, sum: u16) -> String {
        let items: Vec<u16> = (0..10).map(|i| sum / 10 + u16::from(i < sum % 10)).collect();
        self.assess(
            "oswestry",
            time,
            PATIENT,
            json!({"instrument_version": "2.1a", "items": items}),
        )
    }

    pub(crate) fn pain(&mut self, time: &str, value: u8) -> String {
        self.assess("pain", time, PATIENT, json!({"scale": "vas", "value": value}))
    }

    /// An EA of 45 minutes, booked on 1 June at 12:00.
    pub(crate) fn book(&mut self, id: &str, start: &str, points: Value) {
        let end = at(start).checked_add(care::time::minutes(45)).expect("a time");
        let mut data = json!({"session_id": id, "revision": 1, "modality": "ea", "start": at(start).to_string(),
            "end": end.to_string(), "practitioner": "acu-1", "status": "booked"});
        if !points.is_null() {
            data["points"] = points;
        }
        self.tell("session.booked", "2026-06-01T12:00", data);
    }

    /// An EA that took place, a walk-in, of 45 minutes; `null`: as agreed, and recorded whole.
    pub(crate) fn attend(&mut self, id: &str, start: &str, delivered: Value) {
        let end = at(start).checked_add(care::time::minutes(45)).expect("a time");
        let mut data = json!({"session_id": id, "revision": 2, "modality": "ea", "started_at": at(start).to_string(),
            "ended_at": end.to_string()});
        data["delivered"] = if delivered.is_null() { good() } else { delivered };
        self.tell("session.completed", &end.to_string(), data);
    }

    /// A pain score of any scale and question.
    pub(crate) fn score(&mut self, time: &str, scale: &str, value: u8, context: &str) {
        let data = json!({"scale": scale, "value": value, "context": context});
        self.assess("pain", time, PATIENT, data);
    }

    /// A baseline on 2 June and up to ten sessions on 3, 5, 8, 10, 12, 15 … June.
    pub(crate) fn course(scale: &str, baseline: u8, sessions: usize) -> Self {
        let mut story = Self::new();
        story.score("2026-06-02T10:00", scale, baseline, "now");
        let days = ["03", "05", "08", "10", "12", "15", "17", "19", "22", "24"];
        for day in &days[..sessions] {
            story.attend(&format!("s{day}"), &format!("2026-06-{day}T14:00"), json!(null));
        }
        story
    }

    /// So many EA, every second day from 3 June on.
    pub(crate) fn attend_every_second_day(&mut self, n: i64) {
        for i in 0..n {
            let start = at("2026-06-03T14:00") + care::time::hours(48 * i);
            self.attend(&format!("s{i}"), &start.to_string(), json!(null));
        }
    }

    /// PT that took place, a walk-in.
    pub(crate) fn attend_pt(&mut self, time: &str) {
        let data = json!({"session_id": format!("pt-{}", &time[5..10]), "modality": "pt",
            "started_at": at(time).to_string()});
        self.tell("session.completed", time, data);
    }

    /// What the worker says at `now`, one line each, folded into the chart.
    pub(crate) fn poll(&mut self, now: &str) -> Vec<String> {
        let now = at(now);
        let org = OrgId::new("acme").expect("an org");
        let mut lines = Vec::new();
        for draft in triggers::react(&self.chart, &self.policy, now).facts {
            match &draft.fact {
                // They speak for themselves; who wants them reads them off the story.
                Fact::ReportProgress(report) | Fact::ReportOutcome(report) => {
                    self.reports.push(report.clone());
                }
                fact => lines.push(self.line(fact)),
            }
            let event = draft.at(&org, now);
            self.chart.apply(&event);
            if let Fact::AlertRaised(a) = &event.fact
                && a.severity.is_immediate()
                && self.answers
            {
                self.take_on(&now.to_string(), a.alert_id.as_str());
            }
        }
        assert_eq!(
            triggers::react(&self.chart, &self.policy, now).facts,
            [],
            "asked twice"
        );
        lines
    }

    /// What the worker says of one rule; the others have their say elsewhere.
    pub(crate) fn said(&mut self, rule: &str, now: &str) -> Vec<String> {
        let mut lines = self.poll(now);
        lines.retain(|line| line.split(' ').next() == Some(rule));
        lines
    }

    /// The last alert of a rule.
    pub(crate) fn raised_by(&self, rule: &str) -> &AlertRaised {
        let mut raised = self.raised.iter().rev();
        raised.find(|a| a.rule.as_str() == rule).expect("an alert")
    }

    /// The last alert of a rule, if there is one.
    pub(crate) fn last_of(&self, rule: &str) -> Option<&AlertRaised> {
        self.raised.iter().rfind(|a| a.rule.as_str() == rule)
    }

    /// The last alert that was raised.
    pub(crate) fn raised(&self) -> &AlertRaised {
        self.raised.last().expect("an alert")
    }

    pub(crate) fn escalated(&self) -> &AlertEscalated {
        self.escalated.last().expect("an escalation")
    }

    fn line(&mut self, fact: &Fact) -> String {
        match fact {
            Fact::AlertRaised(a) => {
                self.raised.push(a.clone());
                format!("{} {}", a.rule, a.severity.code())
            }
            Fact::AlertEscalated(a) => {
                self.escalated.push(a.clone());
                format!("{} again: {}", self.rule_of(&a.alert_id), a.reason)
            }
            Fact::AlertResolved(a) => {
                self.resolved.push(a.clone());
                format!("{} ends: {}", self.rule_of(&a.alert_id), a.outcome)
            }
            other => panic!("not ours: {}", other.name()),
        }
    }

    fn rule_of(&self, alert: &care::id::AlertId) -> String {
        let known = self.raised.iter().find(|r| r.alert_id == *alert);
        known.map_or_else(|| "unknown".to_owned(), |r| r.rule.to_string())
    }

    /// A person takes an alert on.
    pub(crate) fn take_on(&mut self, time: &str, alert: &str) {
        let by: Value = serde_json::from_str(PCP).expect("who");
        self.tell("alert.acknowledged", time, json!({"alert_id": alert, "by": by}));
    }

    /// A mail about something, and how it ended: `sent`, `rejected`, `unknown`, `abandoned`, …
    pub(crate) fn mail(
        &mut self,
        time: &str,
        id: &str,
        member: &str,
        about: &[&str],
        ended: &str,
        with: Value,
    ) {
        for name in ["notice.attempted", &format!("notice.{ended}")] {
            let mut data = json!({"notice_id": id, "member_id": member, "channel": "mail", "about": about,
                "message_id": format!("{id}@carebus.local"), "attempt": 1});
            for (key, value) in with
                .as_object()
                .into_iter()
                .flatten()
                .filter(|_| name != "notice.attempted")
            {
                data[key] = value.clone();
            }
            self.tell(name, time, data);
        }
    }

    /// A person closes the last alert.
    pub(crate) fn close_last(&mut self, time: &str) {
        let id = self.raised().alert_id.to_string();
        let by: Value = serde_json::from_str(PCP).expect("who");
        self.tell(
            "alert.resolved",
            time,
            json!({"alert_id": id, "by": by, "outcome": "seen"}),
        );
    }
}

pub(crate) const NOTHING: [&str; 0] = [];
