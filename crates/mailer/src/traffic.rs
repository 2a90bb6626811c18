//! Letters across all patients, counted: what tells a backlog from a day's work.

use std::collections::BTreeMap;

use care::About;
use care::fact::Fact;
use care::fact::ours::{Lane, Notice};
use care::id::MemberId;
use care::policy::Mail;
use care::time::{Timestamp, hours, minutes};

/// Days over which the usual traffic is measured; the last day is left out, or a burst would raise its own limit.
const MEAN_DAYS: i64 = 28;

/// One letter's first claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// To whom.
    pub member: MemberId,
    /// How it travels.
    pub lane: Lane,
    /// When.
    pub at: Timestamp,
}

impl Claim {
    /// Of a fact that claims the first try of a notice.
    #[must_use]
    pub fn of(fact: &Fact, at: Timestamp) -> Option<Self> {
        let Fact::NoticeAttempted(notice) = fact else {
            return None;
        };
        (notice.attempt == 1).then(|| Self::first(notice, at))
    }

    /// Of a notice that was first claimed at `at`.
    #[must_use]
    pub fn first(notice: &Notice, at: Timestamp) -> Self {
        Self {
            member: notice.member_id.clone(),
            lane: notice.lane.unwrap_or(Lane::Routine),
            at,
        }
    }
}

/// Letters of the last weeks. The same claims give the same counts, in whatever order they are noted.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    /// Late letters that nobody released, by when they were claimed.
    late: BTreeMap<Timestamp, u32>,
    /// Everything that is not urgent, by the hour since 1970.
    routine: BTreeMap<i64, u32>,
    /// The last late letter to each recipient, released ones included.
    last: BTreeMap<MemberId, Timestamp>,
    /// When a day's worth of late letters last reached the limit.
    full_at: Option<Timestamp>,
    /// Claims handed out and not in the log yet, by whom they are about.
    pending: BTreeMap<About, Vec<Claim>>,
}

/// A late letter that asks to go.
#[derive(Debug)]
pub(crate) struct Asking<'a> {
    pub(crate) member: &'a MemberId,
    /// When it should have gone.
    pub(crate) due: Timestamp,
    /// Whether a person let it go.
    pub(crate) is_released: bool,
    /// Claims of this very round.
    pub(crate) beside: &'a [Claim],
}

/// Whether it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    /// Now, in this lane.
    Open(Lane),
    /// Another one to the same recipient went out just before: not until then.
    Spaced(Timestamp),
    /// Too much at once: a person decides. Looked at again then, if the burst may be over by itself.
    Held(Option<Timestamp>),
}

impl Traffic {
    /// A claim is in the log.
    pub fn note(&mut self, claim: &Claim, policy: &Mail) {
        if claim.lane == Lane::Urgent {
            return;
        }
        *self.routine.entry(hour(claim.at)).or_default() += 1;
        let newest = self.routine.keys().next_back().copied().unwrap_or(0);
        self.routine = self.routine.split_off(&(newest - 24 * (MEAN_DAYS + 3)));
        if claim.lane == Lane::Routine {
            return;
        }
        let last = self.last.entry(claim.member.clone()).or_insert(claim.at);
        *last = claim.at.max(*last);
        if claim.lane == Lane::Late {
            *self.late.entry(claim.at).or_default() += 1;
            self.fill(claim.at, policy);
        }
    }

    /// Finds out whether the limit was reached at `from`, or by what was claimed within a day after it.
    fn fill(&mut self, from: Timestamp, policy: &Mail) {
        let until = later(from, hours(24));
        let reached = self
            .late
            .range(from..=until)
            .rev()
            .map(|(at, _)| *at)
            .find(|at| self.in_day(*at) >= self.limit(*at, policy));
        self.full_at = self.full_at.max(reached);
        let newest = self.late.keys().next_back().copied().unwrap_or(from);
        self.late = self.late.split_off(&later(newest, hours(-72)));
    }

