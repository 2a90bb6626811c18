//! The starts that a practitioner's hours leave open, listed once for many PT sessions.

use std::collections::BTreeMap;

use care::time::{SignedDuration, Timestamp};

use crate::rules::Window;
use crate::table::Table;

/// The practitioner's open starts, once for all PT sessions, by length of session.
#[derive(Default)]
pub(crate) struct OpenStarts(BTreeMap<SignedDuration, Vec<Timestamp>>);

impl OpenStarts {
    /// Covers the windows of these PT sessions, (case, PT).
    pub(crate) fn cover(&mut self, table: &Table<'_>, needs: &[(usize, usize)]) {
        let Some(hours) = table.practitioner.and_then(|p| p.hours.as_ref()) else {
            return;
        };
        let mut spans: BTreeMap<SignedDuration, (Timestamp, Timestamp)> = BTreeMap::new();
        for &(case, pt) in needs {
            let case = &table.cases[case];
            let (from, to) = table
                .rules
                .window(case.pts[pt].start, case.lead_hours, &case.zone)
                .acceptable;
            let span = spans.entry(case.length).or_insert((from, to));
            *span = (span.0.min(from), span.1.max(to));
        }
        for (length, (from, to)) in spans {
            self.0
                .insert(length, hours.starts(from.max(table.now), to, length).collect());
        }
    }

    /// The starts in a window.
    pub(crate) fn within(&self, length: SignedDuration, window: &Window) -> &[Timestamp] {
        let starts = self.0.get(&length).map_or(&[][..], Vec::as_slice);
        let from = starts.partition_point(|s| *s < window.acceptable.0);
        let to = starts.partition_point(|s| *s <= window.acceptable.1);
        &starts[from..to.max(from)]
    }

    /// The longest list, with its length of session: what days look like.
    pub(crate) fn usual(&self) -> Option<(SignedDuration, &[Timestamp])> {
        self.0
            .iter()
            .max_by_key(|(_, starts)| starts.len())
            .map(|(length, starts)| (*length, &starts[..]))
    }
}
