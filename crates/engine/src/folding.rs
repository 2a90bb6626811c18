//! Which charts are open: those at work and those touched lately; the rest is folded small.

use care::About;
use care::id::PatientId;

use crate::Engine;
use crate::flight::Flight;

/// Open charts at most, some 10 kB each: facts about more patients than that within some seconds cost a folding (some
/// 4 µs) each.
const OPEN_MAX: usize = if cfg!(test) { 64 } else { 2048 };
/// Rounds for which an untouched chart stays open.
const ROUNDS_OPEN: u64 = 10;

impl Engine {
    /// Opens a patient's chart to be worked on.
    pub(crate) fn open(&mut self, id: &PatientId) {
        let Some(entry) = self.patients.get_mut(id) else {
            return;
        };
        // A chart is born open, and then it is not in the queue yet.
        if !entry.chart.is_open() || entry.touched == 0 {
            entry.chart.open();
            self.open.push_back(id.clone());
        }
        entry.touched = self.round + 1;
        if self.open.len() > OPEN_MAX {
            self.fold_some(OPEN_MAX / 64, self.round + 1, false);
        }
    }

    /// Folds a chart that was opened last.
    pub(crate) fn shut(&mut self, id: &PatientId) {
        if let Some(entry) = self.patients.get_mut(id) {
            entry.chart.fold();
        }
        if self.open.back() == Some(id) {
            self.open.pop_back();
        }
    }

    /// Folds up to `most` charts that nobody has touched for a while; returns how many. Whether and when it is called
    /// changes the memory taken, and nothing else. A caller calls it about once a second.
    pub fn fold_idle(&mut self, most: usize) -> usize {
        self.round += 1;
        let untouched_since = self.round.saturating_sub(ROUNDS_OPEN);
        // Somebody who is asked soon is not folded first.
        self.fold_some(most, untouched_since, self.polled)
    }

    /// How many charts are open.
    #[must_use]
    pub fn open_charts(&self) -> usize {
        self.open.len()
    }

    /// Folds up to `most` of the charts that were open longest and last touched by `until`; `but_dirty` spares those
    /// that are looked at next.
    fn fold_some(&mut self, most: usize, until: u64, but_dirty: bool) -> usize {
        let mut folded = 0;
        for _ in 0..self.open.len().min(most.saturating_mul(2)) {
            if folded == most {
                break;
            }
            let Some(id) = self.open.pop_front() else { break };
            let is_waited_for = but_dirty && self.dirty.contains(&About::Patient(id.clone()));
            let Some(entry) = self.patients.get_mut(&id) else {
                continue;
            };
            if entry.touched > until || is_waited_for || !Flight::is_idle(&entry.flight) {
                self.open.push_back(id);
            } else {
                entry.chart.fold();
                folded += 1;
            }
        }
        folded
    }
}

#[cfg(test)]
mod tests {
    use care::envelope::Event;
    use care::id::OrgId;
    use care::time::Timestamp;

    use super::*;
    use crate::Settings;

    const START: &str = "2026-06-01T12:00:00Z";

    fn pain(patient: usize, value: usize) -> Event {
        let line = format!(
            r#"{{"specversion":"1.0","id":"e-{patient}-{value}","source":"urn:test:app","type":"carebus.assessment.pain.v1","subject":"acme/patient/p-{patient}","time":"{START}","data":{{"assessment_id":"a-{value}","performed_at":"{START}","by":{{"role":"patient"}},"scale":"vas","value":{value},"context":"now"}}}}"#
        );
        Event::decode_line(&line).unwrap_or_else(|fault| panic!("{fault}"))
    }

    #[test]
    fn no_chart_stays_open_that_is_not_waited_for() {
        let start: Timestamp = START.parse().unwrap();
        let mut engine = Engine::new(Settings::new(
            OrgId::new("acme").unwrap(),
            care::Policy::default(),
        ));
        let is_open = |engine: &Engine| engine.patients.values().filter(|e| e.chart.is_open()).count();
        let mut position = 0;
        for value in 0..3 {
            for patient in 0..10 * OPEN_MAX {
                position += 1;
                engine.apply(&pain(patient, value), position);
            }
            while engine.is_due(start) {
                engine.poll(start);
            }
            assert_eq!(is_open(&engine), engine.open_charts(), "round {value}");
            assert!(engine.open_charts() <= OPEN_MAX, "round {value}");
        }
        for _ in 0..=ROUNDS_OPEN {
            engine.fold_idle(usize::MAX);
        }
        assert_eq!((is_open(&engine), engine.open_charts()), (0, 0));
    }
}
