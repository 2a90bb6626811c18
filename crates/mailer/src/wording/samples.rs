//! One letter of each shape, to try an organisation's templates on before a person is told anything.

use care::Policy;
use care::fact::ours::{ReportChange, ReportPoint};
use care::measure::odi::Band;
use care::phi::Phi;
use care::time::{Date, TimeZone, Timestamp, hours, minutes};

use super::Wording;
use crate::letter::{
    About, Alert, AlertChange, AlertRef, AlertUpdate, Alternative, Disclosure, Evidence, Fact, Letter, Link,
    Look, Move, Notice, Oswestry, OswestryState, Prepares, Reader, Report, Session, SessionChange, Severity,
    Stay, Threshold, Unprepared,
};

/// A letter, and what each of its parts has to say.
pub(super) struct Sample {
    pub(super) name: &'static str,
    pub(super) letter: Letter,
    pub(super) needed: Vec<&'static str>,
}

pub(super) fn look(wording: &Wording) -> Look {
    let look = wording.look(&Policy::default());
    Look {
        replies_reach: Some("the desk".to_owned()),
        ..look
    }
}

pub(super) fn samples() -> Vec<Sample> {
    let one = |name, notice, needed| Sample {
        name,
        letter: letter(vec![notice]),
        needed,
    };
    let mut marked = letter(vec![alert(), unprepared(), update()]);
    marked.possible_repeat = true;
    marked.as_of = Some(noon());
    marked.undeliverable_roles = vec!["physiatrist".to_owned()];
    let mut veiled = letter(vec![alert()]);
    veiled.disclosure = Disclosure::LinkOnly;
    vec![
        one(
            "an alert",
            alert(),
            vec!["p-0", "Do the one thing", "carebus ack al-0"],
        ),
        one(
            "an alert that ended",
            update(),
            vec!["p-0", "Nothing is left to do"],
        ),
        one("an EA session", session(), vec!["p-0", "ea-0", "48 h"]),
        one(
            "a PT session without EA",
            unprepared(),
            vec!["p-0", "pt-0", "Nobody is there"],
        ),
        one("an Oswestry due", oswestry(), vec!["p-0", "1 June 2026"]),
        one("a report", report(), vec!["p-0", "42 %", "40.4 %", "n = 3"]),
        Sample {
            name: "several things",
            letter: marked,
            needed: vec![
                "p-0",
                "Do the one thing",
                "in doubt",
                "Possible repeat",
                "Undeliverable role",
            ],
        },
        Sample {
            name: "what must not be named",
            letter: veiled,
            needed: vec!["p-0", "carebus explain al-0"],
        },
    ]
}

fn letter(mut notices: Vec<Notice>) -> Letter {
    let first = notices.remove(0);
    Letter {
        about: About::Patient {
            id: "p-0".to_owned(),
            their_ref: Some(Phi::new("R-0".to_owned())),
            name: None,
        },
        reader: Reader {
            role: "pcp".to_owned(),
            zone: TimeZone::UTC,
        },
        disclosure: Disclosure::Pseudonymous,
        first,
        more: notices,
        possible_repeat: false,
        as_of: None,
        undeliverable_roles: Vec::new(),
        link: Link::new("https://care.example/a"),
    }
}

/// Noon of 1 June 2026.
fn noon() -> Timestamp {
    Timestamp::constant(1_780_315_200, 0)
}

fn day(number: i8) -> Date {
    Date::constant(2026, 6, number)
}

fn reference() -> AlertRef {
    AlertRef {
        alert_id: "al-0".to_owned(),
        title: "Something is so".to_owned(),
        severity: Severity::Emergency,
    }
}

fn alert() -> Notice {
    let fact = |unit: Option<&str>, at| Fact {
        label: "Observed".to_owned(),
        value: "5".to_owned(),
        unit: unit.map(str::to_owned),
        at,
    };
    Notice::Alert(Alert {
        alert: reference(),
        first: "Do the one thing.".to_owned(),
        happened: vec![fact(Some("%"), Some(noon())), fact(None, None)],
        threshold: Some(Threshold {
            limit: "more than 4".to_owned(),
            source: "policy".to_owned(),
        }),
        evidence: Evidence::Policy,
        holds: vec!["EA sessions".to_owned(), "PT sessions".to_owned()],
        told: vec!["pcp".to_owned()],
        raised_at: noon(),
        advice: Some("As agreed.".to_owned()),
    })
}

fn update() -> Notice {
    Notice::AlertUpdate(AlertUpdate {
        alert: reference(),
        at: noon(),
        change: AlertChange::Resolved {
            outcome: "seen".to_owned(),
            by: "pcp".to_owned(),
            note: None,
        },
    })
}

fn session() -> Notice {
    Notice::Session(Session {
        session_id: "ea-0".to_owned(),
        stay: Stay {
            start: noon(),
            end: noon().saturating_add(minutes(45)).unwrap_or(Timestamp::MAX),
            clinic: "the clinic".to_owned(),
            practitioner: Some(Phi::new("A. B.".to_owned())),
        },
        prepares: vec![Prepares {
            pt_start: noon().saturating_add(hours(48)).unwrap_or(Timestamp::MAX),
            clinic: "the clinic".to_owned(),
        }],
        change: SessionChange::Booked { proposed: false },
    })
}

fn unprepared() -> Notice {
    Notice::Unprepared(Unprepared {
        session_id: "pt-0".to_owned(),
        pt_start: noon(),
        clinic: "the clinic".to_owned(),
        reasons: vec!["Nobody is there".to_owned()],
        alternatives: vec![Alternative {
            moves: Move::Ea,
            start: noon(),
            end: noon(),
            breaks: vec!["gap of at most 72 h".to_owned()],
        }],
    })
}

fn oswestry() -> Notice {
    Notice::Oswestry(Oswestry {
        due_on: day(1),
        k: 1,
        opens_on: day(1),
        closes_on: day(8),
        state: OswestryState::Due,
    })
}

fn report() -> Notice {
    let point = |on, value, better_by| ReportPoint {
        on,
        value,
        better_by,
        band: Some(Band::Severe),
    };
    Notice::Report(Box::new(Report {
        report_id: "r-0".to_owned(),
        reason: Report::IMPROVED.to_owned(),
        oswestry: vec![
            point(day(1), 42.0, None),
            point(day(8), 40.4, Some(1.6)),
            point(day(15), 35.6, Some(6.4)),
        ],
        oswestry_change: Some(ReportChange {
            baseline_on: day(1),
            baseline: 42.0,
            now_on: day(15),
            now: 35.6,
            better_by_points: 6.4,
            better_by_percent: Some(15.2),
            n: 3,
            improved: false,
            worse: false,
            low_baseline: false,
        }),
        ..Report::default()
    }))
}
