//! One sick recipient domain never delays another: after a few failures in a row its routine mail is not even claimed.

use std::collections::BTreeMap;

use care::phi::Phi;
use care::time::{Timestamp, minutes};

/// Failures in a row after which a domain is left alone. Fewer would take one full mailbox for a sick server.
const TRIPS_AT: u32 = 3;
/// Minutes a domain is left alone, the first time, the second time in a row, …; then one mail tries.
const COOL_MIN: [i64; 5] = [1, 2, 5, 10, 15];

/// Where an address leads: what stands behind its `@`, in small letters. It may be somebody's own, so it is `Phi`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Domain(Phi<String>);

impl Domain {
    /// Of an address; of what is none, all of it.
    #[must_use]
    pub fn of(address: &Phi<String>) -> Self {
        let text = address.expose();
        let domain = text
            .rsplit_once('@')
            .map_or(text.as_str(), |(_user, domain)| domain);
        Self(Phi::new(domain.to_ascii_lowercase()))
    }
}

/// What a try says about the domain it went to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It answered: it took the mail, or refused its recipient.
    Well,
    /// It put the mail off, was silent, or hung up.
    Sick,
}

/// How much may be on its way to a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// As much as everywhere.
    All,
    /// One at a time: the last try failed, or this is the one that finds out whether the domain is well again.
    One,
    /// Nothing before then.
    None(Timestamp),
}

/// The domains that failed since they last answered; of all others there is nothing to know.
#[derive(Debug, Clone, Default)]
pub struct Breakers {
    failing: BTreeMap<Domain, Failing>,
}

#[derive(Debug, Clone, Default)]
struct Failing {
    in_a_row: u32,
    /// How often it was left alone since.
    times: usize,
    until: Option<Timestamp>,
}

impl Breakers {
    /// A try has ended.
    pub fn note(&mut self, domain: &Domain, sign: Sign, now: Timestamp) {
        if sign == Sign::Well {
            self.failing.remove(domain);
            return;
        }
        let failing = self.failing.entry(domain.clone()).or_default();
        failing.in_a_row += 1;
        // What was on its way when the domain was given up, and urgent mail, do not prolong that.
        let is_left_alone = failing.until.is_some_and(|until| until > now);
        if failing.in_a_row >= TRIPS_AT && !is_left_alone {
            let minute = COOL_MIN[failing.times.min(COOL_MIN.len() - 1)];
            failing.times += 1;
            failing.until = Some(now.saturating_add(minutes(minute)).unwrap_or(now));
        }
    }

    /// How much routine mail may be on its way to a domain.
    pub(crate) fn allowed(&self, domain: &Domain, now: Timestamp) -> Allowed {
        match self.failing.get(domain) {
            None => Allowed::All,
            Some(failing) => match failing.until.filter(|until| *until > now) {
                Some(until) => Allowed::None(until),
                None => Allowed::One,
            },
        }
    }

    /// Until when a domain is left alone, if it is; maybe that is past.
    pub(crate) fn until(&self, domain: &Domain) -> Option<Timestamp> {
        self.failing.get(domain)?.until
    }

    /// Domains that are left alone at an instant: how many, for a gauge.
    #[must_use]
    pub fn open(&self, now: Timestamp) -> usize {
        let left_alone = |failing: &&Failing| failing.until.is_some_and(|until| until > now);
        self.failing.values().filter(left_alone).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::constant(1_780_000_000, 0) + minutes(minute)
    }

    fn domain(text: &str) -> Domain {
        Domain::of(&Phi::new(format!("m-1@{text}")))
    }

    /// Fails so often at one instant.
    fn fail(breakers: &mut Breakers, times: u32, minute: i64) {
        for _ in 0..times {
            breakers.note(&domain("slow.example"), Sign::Sick, at(minute));
        }
    }

    #[test]
    fn three_failures_in_a_row_leave_a_domain_alone_and_no_other() {
        let mut breakers = Breakers::default();
        fail(&mut breakers, 2, 0);
        assert_eq!(breakers.allowed(&domain("slow.example"), at(0)), Allowed::One);
        fail(&mut breakers, 1, 0);
        assert_eq!(
            breakers.allowed(&domain("SLOW.example"), at(0)),
            Allowed::None(at(1))
        );
        assert_eq!(breakers.allowed(&domain("well.example"), at(0)), Allowed::All);
        assert_eq!((breakers.open(at(0)), breakers.open(at(1))), (1, 0));
    }

    #[test]
    fn an_answer_in_between_begins_the_count_anew() {
        let mut breakers = Breakers::default();
        fail(&mut breakers, 2, 0);
        breakers.note(&domain("slow.example"), Sign::Well, at(0));
        assert_eq!(breakers.allowed(&domain("slow.example"), at(0)), Allowed::All);
        fail(&mut breakers, 2, 0);
        assert_eq!(breakers.allowed(&domain("slow.example"), at(0)), Allowed::One);
    }

    #[test]
    fn a_probe_that_fails_doubles_the_wait_up_to_a_limit_and_one_that_succeeds_ends_it() {
        let mut breakers = Breakers::default();
        fail(&mut breakers, 3, 0);
        let mut minute = 0;
        for wait in [1, 2, 5, 10, 15, 15] {
            let until = at(minute + wait);
            assert_eq!(
                breakers.allowed(&domain("slow.example"), at(minute)),
                Allowed::None(until)
            );
            // What was still on its way says nothing new.
            fail(&mut breakers, 1, minute);
            assert_eq!(
                breakers.allowed(&domain("slow.example"), at(minute)),
                Allowed::None(until)
            );
            minute += wait;
            assert_eq!(
                breakers.allowed(&domain("slow.example"), at(minute)),
                Allowed::One
            );
            fail(&mut breakers, 1, minute);
        }
        breakers.note(&domain("slow.example"), Sign::Well, at(minute));
        assert_eq!(
            breakers.allowed(&domain("slow.example"), at(minute)),
            Allowed::All
        );
    }

    #[test]
    fn a_domain_never_shows_in_a_debug_print() {
        assert!(!format!("{:?}", domain("dr-okafor.example")).contains("okafor"));
    }
}
