//! Who waits for room in the mail lanes: first come, first served, each line for itself.

use std::collections::{BTreeMap, BTreeSet};

use care::About;
use care::time::Timestamp;
use mailer::{Lanes, Turn};

/// The lines. Whoever is called has left; should there still be no room for them, they stand at the end again.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// Numbers given out so far.
    given: u64,
    lines: BTreeMap<Turn, BTreeMap<u64, About>>,
    numbers: BTreeMap<About, BTreeMap<Turn, u64>>,
}

impl Queue {
    /// Somebody waits for these turns and no others; who stands in a line already keeps the place.
    pub(crate) fn stand(&mut self, about: &About, turns: BTreeSet<Turn>) {
        let mut before = self.numbers.remove(about).unwrap_or_default();
        let mut now = BTreeMap::new();
        for turn in turns {
            let number = before.remove(&turn).unwrap_or_else(|| {
                self.given += 1;
                let line = self.lines.entry(turn.clone()).or_default();
                line.insert(self.given, about.clone());
                self.given
            });
            now.insert(turn, number);
        }
        for (turn, number) in before {
            self.step_out(&turn, number);
        }
        if !now.is_empty() {
            self.numbers.insert(about.clone(), now);
        }
    }

    /// Those whose turn it is, as many from each line as there is room for.
    pub(crate) fn call(&mut self, lanes: &Lanes, now: Timestamp) -> BTreeSet<About> {
        let first = |(turn, line): (&Turn, &BTreeMap<u64, About>)| -> Vec<About> {
            line.values().take(lanes.room(turn, now)).cloned().collect()
        };
        let called: BTreeSet<About> = self.lines.iter().flat_map(first).collect();
        for about in &called {
            for (turn, number) in self.numbers.remove(about).unwrap_or_default() {
                self.step_out(&turn, number);
            }
        }
        called
    }

    /// Whether somebody waits.
    pub(crate) fn holds(&self, about: &About) -> bool {
        self.numbers.contains_key(about)
    }

    /// Whether it is anybody's turn.
    pub(crate) fn is_anybodys_turn(&self, lanes: &Lanes, now: Timestamp) -> bool {
        self.lines.keys().any(|turn| lanes.room(turn, now) > 0)
    }

    /// When it will be somebody's turn without anything else happening.
    pub(crate) fn opens_at(&self, lanes: &Lanes) -> Option<Timestamp> {
        self.lines.keys().filter_map(|turn| lanes.opens_at(turn)).min()
    }

    fn step_out(&mut self, turn: &Turn, number: u64) {
        if let Some(line) = self.lines.get_mut(turn) {
            line.remove(&number);
            if line.is_empty() {
                self.lines.remove(turn);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use care::id::{NoticeId, PatientId};
    use care::phi::Phi;
    use mailer::{Bounds, Domain};

    use super::*;

    fn patient(n: u32) -> About {
        About::Patient(PatientId::new(format!("p-{n}")).unwrap())
    }

    fn lane(urgent: bool) -> Turn {
        Turn { urgent, domain: None }
    }

    fn towards(domain: &str) -> Turn {
        let domain = Some(Domain::of(&Phi::new(format!("m-1@{domain}"))));
        Turn {
            urgent: false,
            domain,
        }
    }

    fn lanes(routine: usize, urgent: usize) -> Lanes {
        Lanes::new(Bounds {
            routine,
            urgent,
            per_domain: 1,
        })
    }

    #[test]
    fn they_are_called_in_the_order_they_came_as_many_as_there_is_room_for() {
        let (mut queue, now) = (Queue::default(), Timestamp::UNIX_EPOCH);
        for n in [7, 3, 5] {
            queue.stand(&patient(n), [lane(false)].into());
        }
        // Who asks again keeps the place.
        queue.stand(&patient(7), [lane(false)].into());
        assert!(!queue.is_anybodys_turn(&lanes(0, 9), now));
        assert_eq!(queue.call(&lanes(2, 0), now), [patient(7), patient(3)].into());
        assert_eq!(queue.call(&lanes(2, 0), now), [patient(5)].into());
        assert!(!queue.is_anybodys_turn(&lanes(9, 9), now));
    }

    #[test]
    fn who_waits_for_one_domain_is_in_nobody_elses_way() {
        let (mut queue, now) = (Queue::default(), Timestamp::UNIX_EPOCH);
        let mut full = lanes(5, 5);
        queue.stand(&patient(1), [towards("slow.example")].into());
        queue.stand(&patient(2), [lane(false)].into());
        let mail = engine_mail("m-1@slow.example");
        full.leave(&patient(9), (NoticeId::new("n-9").unwrap(), 1), &mail);
        assert_eq!(queue.call(&full, now), [patient(2)].into());
        assert!(!queue.is_anybodys_turn(&full, now));
        full.retain(&patient(9), |_| false);
        assert_eq!(queue.call(&full, now), [patient(1)].into());
    }

    #[test]
    fn who_was_called_or_waits_no_longer_has_left_every_line() {
        let (mut queue, now) = (Queue::default(), Timestamp::UNIX_EPOCH);
        queue.stand(&patient(1), [lane(false), lane(true)].into());
        queue.stand(&patient(2), [lane(true)].into());
        queue.stand(&patient(2), [].into());
        assert_eq!(queue.call(&lanes(1, 0), now), [patient(1)].into());
        assert!(queue.call(&lanes(9, 9), now).is_empty());
    }

    fn engine_mail(to: &str) -> mailer::Mail {
        mailer::Mail {
            notice_id: String::new(),
            message_id: String::new(),
            thread_root: None,
            to_name: None,
            to: Phi::new(to.to_owned()),
            from_name: String::new(),
            from: String::new(),
            reply_to: None,
            date: Timestamp::UNIX_EPOCH,
            subject: String::new(),
            text: Phi::default(),
            html: Phi::default(),
            images: Vec::new(),
            invitation: None,
            urgent: false,
            attempt: 1,
        }
    }
}