    /// Claims are on their way to the log.
    pub fn expect(&mut self, about: &About, claims: Vec<Claim>) {
        if !claims.is_empty() {
            self.pending.insert(about.clone(), claims);
        }
    }

    /// They arrived, or never will.
    pub fn forget(&mut self, about: &About) {
        self.pending.remove(about);
    }

    /// Whether a late letter may go.
    pub(crate) fn gate(&self, letter: &Asking<'_>, policy: &Mail, now: Timestamp) -> Gate {
        let under_way = || self.pending.values().flatten().chain(letter.beside);
        if !letter.is_released {
            let unlogged = under_way().filter(|c| c.lane == Lane::Late).count() as u64;
            if self.in_day(now) + unlogged >= self.limit(now, policy) {
                return Gate::Held(self.day_of(now).next().map(|(at, _)| later(*at, hours(24))));
            }
            // What stood in the queue when the limit was reached waits for a person, not for the next day.
            if self.full_at.is_some_and(|full| letter.due < full) {
                return Gate::Held(None);
            }
        }
        let to_them = under_way().filter(|c| c.member == *letter.member && c.lane >= Lane::Late);
        let last = to_them
            .map(|c| c.at)
            .chain(self.last.get(letter.member).copied())
            .max();
        let next = last.map(|last| later(last, minutes(i64::from(policy.spacing_min))));
        match (next.filter(|next| *next > now), letter.is_released) {
            (Some(next), _) => Gate::Spaced(next),
            (None, true) => Gate::Open(Lane::Released),
            (None, false) => Gate::Open(Lane::Late),
        }
    }

    /// Late letters of the 24 hours that end at an instant.
    fn day_of(&self, at: Timestamp) -> impl Iterator<Item = (&Timestamp, &u32)> {
        use std::ops::Bound::{Excluded, Included};
        self.late.range((Excluded(later(at, hours(-24))), Included(at)))
    }

    fn in_day(&self, at: Timestamp) -> u64 {
        self.day_of(at).map(|(_, n)| u64::from(*n)).sum()
    }

    /// How many late letters a day may have.
    fn limit(&self, at: Timestamp, policy: &Mail) -> u64 {
        let end = hour(at) - 24;
        let usual = self.routine.range(end - 24 * MEAN_DAYS..end);
        let sum: u64 = usual.map(|(_, n)| u64::from(*n)).sum();
        let mean = u64::from(policy.burst_times_mean) * sum / MEAN_DAYS.unsigned_abs();
        mean.max(u64::from(policy.burst_floor))
    }
}

fn hour(at: Timestamp) -> i64 {
    at.as_second().div_euclid(3600)
}

