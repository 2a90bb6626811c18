//! A small clinic for tests: patients, one diary built from what they have on, and steps folded back in.

use std::collections::BTreeMap;

use care::id::{PatientId, PractitionerId, SessionId};
use care::time::{TimeZone, Timestamp, Weekday, minutes};
use scheduler::case::{Case, Ea, EaStatus, Needling, PlanState, Pt, Zones};
use scheduler::diary::{Diary, Practitioner};
use scheduler::occupancy::{Busy, Holder};
use scheduler::open_hours::OpenHours;
use scheduler::step::{Decision, Placed, Step};
use scheduler::{Rules, decide};

pub(crate) fn sid(id: &str) -> SessionId {
    SessionId::new(id).unwrap()
}

pub(crate) fn acu(id: &str) -> PractitionerId {
    PractitionerId::new(id).unwrap()
}

/// `06-01 10:00`, or with a weekday before it that must be right, in 2026, UTC.
pub(crate) fn at(text: &str) -> Timestamp {
    let (day, rest) = if text.as_bytes()[0].is_ascii_alphabetic() {
        text.split_at(4)
    } else {
        ("", text)
    };
    let stamp: Timestamp = format!("2026-{}:00Z", rest.replace(' ', "T")).parse().unwrap();
    let named = stamp.to_zoned(TimeZone::UTC).strftime("%a ").to_string();
    assert!(day.is_empty() || named == day, "{text} is a {named}");
    stamp
}

pub(crate) fn case(patient: &str) -> Case {
    Case {
        patient: PatientId::new(patient).unwrap(),
        zone: TimeZone::UTC,
        plan: PlanState::Active,
        practitioner: Some(acu("acu-1")),
        lead_hours: None,
        length: minutes(45),
        needling: Needling {
            zones: Zones(1),
            electro: true,
        },
        holds: vec![],
        attended: 0,
        stopped: false,
        pts: vec![],
        eas: vec![],
        elsewhere: vec![],
    }
}

pub(crate) fn pt(id: &str, start: &str) -> Pt {
    pt_at(id, at(start))
}

pub(crate) fn pt_at(id: &str, start: Timestamp) -> Pt {
    Pt {
        id: sid(id),
        revision: 1,
        start,
        end: start + minutes(60),
        practitioner: None,
        booked: true,
        ask: false,
    }
}

pub(crate) fn ea(id: &str, start: &str, status: EaStatus, prepares: &[&str]) -> Ea {
    Ea {
        id: sid(id),
        revision: 1,
        start: at(start),
        end: at(start) + minutes(45),
        status,
        placed_by_us: !prepares.is_empty(),
        prepares: prepares.iter().map(|p| sid(p)).collect(),
        practitioner: Some(acu("acu-1")),
        needling: Needling {
            zones: Zones(1),
            electro: true,
        },
        order: 1,
    }
}

pub(crate) const WORKDAYS: [Weekday; 5] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
];

/// Patient p1 with these PT sessions.
pub(crate) fn one(pts: &[(&str, &str)]) -> Case {
    let mut one = case("p1");
    one.pts = pts.iter().map(|(id, start)| pt(id, start)).collect();
    one
}

/// Monday to Friday from 08:00 to 18:00 UTC, 15 minutes, one at a time.
pub(crate) fn office_hours() -> OpenHours {
    week(
        &[
            Weekday::Monday,
            Weekday::Tuesday,
            Weekday::Wednesday,
            Weekday::Thursday,
            Weekday::Friday,
        ],
        8,
        18,
    )
}

pub(crate) fn week(days: &[Weekday], from: u16, to: u16) -> OpenHours {
    OpenHours::new(
        TimeZone::UTC,
        days.iter().map(|day| (*day, from * 60, to * 60)),
        vec![],
        15,
    )
}

pub(crate) fn closed(days: &[Weekday], closures: &[(&str, &str)]) -> OpenHours {
    let closures = closures.iter().map(|(from, to)| (at(from), at(to))).collect();
    OpenHours::new(
        TimeZone::UTC,
        days.iter().map(|day| (*day, 480, 1080)),
        closures,
        15,
    )
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) rules: Rules,
    pub(crate) hours: BTreeMap<PractitionerId, OpenHours>,
    pub(crate) others: Vec<(PractitionerId, Busy)>,
    pub(crate) cases: Vec<Case>,
    /// Bookings are numbered in the order they are folded in.
    pub(crate) order: u64,
}

impl World {
    pub(crate) fn new(now: &str, hours: OpenHours, cases: Vec<Case>) -> Self {
        Self {
            now: at(now),
            rules: Rules::default(),
            hours: [(acu("acu-1"), hours)].into(),
            others: vec![],
            cases,
            order: 100,
        }
    }

