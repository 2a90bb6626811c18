//! Charts for the tests: facts as JSON, folded as they would be from a log.

use care::time::Timestamp;
use care::{Chart, Event, Policy};
use outcomes::{Options, Report};
use serde_json::{Value, json};

/// One patient's facts, all days and times in UTC.
pub(crate) struct Story {
    patient: String,
    count: u32,
    pub(crate) chart: Chart,
}

impl Story {
    /// A plan `cp-1` from this day on.
    pub(crate) fn new(patient: &str, day: &str) -> Self {
        let mut story = Self {
            patient: patient.to_owned(),
            count: 0,
            chart: Chart::new(patient.parse().unwrap()),
        };
        story.plan("cp-1", day);
        story
    }

    pub(crate) fn fact(&mut self, kind: &str, time: &str, data: &Value) -> &mut Self {
        self.count += 1;
        let line = json!({
            "specversion": "1.0", "id": format!("{}-{}", self.patient, self.count), "source": "urn:test:registry",
            "type": format!("carebus.{kind}.v1"), "subject": format!("acme/patient/{}", self.patient),
            "time": time, "data": data,
        });
        self.chart.apply(&Event::decode_line(&line.to_string()).unwrap());
        self
    }

    pub(crate) fn plan(&mut self, id: &str, day: &str) -> &mut Self {
        let data = json!({"plan_id": id, "revision": 1, "timezone": "UTC", "started_on": day, "team": []});
        self.fact("plan.activated", &format!("{day}T00:00:00Z"), &data)
    }

    pub(crate) fn completed(&mut self, id: &str, time: &str) -> &mut Self {
        self.fact(
            "plan.completed",
            time,
            &json!({"plan_id": id, "revision": 2, "reason": "recovered"}),
        )
    }

    pub(crate) fn ea(&mut self, id: &str, time: &str) -> &mut Self {
        self.fact(
            "session.completed",
            time,
            &json!({"session_id": id, "revision": 1, "started_at": time, "modality": "ea"}),
        )
    }

    pub(crate) fn assess(&mut self, kind: &str, time: &str, data: &Value) -> &mut Self {
        let mut whole = json!({
            "assessment_id": format!("a-{}", self.count), "performed_at": time, "by": {"role": "patient"},
        });
        whole
            .as_object_mut()
            .unwrap()
            .extend(data.as_object().unwrap().clone());
        self.fact(&format!("assessment.{kind}"), time, &whole)
    }

    pub(crate) fn vas(&mut self, time: &str, value: u8) -> &mut Self {
        self.assess("pain", time, &json!({"scale": "vas", "value": value}))
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A figure of a report on these charts that hides nothing.
pub(crate) fn figure(charts: &[Chart], until: &str, [measure, group, statistic]: [&str; 3]) -> Value {
    let options = Options {
        min_cell: 1,
        ..Options::default()
    };
    let report = Report::of(charts.iter(), &Policy::default(), None, at(until), &options);
    let block = report.blocks.iter().find(|b| b.measure == measure).unwrap();
    let wanted = block
        .figures
        .iter()
        .find(|f| f.group == group && f.statistic == statistic);
    serde_json::to_value(wanted.unwrap()).unwrap()["value"].clone()
}
