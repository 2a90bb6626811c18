//! What the record says of one medicine: when it was begun, on which days it is taken, when it was stopped.
//!
//! Facts of one `medication_id` belong together. An active one that gives days is a prescription, and of two that begin
//! on one day the later word counts. One that gives doses and no days tells of its own day. Any other says that the
//! medicine is still taken. Until it is said to be stopped a medicine is on record as taken, whatever its supply.

use std::collections::BTreeSet;

use care::fact::assessment::{Body, Medication, MedicationStatus};
use care::time::Date;

use super::runs::{Days, Stretch, number};
use crate::case::{Case, Told};
use crate::episode::{Episode, Verdict, episodes};

/// One stretch in which a medicine is on record as taken.
pub(crate) struct Course<'a> {
    pub(crate) medicine: &'a str,
    pub(crate) episode: Episode<'a>,
    supplies: Vec<Supply<'a>>,
    /// Days on which doses were reported, with the report.
    doses: Vec<(Date, Told<'a>)>,
    reports_doses: bool,
    /// Last day of it, as said.
    pub(crate) stopped: Option<Date>,
}

/// One prescription, or a word that the medicine is taken from a day on.
#[derive(Clone, Copy)]
struct Supply<'a> {
    told: Told<'a>,
    first: Date,
    days: Option<u16>,
    stops: Option<Date>,
}

/// The medicine a fact is about.
pub(crate) fn medication<'a>(told: &Told<'a>) -> Option<&'a Medication> {
    match told.body() {
        Body::Medication(medication) => Some(medication),
        _ => None,
    }
}

/// Every course of the medicines that count, by medicine and time.
pub(crate) fn courses<'a>(case: &Case<'a>, counts: impl Fn(&Medication) -> bool) -> Vec<Course<'a>> {
    let taken = |m: &Medication| m.status == MedicationStatus::Active && counts(m);
    let all = case.told.iter().filter_map(medication).filter(|m| counts(m));
    let medicines: BTreeSet<&str> = all.map(|m| m.medication_id.as_str()).collect();
    let mut found = Vec::new();
    for medicine in medicines {
        let read = |told: &Told<'_>| match medication(told).filter(|m| m.medication_id == medicine) {
            Some(m) if taken(m) => Verdict::Yes,
            Some(m) if m.status == MedicationStatus::Stopped => Verdict::Clear,
            _ => Verdict::Nothing,
        };
        let mut episodes = episodes(case, read);
        if episodes.is_empty() {
            episodes.extend(
                case.live()
                    .rfind(|told| read(told) == Verdict::Clear)
                    .map(only_its_end),
            );
        }
        let episodes = episodes.into_iter();
        found.extend(episodes.map(|episode| Course::read(case, medicine, episode)));
    }
    found
}

/// A medicine of which only the end was ever told was taken until then.
fn only_its_end<'a>(told: &Told<'a>) -> Episode<'a> {
    Episode {
        number: 0,
        yes: vec![*told],
        cleared: Some(*told),
    }
}

impl<'a> Course<'a> {
    fn read(case: &Case<'a>, medicine: &'a str, episode: Episode<'a>) -> Self {
        let mut course = Self {
            medicine,
            supplies: Vec::new(),
            doses: Vec::new(),
            reports_doses: false,
            stopped: None,
            episode,
        };
        for told in course.episode.yes.clone() {
            course.take(case, told);
        }
        let said = |told: &Told<'a>| medication(told)?.stops_on.or(Some(case.date(told.at())));
        let open = course.supplies.iter().any(|s| s.stops.is_none()) || course.supplies.is_empty();
        let planned = course.supplies.iter().filter_map(|s| s.stops).max();
        course.stopped = match &course.episode.cleared {
            Some(clear) => said(clear),
            None => planned.filter(|_| !open),
        };
        course
    }

    fn take(&mut self, case: &Case<'a>, told: Told<'a>) {
        let Some(said) = medication(&told) else { return };
        let day = case.date(told.at());
        let supply = Supply {
            told,
            first: said
                .starts_on
                .unwrap_or(said.stops_on.map_or(day, |last| last.min(day))),
            days: said.days_supply,
            stops: said.stops_on,
        };
        if said.starts_on.is_some() || said.days_supply.is_some() {
            self.supplies.retain(|s| s.first != supply.first);
            self.supplies.push(supply);
        } else if let Some(doses) = said.doses {
            self.reports_doses = true;
            self.doses.extend((doses > 0).then_some((day, told)));
        } else if let Some(known) = self.supplies.iter_mut().rev().find(|s| s.covers(day)) {
            known.stops = said.stops_on.or(known.stops);
        } else {
            self.supplies.push(supply);
        }
    }

    /// First day of it.
    pub(crate) fn began(&self) -> Option<Date> {
        let supplies = self.supplies.iter().map(|s| s.first);
        supplies.chain(self.doses.iter().map(|(day, _)| *day)).min()
    }

    /// Days on which it is taken: those with a dose where doses are reported, else those of its prescriptions, up to
    /// their supply and never past a stop. Without either they have no end.
    pub(crate) fn stretches(&self) -> Vec<Stretch<'a>> {
        if self.reports_doses {
            let of_day = |(day, told): &(Date, Told<'a>)| Stretch {
                days: Days::of(*day),
                told: *told,
                supply: None,
            };
            return self.doses.iter().map(of_day).collect();
        }
        let stretch = |s: &Supply<'a>| {
            let stops = [s.stops, self.stopped].into_iter().flatten().map(number).min();
            let lasts = s.days.map(|days| number(s.first) + i64::from(days) - 1);
            let days = Days {
                first: number(s.first),
                last: [stops, lasts].into_iter().flatten().min().unwrap_or(i64::MAX / 4),
            };
            (days.first <= days.last).then_some(Stretch {
                days,
                told: s.told,
                supply: s.days,
            })
        };
        self.supplies.iter().filter_map(stretch).collect()
    }
}

impl Supply<'_> {
    fn covers(&self, day: Date) -> bool {
        let lasts = self
            .days
            .and_then(|days| Case::days_after(self.first, i64::from(days) - 1));
        day >= self.first && self.stops.is_none_or(|last| day <= last) && lasts.is_none_or(|last| day <= last)
    }
}