    pub(crate) fn diary(&self) -> Diary {
        let mut diary = Diary::default();
        for (id, hours) in &self.hours {
            diary
                .practitioners
                .insert(id.clone(), Practitioner::with_hours(hours.clone()));
        }
        for (id, busy) in &self.others {
            diary
                .practitioners
                .entry(id.clone())
                .or_default()
                .occupancy
                .add(busy.clone());
        }
        for case in &self.cases {
            for ea in case
                .eas
                .iter()
                .filter(|ea| ea.is_active() || matches!(ea.status, EaStatus::Held { .. }))
            {
                let Some(id) = &ea.practitioner else { continue };
                let holder = Holder::Told {
                    patient: case.patient.clone(),
                    session: ea.id.clone(),
                    order: ea.order,
                };
                let practitioner = diary.practitioners.entry(id.clone()).or_default();
                practitioner.occupancy.add(Busy {
                    start: ea.start,
                    end: ea.end,
                    holder,
                });
            }
        }
        diary
    }

    pub(crate) fn decide(&self) -> Vec<Decision> {
        decide(&self.cases, &self.diary(), &self.rules, self.now)
    }

    /// Decides, folds the steps in, and checks that deciding again finds nothing new to do.
    pub(crate) fn settle(&mut self) -> Vec<Decision> {
        let decisions = self.decide();
        self.fold(&decisions);
        let again = self.decide();
        let told: Vec<&Step> = decisions.iter().flat_map(|d| &d.steps).collect();
        for step in again.iter().flat_map(|d| &d.steps) {
            let said = match step {
                Step::Unprepared(u) => told
                    .iter()
                    .any(|t| matches!(t, Step::Unprepared(known) if known.pt == u.pt)),
                Step::Report { ea, .. } => told
                    .iter()
                    .any(|t| matches!(t, Step::Report { ea: known, .. } if known.session == ea.session)),
                _ => false,
            };
            assert!(said, "not settled: {step:?} after {decisions:#?}");
        }
        decisions
    }

    pub(crate) fn fold(&mut self, decisions: &[Decision]) {
        for decision in decisions {
            let case = self
                .cases
                .iter_mut()
                .find(|c| c.patient == decision.patient)
                .unwrap();
            for step in &decision.steps {
                self.order += 1;
                fold_step(case, step, self.order);
            }
        }
    }
}

fn fold_step(case: &mut Case, step: &Step, order: u64) {
    let status = |case: &mut Case, id: &SessionId, revision: u64, status: EaStatus| {
        let ea = case.eas.iter_mut().find(|ea| ea.id == *id).unwrap();
        assert_eq!(ea.revision + 1, revision, "revisions rise by one");
        (ea.status, ea.revision) = (status, revision);
    };
    match step {
        Step::Hold { ea, .. } => status(case, &ea.session, ea.revision, EaStatus::Held { by_us: true }),
        Step::Cancel { ea, .. } => status(case, &ea.session, ea.revision, EaStatus::Cancelled),
        Step::Release { ea } => status(case, &ea.session, ea.revision, EaStatus::Proposed),
        Step::Book(placed) => {
            assert!(
                case.eas.iter().all(|ea| ea.id != placed.session),
                "an id is used once"
            );
            let ea = as_ea(placed, case.needling, order);
            case.eas.push(ea);
        }
        Step::Move(placed) => {
            let needling = case.needling;
            let known = case.eas.iter_mut().find(|ea| ea.id == placed.session).unwrap();
            assert_eq!(known.revision + 1, placed.revision, "revisions rise by one");
            *known = as_ea(placed, needling, order);
        }
        Step::Report { .. } | Step::Unprepared(_) => {}
    }
}

fn as_ea(placed: &Placed, needling: Needling, order: u64) -> Ea {
    Ea {
        id: placed.session.clone(),
        revision: placed.revision,
        start: placed.start,
        end: placed.end,
        status: if placed.proposed {
            EaStatus::Proposed
        } else {
            EaStatus::Booked
        },
        placed_by_us: true,
        prepares: placed.prepares.clone(),
        practitioner: Some(placed.practitioner.clone()),
        needling,
        order,
    }
}

/// The decisions in one line per step, the way a person would note them.
pub(crate) fn notes(decisions: &[Decision]) -> Vec<String> {
    decisions
        .iter()
        .flat_map(|d| d.steps.iter().map(move |s| format!("{} {}", d.patient, note(s))))
        .collect()
}

fn note(step: &Step) -> String {
    let time = |t: Timestamp| t.to_zoned(TimeZone::UTC).strftime("%a %m-%d %H:%M").to_string();
    let ids = |ids: &[SessionId]| {
        ids.iter()
            .map(|i| i.as_str().to_owned())
            .collect::<Vec<_>>()
            .join("+")
    };
    let placed = |p: &Placed| {
        format!(
            "{} {} for {}",
            if p.proposed { "proposed" } else { "booked" },
            time(p.start),
            ids(&p.prepares)
        )
    };
    match step {
        Step::Hold { ea, because } => format!("hold {} {because}", ea.session),
        Step::Cancel { ea, because } => format!("cancel {} {}", ea.session, because.name()),
        Step::Release { ea } => format!("release {}", ea.session),
        Step::Move(p) => format!("move {} rev {} to {}", p.session, p.revision, placed(p)),
        Step::Book(p) => format!("book {}", placed(p)),
        Step::Report { ea, breaks } => format!("report {} {breaks:?}", ea.session),
        Step::Unprepared(u) => {
            let list: Vec<_> = u.obstacles.list.iter().map(|o| o.constraint.name()).collect();
            format!("unprepared {}: {}", u.pt.session, list.join(", "))
        }
    }
}
