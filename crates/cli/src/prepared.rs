//! PT sessions beside the EA that prepares each, with the gap between them.

use care::Chart;
use care::chart::{Session, SessionStatus};
use care::fact::session::Modality;
use care::id::{ClinicId, PractitionerId, SessionId};
use care::sentence::{hours_between, modality, moment};
use care::time::{TimeZone, Timestamp};
use serde::Serialize;

use crate::output::{Tone, Value};

/// One appointment.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Visit {
    session_id: SessionId,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    practitioner: Option<PractitionerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clinic: Option<ClinicId>,
}

/// A PT session and what prepares it; or an EA that prepares none.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pt: Option<Visit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ea: Option<Visit>,
    /// Minutes from the start of the EA to the start of the PT, unless the EA is held.
    #[serde(skip_serializing_if = "Option::is_none")]
    gap_min: Option<i64>,
    /// What stands in the way of an EA.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) unprepared: Vec<String>,
    /// What people could do instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alternatives: Vec<Instead>,
}

/// Another slot.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Instead {
    modality: Modality,
    start: Timestamp,
}

/// Names of the columns of [`Row::cells`].
pub(crate) const HEADER: [&str; 5] = ["PT", "status", "EA before it", "status", "hours between"];

/// Every PT session by start, then every EA that prepares none.
pub(crate) fn rows(chart: &Chart) -> Vec<Row> {
    let of = |modality| {
        chart
            .sessions
            .iter()
            .filter(move |(_, s)| s.modality() == Some(modality))
    };
    let mut rows: Vec<Row> = of(Modality::Pt)
        .map(|(id, session)| row_of_pt(chart, id, session))
        .collect();
    let lone = |session: &Session| {
        let standing = session.status().occupies() || session.status() == SessionStatus::Completed;
        standing && !session.prepares().iter().any(|pt| is_standing(chart, pt))
    };
    let others = chart
        .sessions
        .iter()
        .filter(|(_, s)| s.modality() != Some(Modality::Pt) && lone(s));
    rows.extend(others.map(|(id, session)| Row {
        pt: None,
        ea: Some(visit(id, session)),
        gap_min: None,
        unprepared: Vec::new(),
        alternatives: Vec::new(),
    }));
    rows.sort_by_key(|row| {
        row.pt
            .as_ref()
            .or(row.ea.as_ref())
            .map(|v| (v.start, v.session_id.clone()))
    });
    rows
}

fn is_standing(chart: &Chart, pt: &SessionId) -> bool {
    chart
        .sessions
        .get(pt)
        .is_some_and(|s| s.status() != SessionStatus::Cancelled)
}

fn row_of_pt(chart: &Chart, id: &SessionId, pt: &Session) -> Row {
    let counts = |s: &Session| s.status().occupies() || s.status() == SessionStatus::Completed;
    let prepares =
        |s: &&Session| s.modality() != Some(Modality::Pt) && counts(s) && s.prepares().contains(id);
    let ea = chart
        .sessions
        .iter()
        .filter(|(_, s)| prepares(s))
        .max_by_key(|(_, s)| s.start());
    let ea = ea.filter(|_| pt.status() != SessionStatus::Cancelled);
    let takes_place = |s: &Session| s.status().is_expected() || s.status() == SessionStatus::Completed;
    let gap = ea.filter(|(_, ea)| takes_place(ea));
    let gap = gap.and_then(|(_, ea)| Some(pt.start()?.duration_since(ea.start()?).as_mins()));
    let told = chart
        .unprepared
        .range((id.clone(), 0)..=(id.clone(), u64::MAX))
        .next_back()
        .map(|(_, told)| &told.value);
    let told = told.filter(|_| ea.is_none() && pt.status() != SessionStatus::Cancelled);
    Row {
        pt: Some(visit(id, pt)),
        ea: ea.map(|(id, session)| visit(id, session)),
        gap_min: gap,
        unprepared: told.map_or_else(Vec::new, |t| {
            t.reasons.iter().map(|r| r.constraint.clone()).collect()
        }),
        alternatives: told.map_or_else(Vec::new, |t| t.alternatives.iter().map(instead).collect()),
    }
}

fn instead(alternative: &care::fact::session::Alternative) -> Instead {
    Instead {
        modality: alternative.modality,
        start: alternative.start,
    }
}

fn visit(id: &SessionId, session: &Session) -> Visit {
    Visit {
        session_id: id.clone(),
        start: session.start(),
        end: session.end(),
        status: session.status().code(),
        practitioner: session.practitioner().cloned(),
        clinic: session.clinic().cloned(),
    }
}

impl Row {
    /// As a row of a table, times in `zone`.
    pub(crate) fn cells(&self, zone: &TimeZone) -> Vec<Value> {
        let when = |visit: Option<&Visit>| {
            visit
                .and_then(|v| v.start)
                .map_or_else(|| "–".to_owned(), |start| moment(start, zone))
        };
        let status = |visit: Option<&Visit>| visit.map_or("", |v| v.status);
        let between = match (self.gap_min, &self.ea) {
            (Some(minutes), _) => span(minutes).into(),
            (None, Some(_)) if self.pt.is_some() => Value::toned("unprepared: hold", Tone::Warn),
            (None, None) if !self.unprepared.is_empty() => {
                let of = |i: &Instead| format!("{} {}", modality(i.modality), moment(i.start, zone));
                let instead: Vec<String> = self.alternatives.iter().map(of).collect();
                let or = if instead.is_empty() {
                    String::new()
                } else {
                    format!("; instead {}", instead.join(" or "))
                };
                Value::toned(
                    format!("unprepared: {}{or}", self.unprepared.join(", ")),
                    Tone::Warn,
                )
            }
            _ => "".into(),
        };
        vec![
            when(self.pt.as_ref()).into(),
            status(self.pt.as_ref()).into(),
            when(self.ea.as_ref()).into(),
            status(self.ea.as_ref()).into(),
            between,
        ]
    }
}

/// `48 h`, `64.8 h`.
fn span(minutes: i64) -> String {
    let at = |minutes| Timestamp::from_second(60 * minutes).unwrap_or_default();
    hours_between(at(0), at(minutes))
}
