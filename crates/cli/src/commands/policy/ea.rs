//! The EA before each PT session, under one policy and under another.

use std::collections::BTreeMap;

use care::Chart;
use care::chart::{Session, SessionStatus};
use care::fact::session::Modality;
use care::id::{PatientId, SessionId};
use care::time::Timestamp;
use engine::Simulation;
use serde::Serialize;

use super::compare::{Detail, Window};

/// PT sessions by whose and which: their start, and that of their EA.
type Prepared = BTreeMap<(PatientId, SessionId), (Timestamp, Option<Timestamp>)>;

/// What became of the EA before each PT session.
#[derive(Debug, Default, Serialize)]
pub(super) struct Moved {
    pub(super) pt_sessions: usize,
    pub(super) same: usize,
    pub(super) earlier: usize,
    pub(super) later: usize,
    /// Prepared under the present policy, not under the new one.
    pub(super) lost: usize,
    /// The other way round.
    pub(super) gained: usize,
}

/// Each PT session from the beginning of the window on, those still ahead at its end too, with the EA that prepares it.
pub(super) fn prepared(window: &Window, simulation: &Simulation) -> Prepared {
    let mut prepared = Prepared::new();
    for chart in simulation.engine().charts() {
        for (id, pt) in &chart.sessions {
            let is_pt = pt.modality() == Some(Modality::Pt);
            if let Some(start) = pt.start().filter(|start| is_pt && *start >= window.since) {
                let key = (chart.patient.clone(), id.clone());
                prepared.insert(key, (start, ea_before(&chart, id)));
            }
        }
    }
    prepared
}

fn ea_before(chart: &Chart, pt: &SessionId) -> Option<Timestamp> {
    let stands = |session: &&Session| {
        session.prepares().contains(pt)
            && (session.status().occupies() || session.status() == SessionStatus::Completed)
    };
    chart
        .sessions
        .values()
        .filter(stands)
        .filter_map(Session::start)
        .max()
}

/// How the EA of the same PT sessions differ.
pub(super) fn moved(present: &Prepared, new: &Prepared) -> (Moved, Vec<Detail>) {
    let mut moved = Moved::default();
    let mut details = Vec::new();
    for ((patient, pt), (start, before)) in present {
        let after = new.get(&(patient.clone(), pt.clone())).and_then(|(_, ea)| *ea);
        moved.pt_sessions += 1;
        match (before, after) {
            (None, Some(_)) => moved.gained += 1,
            (Some(_), None) => moved.lost += 1,
            (Some(before), Some(after)) if after < *before => moved.earlier += 1,
            (Some(before), Some(after)) if after > *before => moved.later += 1,
            _ => {
                moved.same += 1;
                continue;
            }
        }
        details.push(Detail::EaMoved {
            patient: patient.clone(),
            pt: pt.clone(),
            pt_start: *start,
            present: *before,
            new: after,
        });
    }
    (moved, details)
}
