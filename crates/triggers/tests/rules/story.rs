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
pub(crate) const PATIENT: &str = r#"{"role":"patient"}"#;

pub(crate) struct Story {
    pub(crate) chart: Chart,
    pub(crate) policy: Policy,
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

impl Story {
    /// Nothing known but the patient.
    pub(crate) fn bare() -> Self {
        Self {
            chart: Chart::new(PatientId::new("p-1").expect("an id")),
            policy: Policy::default(),
            events: 0,
            raised: Vec::new(),
            escalated: Vec::new(),
            resolved: Vec::new(),
            reports: Vec::new(),
        }
    }

    /// A plan in force since 1 June 2026.
    pub(crate) fn new() -> Self {
        let mut story = Self::bare();
        story.tell("plan.activated", "2026-06-01T10:00", plan(json!({})));
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

    /// An EA that took place, a walk-in, of 45 minutes.
    pub(crate) fn attend(&mut self, id: &str, start: &str, delivered: Value) {
        let end = at(start).checked_add(care::time::minutes(45)).expect("a time");
        let mut data = json!({"session_id": id, "revision": 2, "modality": "ea", "started_at": at(start).to_string(),
            "ended_at": end.to_string()});
        if !delivered.is_null() {
            data["delivered"] = delivered;
        }
        self.tell("session.completed", &end.to_string(), data);
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
            self.chart.apply(&draft.at(&org, now));
        }
        assert_eq!(
            triggers::react(&self.chart, &self.policy, now).facts,
            [],
            "asked twice"
        );
        lines
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
