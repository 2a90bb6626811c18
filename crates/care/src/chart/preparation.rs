//! How the attended PT was prepared: counted from what took place, not from what was planned.

use super::{Chart, PlanRecord, Session, SessionStatus};
use crate::fact::session::Modality;
use crate::policy::Policy;
use crate::time::{SignedDuration, Timestamp, hours};

/// Attended PT sessions of a stretch of time, and how many of them an attended EA came before at the right distance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Preparation {
    /// PT sessions that took place.
    pub pt_attended: u32,
    /// Of these, with an EA in the acceptable gap; those on target are among them.
    pub acceptable: u32,
    /// Of these, with an EA on target.
    pub on_target: u32,
}

impl Chart {
    /// Counts the PT sessions that began in `from..until`.
    ///
    /// The gap goes from the start of an EA that took place to the start of the PT, both as they really began, and
    /// its ends count: 24 and 72 h are acceptable. What the plan aims at is acceptable to it, as for placing. One EA
    /// may prepare several PT, and an EA before `from` prepares a PT after it.
    #[must_use]
    pub fn preparation(&self, policy: &Policy, from: Timestamp, until: Timestamp) -> Preparation {
        let took_place = |modality| {
            let all = self.sessions.values();
            let of =
                move |s: &&Session| s.status() == SessionStatus::Completed && s.modality() == Some(modality);
            all.filter(of).filter_map(Session::start)
        };
        let gaps = Gaps::new(self, policy);
        let ea: Vec<Timestamp> = took_place(Modality::Ea).collect();
        let mut counts = Preparation::default();
        for pt in took_place(Modality::Pt).filter(|pt| (from..until).contains(pt)) {
            let gap = |ea: &Timestamp| pt.duration_since(*ea);
            counts.pt_attended += 1;
            counts.acceptable += u32::from(ea.iter().map(gap).any(|gap| gaps.is_acceptable(gap)));
            counts.on_target += u32::from(ea.iter().map(gap).any(|gap| gaps.is_on_target(gap)));
        }
        counts
    }
}

/// The gaps of the current plan.
struct Gaps {
    on_target: (SignedDuration, SignedDuration),
    acceptable: (SignedDuration, SignedDuration),
}

impl Gaps {
    fn new(chart: &Chart, policy: &Policy) -> Self {
        let s = &policy.scheduling;
        let h = |n: u16| hours(i64::from(n));
        let own = chart
            .plan()
            .and_then(PlanRecord::plan)
            .and_then(|p| p.ea.lead_hours);
        let lead = h(own.unwrap_or(s.lead_hours));
        let on_target = (lead - h(s.on_target_hours), lead + h(s.on_target_hours));
        Self {
            on_target,
            acceptable: (
                on_target.0.min(h(s.acceptable_min_hours)),
                on_target.1.max(h(s.acceptable_max_hours)),
            ),
        }
    }

    fn is_on_target(&self, gap: SignedDuration) -> bool {
        is_ahead(gap) && (self.on_target.0..=self.on_target.1).contains(&gap)
    }

    fn is_acceptable(&self, gap: SignedDuration) -> bool {
        is_ahead(gap) && (self.acceptable.0..=self.acceptable.1).contains(&gap)
    }
}

/// A lead shorter than its tolerance must not let an EA after the PT prepare it.
fn is_ahead(gap: SignedDuration) -> bool {
    gap > SignedDuration::ZERO
}
