//! The EA sessions of a chart that took place, whatever plan they belong to, with the pain right before and after.

use care::Chart;
use care::chart::{PainReading, SessionStatus};
use care::fact::session::Modality;
use care::id::SessionId;
use care::measure::pain::Context;
use care::time::{Timestamp, hours};

use crate::assumed::PAIRING_HOURS;

/// An EA session that took place.
#[derive(Debug, Clone, PartialEq)]
pub struct Treated {
    /// Which.
    pub session: SessionId,
    /// Its start.
    pub start: Timestamp,
    /// An adverse event names it.
    pub had_event: bool,
    /// `(before − after) / before`, from the score just before to the one half an hour after the needles went in.
    pub acute_drop: Option<f64>,
}

impl Treated {
    /// Those of a chart before `now`, by start.
    #[must_use]
    pub fn all(chart: &Chart, now: Timestamp) -> Vec<Self> {
        let mut treated: Vec<Self> = chart
            .sessions
            .iter()
            .filter(|(_, s)| s.status() == SessionStatus::Completed && s.modality() == Some(Modality::Ea))
            .filter_map(|(id, s)| Some((id, s.start().filter(|start| *start < now)?)))
            .map(|(id, start)| Self {
                session: id.clone(),
                start,
                had_event: false,
                acute_drop: None,
            })
            .collect();
        treated.sort_by(|a, b| (a.start, &a.session).cmp(&(b.start, &b.session)));
        let pains = chart.pains();
        let starts: Vec<Timestamp> = treated.iter().map(|t| t.start).collect();
        for (index, one) in treated.iter_mut().enumerate() {
            let previous = index.checked_sub(1).and_then(|i| starts.get(i)).copied();
            let next = starts.get(index + 1).copied();
            one.acute_drop = acute_drop(&pains, (previous, one.start, next), now);
        }
        treated
    }
}

/// From the last score before, of this session and not of the one before it, to the first one after. A score of zero
/// before gives nothing to divide by; two scales are not compared.
fn acute_drop(
    pains: &[PainReading],
    (previous, start, next): (Option<Timestamp>, Timestamp, Option<Timestamp>),
    now: Timestamp,
) -> Option<f64> {
    let near = |at: Timestamp| at.duration_since(start).abs() <= hours(PAIRING_HOURS);
    let mut of_session = pains.iter().filter(|p| {
        near(p.at)
            && p.at < now
            && previous.is_none_or(|previous| p.at > previous)
            && next.is_none_or(|next| p.at < next)
    });
    let after = of_session
        .clone()
        .find(|p| p.pain.context() == Context::Post30min && p.at > start)?;
    let before = of_session.rfind(|p| p.pain.context() == Context::PreSession && p.at < after.at)?;
    let (before, after) = (before.pain, after.pain);
    let comparable = before.scale() == after.scale() && before.value() > 0;
    let (from, to) = (f64::from(before.value()), f64::from(after.value()));
    comparable.then_some((from - to) / from)
}
