//! What is on its way to the mail server and what more may be claimed: a claim is a promise, so few are open at a time.

use std::collections::BTreeMap;

use care::About;
use care::id::NoticeId;
use care::time::{Timestamp, minutes};

use crate::breaker::{Allowed, Breakers, Domain};
use crate::mail::Mail;

/// A pause shorter than this wakes nothing that was put off: a minute is the shortest wait of a retry anyway, and a
/// server that comes and goes would use up all tries of a mail.
const REAL_OUTAGE_MIN: i64 = 1;

/// How many claims may be open in the log at a time. A process that dies leaves so many tries of which nobody knows
/// whether they went out, and routine mail of which nobody knows that is not sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Of routine mail.
    pub routine: usize,
    /// Of urgent mail.
    pub urgent: usize,
    /// Of one lane to one domain.
    pub per_domain: usize,
}

impl Bounds {
    /// None: for a simulation, whose mail takes no time.
    pub const NONE: Self = Self {
        routine: usize::MAX,
        urgent: usize::MAX,
        per_domain: usize::MAX,
    };
}

/// What a letter waits for that may not be claimed yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    /// In which lane.
    pub urgent: bool,
    /// Room towards this domain; without one: any room in the lane.
    pub domain: Option<Domain>,
}

/// Whether a mail is urgent, and where it goes.
type Way = (bool, Domain);

/// The lanes of one organisation, as a value.
#[derive(Debug, Clone)]
pub struct Lanes {
    bounds: Bounds,
    open: BTreeMap<About, BTreeMap<(NoticeId, u32), Way>>,
    /// How many of `open` are of a lane.
    routine: usize,
    urgent: usize,
    by_domain: BTreeMap<Way, usize>,
    breakers: Breakers,
    /// No server takes mail, since then.
    paused: Option<Timestamp>,
    /// The last time it was so for long, from when to when.
    outage: Option<(Timestamp, Timestamp)>,
}

impl Default for Lanes {
    fn default() -> Self {
        Self::new(Bounds::NONE)
    }
}

impl Lanes {
    /// Nothing on its way.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            open: BTreeMap::new(),
            routine: 0,
            urgent: 0,
            by_domain: BTreeMap::new(),
            breakers: Breakers::default(),
            paused: None,
            outage: None,
        }
    }

    /// Changes the bounds; what is on its way stays there.
    pub const fn bound(&mut self, bounds: Bounds) {
        self.bounds = bounds;
    }

    /// The domains that failed.
    #[must_use]
    pub const fn breakers(&self) -> &Breakers {
        &self.breakers
    }

    /// The same, to note how tries end.
    pub const fn breakers_mut(&mut self) -> &mut Breakers {
        &mut self.breakers
    }

    /// Claims whose end is not in the log: of routine and of urgent mail.
    #[must_use]
    pub const fn open(&self) -> (usize, usize) {
        (self.routine, self.urgent)
    }

    /// A claim about somebody was handed out.
    pub fn leave(&mut self, about: &About, key: (NoticeId, u32), mail: &Mail) {
        let way = (mail.urgent, Domain::of(&mail.to));
        let known = self.open.entry(about.clone()).or_default();
        if known.insert(key, way.clone()).is_none() {
            *self.count_of(mail.urgent) += 1;
            *self.by_domain.entry(way).or_default() += 1;
        }
    }

    /// Of what is on its way about somebody only this is left.
    pub fn retain(&mut self, about: &About, is_left: impl Fn(&(NoticeId, u32)) -> bool) {
        let Some(known) = self.open.get_mut(about) else {
            return;
        };
        let ended: Vec<Way> = known
            .extract_if(.., |key, _| !is_left(key))
            .map(|(_, way)| way)
            .collect();
        if known.is_empty() {
            self.open.remove(about);
        }
        for way in ended {
            let count = self.count_of(way.0);
            *count = count.saturating_sub(1);
            if let Some(count) = self.by_domain.get_mut(&way) {
                *count -= 1;
                if *count == 0 {
                    self.by_domain.remove(&way);
                }
            }
        }
    }

    const fn count_of(&mut self, urgent: bool) -> &mut usize {
        if urgent {
            &mut self.urgent
        } else {
            &mut self.routine
        }
    }

    /// No server takes mail since then, or one does again. True: that lasted, and what was put off meanwhile is due.
    pub fn pause(&mut self, since: Option<Timestamp>, now: Timestamp) -> bool {
        let before = std::mem::replace(&mut self.paused, since);
        let Some(began) = before.filter(|_| since.is_none()) else {
            return false;
        };
        let lasted = began
            .saturating_add(minutes(REAL_OUTAGE_MIN))
            .is_ok_and(|end| end <= now);
        if lasted {
            self.outage = Some((began, now));
        }
        lasted
    }

    /// Whether the last outage, which is over, covers an instant: what was put off then need not wait any longer.
    #[must_use]
    pub fn was_out(&self, at: Timestamp) -> bool {
        let over = self.outage.filter(|_| self.paused.is_none());
        over.is_some_and(|(from, to)| from <= at && at < to)
    }

    /// How many more claims may wait for this turn at an instant.
    #[must_use]
    pub fn room(&self, turn: &Turn, now: Timestamp) -> usize {
        let (bound, open) = match turn.urgent {
            true => (self.bounds.urgent, self.urgent),
            false if self.paused.is_some() => (0, 0),
            false => (self.bounds.routine, self.routine),
        };
        let lane = bound.saturating_sub(open);
        let Some(domain) = &turn.domain else {
            return lane;
        };
        // Urgent mail tries whatever the domain did before.
        let allowed = match (turn.urgent, self.breakers.allowed(domain, now)) {
            (true, _) | (false, Allowed::All) => self.bounds.per_domain,
            (false, Allowed::One) => 1,
            (false, Allowed::None(_)) => 0,
        };
        lane.min(allowed.saturating_sub(self.under_way(turn.urgent, domain)))
    }

    /// When there will be room without anything else happening: a domain that is left alone is tried again then.
    #[must_use]
    pub fn opens_at(&self, turn: &Turn) -> Option<Timestamp> {
        let domain = turn.domain.as_ref().filter(|_| !turn.urgent)?;
        let until = self.breakers.until(domain)?;
        (self.room(turn, until) > 0).then_some(until)
    }

    /// What a mail has to wait for, beside those that are claimed in the same round; `None`: nothing.
    pub(crate) fn turn(&self, urgent: bool, to: &Domain, beside: &[Mail], now: Timestamp) -> Option<Turn> {
        let of_lane = || beside.iter().filter(|mail| mail.urgent == urgent);
        let lane = Turn { urgent, domain: None };
        if self.room(&lane, now) <= of_lane().count() {
            return Some(lane);
        }
        let there = of_lane().filter(|mail| Domain::of(&mail.to) == *to).count();
        let way = Turn {
            urgent,
            domain: Some(to.clone()),
        };
        (self.room(&way, now) <= there).then_some(way)
    }

    fn under_way(&self, urgent: bool, domain: &Domain) -> usize {
        self.by_domain
            .get(&(urgent, domain.clone()))
            .copied()
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