fn later(at: Timestamp, by: care::time::SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use care::Policy;
    use proptest::prelude::*;

    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::constant(1_780_000_000, 0) + minutes(minute)
    }

    fn member(n: u8) -> MemberId {
        MemberId::new(format!("m-{n}")).unwrap()
    }

    fn claim(to: u8, lane: Lane, minute: i64) -> Claim {
        Claim {
            member: member(to),
            lane,
            at: at(minute),
        }
    }

    fn policy() -> Mail {
        Mail {
            burst_floor: 3,
            ..Policy::default().mail
        }
    }

    fn noted(claims: &[Claim]) -> Traffic {
        let mut traffic = Traffic::default();
        claims.iter().for_each(|c| traffic.note(c, &policy()));
        traffic
    }

    fn gate(traffic: &Traffic, to: u8, due: i64, is_released: bool, now: i64) -> Gate {
        let asking = Asking {
            member: &member(to),
            due: at(due),
            is_released,
            beside: &[],
        };
        traffic.gate(&asking, &policy(), at(now))
    }

    const DAY: i64 = 24 * 60;

    #[test]
    fn late_mail_goes_to_one_recipient_once_in_ten_minutes() {
        let traffic = noted(&[claim(1, Lane::Late, 0)]);
        assert_eq!(gate(&traffic, 1, -90, false, 9), Gate::Spaced(at(10)));
        assert_eq!(gate(&traffic, 1, -90, false, 10), Gate::Open(Lane::Late));
        assert_eq!(gate(&traffic, 2, -90, false, 0), Gate::Open(Lane::Late));
        // Mail in time and urgent mail take nobody's turn.
        let fresh = noted(&[claim(1, Lane::Routine, 0), claim(1, Lane::Urgent, 0)]);
        assert_eq!(gate(&fresh, 1, -90, false, 0), Gate::Open(Lane::Late));
    }

    #[test]
    fn what_is_on_its_way_counts_until_it_is_known_what_became_of_it() {
        let mut traffic = Traffic::default();
        let about = About::Member(member(9));
        traffic.expect(&about, (0..3).map(|n| claim(n, Lane::Late, 0)).collect());
        assert_eq!(gate(&traffic, 7, -90, false, 0), Gate::Held(None));
        traffic.forget(&about);
        assert_eq!(gate(&traffic, 7, -90, false, 0), Gate::Open(Lane::Late));
    }

    #[test]
    fn beyond_the_limit_a_person_decides_also_on_the_next_day() {
        let traffic = noted(&[0, 10, 20].map(|minute| claim(1, Lane::Late, minute)));
        assert_eq!(gate(&traffic, 2, -90, false, 30), Gate::Held(Some(at(DAY))));
        assert_eq!(gate(&traffic, 2, -90, false, DAY + 60), Gate::Held(None));
        assert_eq!(gate(&traffic, 2, -90, true, 30), Gate::Open(Lane::Released));
        // Released mail goes one by one too.
        assert_eq!(gate(&traffic, 1, -90, true, 25), Gate::Spaced(at(30)));
        // What became late after the burst is no part of it.
        assert_eq!(gate(&traffic, 2, 21, false, DAY + 60), Gate::Open(Lane::Late));
    }

    #[test]
    fn who_sends_much_every_day_may_be_late_with_much() {
        // One an hour for four weeks: five times a day of that.
        let usual = (-31 * 24..-20).map(|hour| claim(1, Lane::Routine, hour * 60));
        let busy: Vec<Claim> = usual.chain((0..139).map(|n| claim(2, Lane::Late, n))).collect();
        let traffic = noted(&busy);
        let limit = traffic.limit(at(200), &policy());
        assert_eq!(limit, 5 * 24);
        let few = noted(&busy[..busy.len() - 20]);
        assert_eq!(gate(&few, 3, -90, false, 200), Gate::Open(Lane::Late));
        assert!(matches!(gate(&traffic, 3, -90, false, 200), Gate::Held(_)));
    }

    #[test]
    fn the_burst_itself_does_not_raise_its_limit() {
        let burst: Vec<Claim> = (0..40).map(|n| claim(1, Lane::Released, n)).collect();
        assert_eq!(noted(&burst).limit(at(60), &policy()), 3);
    }

    proptest! {
        #[test]
        fn the_order_in_which_claims_are_noted_does_not_matter(
            claims in prop::collection::vec((0u8..3, 0usize..4, 0i64..2 * DAY), 0..40)
                .prop_map(|all| all.into_iter().map(|(to, lane, minute)| {
                    claim(to, [Lane::Urgent, Lane::Routine, Lane::Late, Lane::Released][lane], minute)
                }).collect::<Vec<_>>())
                .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
            due in -100i64..3 * DAY, now in 0i64..3 * DAY,
        ) {
            let (one, other) = (noted(&claims.0), noted(&claims.1));
            for to in 0..3 {
                for released in [false, true] {
                    prop_assert_eq!(gate(&one, to, due, released, now), gate(&other, to, due, released, now));
                }
            }
        }
    }
}
