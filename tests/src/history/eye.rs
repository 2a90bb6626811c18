//! The log as people see it, message by message, and what may not be in it.

use std::collections::BTreeMap;

use care::chart::Session;
use care::fact::ours::{Lane, Notice};
use care::fact::session::Booking;
use care::time::{Timestamp, minutes};
use care::{About, Event, Fact};
use engine::{Engine, Settings};

use super::booked;
use super::log::Log;
use super::node::Node;

/// Somebody who reads along.
pub struct Eye {
    settings: Settings,
    engine: Engine,
    /// Knows when the log is another one.
    place: (u64, u64, u64),
    /// Messages up to this one were judged before the log went back.
    judged: u64,
    /// Unknown outcomes of each notice, ever.
    pub(super) unknown: BTreeMap<String, u32>,
    /// Under which notice somebody is told something, of what the log holds.
    told: BTreeMap<(String, String, String), String>,
    /// When each member last got a letter out of a backlog; kept once one replica leads undisturbed.
    late: Option<BTreeMap<String, Timestamp>>,
    broken: Option<String>,
    /// State hash at the position read to.
    hash: Option<u64>,
}

impl Eye {
    /// One that has seen nothing.
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            engine: Engine::new(settings.clone()),
            settings,
            place: (0, 0, 0),
            judged: 0,
            unknown: BTreeMap::new(),
            told: BTreeMap::new(),
            late: None,
            broken: None,
            hash: None,
        }
    }

    /// The state.
    pub(super) const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// From now on one replica leads and nothing goes wrong: a backlog must come out letter by letter.
    pub(super) fn expect_calm(&mut self) {
        self.late = Some(BTreeMap::new());
    }

    /// Reads to the head; `now` is the true time.
    ///
    /// # Errors
    /// What was appended and may not be there.
    pub(super) fn follow(&mut self, log: &Log, now: Timestamp) -> Result<(), String> {
        let (created, position, print) = self.place;
        let stands = position == 0 || log.at(position).is_some_and(|m| m.print == print);
        if created != log.created() || !stands {
            self.engine = Engine::new(self.settings.clone());
            self.told.clear();
            self.place = (log.created(), 0, 0);
            self.hash = None;
        }
        for (position, message) in log.after(self.place.1) {
            let is_new = message.print > self.judged;
            if let Some(event) = &message.event {
                self.note(event, is_new, now);
                self.engine.apply(event, position);
            } else if let Some(about) = &message.about {
                self.engine.pass_over(about, position);
            } else {
                self.engine.skip_to(position);
            }
            self.judged = self.judged.max(message.print);
            self.place = (log.created(), position, message.print);
            self.hash = None;
        }
        self.broken.take().map_or(Ok(()), Err)
    }

    fn note(&mut self, event: &Event, is_new: bool, now: Timestamp) {
        let is_ours = event.source.as_str().starts_with("urn:carebus:");
        // P5: nothing comes early, whatever a wall clock says.
        if is_new && is_ours && event.time > now + minutes(5) {
            self.broken = Some(format!(
                "P5: {} is of {}, and it is {now}",
                event.fact.name(),
                event.time
            ));
        }
        match &event.fact {
            Fact::NoticeUnknown(notice) if is_new => {
                *self.unknown.entry(notice.notice_id.to_string()).or_default() += 1;
            }
            Fact::NoticeAttempted(notice) => {
                if is_new {
                    self.spaced(notice, event.time);
                }
                for about in &notice.about {
                    // P3: nobody is told one thing under two notices, unless it is now also in somebody's place.
                    let key_of = |about: &str| {
                        let (whose, member) = (event.about.to_string(), notice.member_id.to_string());
                        (whose, member, about.to_owned())
                    };
                    let is_in_a_place = |other: &&String| {
                        let role = other.strip_prefix(about.as_str());
                        role.is_some_and(|role| role.starts_with("/for-"))
                    };
                    let mut places = notice.about.iter().filter(is_in_a_place);
                    let is_news = places.any(|place| !self.told.contains_key(&key_of(place)));
                    let key = key_of(about);
                    let first = self
                        .told
                        .entry(key)
                        .or_insert_with(|| notice.notice_id.to_string());
                    if *first != notice.notice_id.as_str() && !is_news {
                        self.broken = Some(format!(
                            "P3: {} is told {about} under {first} and {}",
                            notice.member_id, notice.notice_id
                        ));
                    }
                }
            }
            Fact::SessionBooked(booking) if is_new && is_ours => {
                self.broken = self
                    .broken
                    .take()
                    .or_else(|| self.second_for(event, booking, now));
            }
            _ => {}
        }
    }

    /// P3: no storm after an outage: one late letter to one recipient in ten minutes.
    fn spaced(&mut self, notice: &Notice, at: Timestamp) {
        let is_late = notice.attempt == 1 && matches!(notice.lane, Some(Lane::Late | Lane::Released));
        let Some(late) = self.late.as_mut().filter(|_| is_late) else {
            return;
        };
        let before = late.insert(notice.member_id.to_string(), at);
        if let Some(before) = before.filter(|before| at < *before + minutes(10)) {
            self.broken = Some(format!(
                "P3: {} gets late letters at {before} and {at}",
                notice.member_id
            ));
        }
    }

    /// P2: an EA is placed for a PT although one stands that prepares it.
    fn second_for(&self, event: &Event, booking: &Booking, now: Timestamp) -> Option<String> {
        let About::Patient(id) = &event.about else {
            return None;
        };
        let chart = self.engine.chart(id)?;
        booking.prepares.iter().flatten().find_map(|pt| {
            let pt_session = chart.sessions.get(pt)?;
            let stands = |(id, ea): &(&care::id::SessionId, &Session)| {
                **id != booking.session_id && booked::prepares(ea, pt, pt_session, now)
            };
            let (first, _) = chart.sessions.iter().find(stands)?;
            Some(format!(
                "P2: {id} gets {} for {pt}, and {first} prepares it",
                booking.session_id
            ))
        })
    }

    /// P4: a replica that has read as far is in the same state.
    ///
    /// # Errors
    /// It is not.
    pub(super) fn compare(&mut self, node: &Node, log: &Log) -> Result<(), String> {
        let position = self.engine.position();
        if node.engine().position() != position || position != log.head() || !node.knows(log) {
            return Ok(());
        }
        let engine = &self.engine;
        let ours = *self.hash.get_or_insert_with(|| engine.state_hash());
        let theirs = node.engine().state_hash();
        if ours == theirs {
            return Ok(());
        }
        Err(format!(
            "P4: at {position} a replica is in state {theirs:x}, the log says {ours:x}"
        ))
    }
}
