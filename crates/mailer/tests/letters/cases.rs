//! One letter per kind of notice and per way of showing it: the inputs of the snapshots beside this file.

use care::phi::Phi;
use care::time::{TimeZone, Timestamp};
use mailer::letter::*;

pub(crate) fn look() -> Look {
    Look {
        organisation: "Eastside Care".into(),
        replies_reach: Some("the care coordination desk".into()),
        ..Look::default()
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A letter to a physiatrist in Toronto about one patient.
pub(crate) fn letter(first: Notice) -> Letter {
    Letter {
        about: About::Patient {
            id: "p-7f3a".into(),
            their_ref: Some(Phi::new("E-4711".into())),
            name: Some(Phi::new("Jane Example".into())),
        },
        reader: Reader {
            role: "physiatrist".into(),
            zone: TimeZone::get("America/Toronto").unwrap(),
        },
        disclosure: Disclosure::Pseudonymous,
        first,
        more: vec![],
        possible_repeat: false,
        as_of: None,
        undeliverable_roles: Vec::new(),
        link: Link::new("https://care.example/a/al-0c51"),
    }
}

fn red_flag() -> AlertRef {
    AlertRef {
        alert_id: "al-0c51".into(),
        title: "Red flag reported".into(),
        severity: Severity::Urgent,
    }
}

fn fact(label: &str, value: &str, unit: Option<&str>, when: Option<&str>) -> Fact {
    Fact {
        label: label.into(),
        value: value.into(),
        unit: unit.map(Into::into),
        at: when.map(at),
    }
}

pub(crate) fn alert() -> Alert {
    Alert {
        alert: red_flag(),
        first: "Examine the patient today, and review the red flag before any further treatment.".into(),
        happened: vec![
            fact(
                "Foot drop",
                "reported, worsening",
                None,
                Some("2026-06-11T18:20:00Z"),
            ),
            fact(
                "Strength, L5",
                "3",
                Some("of 5 (MRC)"),
                Some("2026-06-11T18:20:00Z"),
            ),
            fact("Oswestry", "52", Some("%"), Some("2026-06-10T13:05:00Z")),
        ],
        threshold: Some(Threshold {
            limit: "strength below 4 of 5, or a foot drop that worsens".into(),
            source: "policy of this organisation".into(),
        }),
        evidence: Evidence::Supported,
        holds: vec![
            "All EA sessions, until a clinician records a red flag review that clears treatment".into(),
        ],
        told: vec!["pcp".into(), "physiatrist".into(), "care_coordinator".into()],
        raised_at: at("2026-06-11T18:20:04Z"),
        advice: None,
    }
}

fn emergency() -> Alert {
    Alert {
        alert: AlertRef {
            alert_id: "al-77e0".into(),
            title: "Possible cauda equina syndrome".into(),
            severity: Severity::Emergency,
        },
        first: "Telephone the patient now and arrange an emergency assessment.".into(),
        happened: vec![
            fact("Bladder change", "reported", None, Some("2026-06-11T18:20:00Z")),
            fact("Saddle sensation", "changed", None, Some("2026-06-11T18:20:00Z")),
        ],
        threshold: None,
        ..alert()
    }
}

fn update(change: AlertChange) -> Notice {
    Notice::AlertUpdate(AlertUpdate {
        alert: red_flag(),
        at: at("2026-06-11T22:20:00Z"),
        change,
    })
}

pub(crate) fn session(change: SessionChange) -> Notice {
    Notice::Session(Session {
        session_id: "ea-19b2".into(),
        stay: Stay {
            start: at("2026-06-15T14:00:00Z"),
            end: at("2026-06-15T14:45:00Z"),
            clinic: "Harbour Acupuncture".into(),
            practitioner: Some(Phi::new("Mei Example, L.Ac.".into())),
        },
        prepares: vec![Prepares {
            pt_start: at("2026-06-17T14:00:00Z"),
            clinic: "Eastside PT".into(),
        }],
        change,
    })
}

fn unprepared() -> Notice {
    let ea = |start: &str, end: &str, breaks: &[&str]| Alternative {
        moves: Move::Ea,
        start: at(start),
        end: at(end),
        breaks: breaks.iter().map(ToString::to_string).collect(),
    };
    Notice::Unprepared(Unprepared {
        session_id: "pt-88".into(),
        pt_start: at("2026-06-17T14:00:00Z"),
        clinic: "Eastside PT".into(),
        reasons: vec![
            "The acupuncturist is closed from Sunday 14 June to Tuesday 16 June".into(),
            "Three EA sessions in seven days are already booked".into(),
        ],
        alternatives: vec![
            ea(
                "2026-06-13T18:30:00Z",
                "2026-06-13T19:15:00Z",
                &["gap of at most 72 h"],
            ),
            Alternative {
                moves: Move::Pt {
                    ea_start: at("2026-06-17T14:00:00Z"),
                },
                start: at("2026-06-19T14:00:00Z"),
                end: at("2026-06-19T14:45:00Z"),
                breaks: vec![],
            },
        ],
    })
}

fn oswestry(state: OswestryState) -> Notice {
    let day = |text: &str| text.parse().unwrap();
    Notice::Oswestry(Oswestry {
        due_on: day("2026-06-15"),
        k: 1,
        opens_on: day("2026-06-09"),
        closes_on: day("2026-06-22"),
        state,
    })
}

/// Name and letter, in the order of the enum.
pub(crate) fn all() -> Vec<(&'static str, Letter)> {
    let because = || "the PT session it prepares was cancelled".to_owned();
    let plain = |notice| letter(notice);
    let mut all = vec![
        ("alert-urgent", plain(Notice::Alert(alert()))),
        ("alert-emergency", plain(Notice::Alert(emergency()))),
        (
            "alert-escalated",
            plain(update(AlertChange::Escalated {
                because: "nobody acknowledged it within 4 clinic hours".into(),
                told: vec!["pcp".into(), "care_coordinator".into()],
            })),
        ),
        ("alert-resolved", plain(update(resolved()))),
        (
            "alert-retracted",
            plain(update(AlertChange::Retracted {
                because: "the report of the foot drop was taken back".into(),
            })),
        ),
        (
            "ea-booked",
            plain(session(SessionChange::Booked { proposed: false })),
        ),
        (
            "ea-proposed",
            plain(session(SessionChange::Booked { proposed: true })),
        ),
        (
            "ea-moved",
            plain(session(SessionChange::Moved {
                from: at("2026-06-13T14:00:00Z"),
                because: Some("the PT session moved".into()),
                proposed: false,
            })),
        ),
        (
            "ea-cancelled",
            plain(session(SessionChange::Cancelled { because: because() })),
        ),
        (
            "ea-held",
            plain(session(SessionChange::Held {
                because: "a contraindication was recorded".into(),
            })),
        ),
        ("ea-released", plain(session(SessionChange::Released))),
        ("unprepared", plain(unprepared())),
        ("oswestry-due", plain(oswestry(OswestryState::Due))),
        (
            "oswestry-overdue",
            plain(oswestry(OswestryState::Overdue { step: 2 })),
        ),
        (
            "oswestry-missed",
            plain(oswestry(OswestryState::Missed {
                in_a_row: 2,
                next_due_on: "2026-06-29".parse().ok(),
            })),
        ),
    ];
    all.extend(
        crate::reports::all()
            .into_iter()
            .map(|(name, report)| (name, plain(Notice::Report(Box::new(report))))),
    );
    all.extend(shown_otherwise());
    all
}

fn resolved() -> AlertChange {
    AlertChange::Resolved {
        outcome: "cleared for treatment".into(),
        by: "physiatrist".into(),
        note: Some(Phi::new("Seen today, strength 5 of 5.".into())),
    }
}

/// The same notices at other levels, marked, grouped, in other zones.
fn shown_otherwise() -> Vec<(&'static str, Letter)> {
    let mut identified = letter(update(resolved()));
    identified.disclosure = Disclosure::Identified;
    let mut veiled = letter(Notice::Alert(alert()));
    veiled.disclosure = Disclosure::LinkOnly;
    let mut marked = letter(Notice::Alert(emergency()));
    marked.possible_repeat = true;
    marked.as_of = Some("2026-06-04T13:05:00Z".parse().unwrap());
    marked.undeliverable_roles = vec!["pcp".into()];
    marked.reader.role = "care_coordinator".into();
    marked.link = None;
    let mut grouped = letter(session(SessionChange::Booked { proposed: false }));
    grouped.more = vec![oswestry(OswestryState::Due), unprepared()];
    grouped.reader.role = "care_coordinator".into();
    let mut practitioner = letter(Notice::Alert(Alert {
        alert: AlertRef {
            alert_id: "al-21d9".into(),
            title: "Licence expires within 30 days".into(),
            severity: Severity::Advisory,
        },
        first: "Record the renewed licence, or place another practitioner.".into(),
        happened: vec![fact("Licence expires on", "2026-07-04", None, None)],
        evidence: Evidence::Policy,
        holds: vec![],
        threshold: Some(Threshold {
            limit: "30 days before expiry".into(),
            source: "policy of this organisation".into(),
        }),
        ..alert()
    }));
    practitioner.about = About::Practitioner { id: "acu-1".into() };
    practitioner.reader = Reader {
        role: "on_call".into(),
        zone: TimeZone::UTC,
    };
    practitioner.link = None;
    vec![
        ("identified", identified),
        ("link-only", veiled),
        ("marked", marked),
        ("grouped", grouped),
        ("practitioner", practitioner),
    ]
}

/// The weekly letter of an acupuncturist: two patients, three alerts.
fn digest() -> Digest {
    let line =
        |id: &str, title: &str, first: &str, happened: Vec<Fact>, evidence: Evidence, severity: Severity| {
            DigestLine {
                alert: Alert {
                    alert: AlertRef {
                        alert_id: id.into(),
                        title: title.into(),
                        severity,
                    },
                    first: first.into(),
                    happened,
                    evidence,
                    holds: vec![],
                    threshold: None,
                    ..alert()
                },
                since: at("2026-06-10T14:00:00Z"),
            }
        };
    let better = line(
        "al-7c10",
        "Oswestry better by a meaningful amount",
        "Look at the trend and go on as planned.",
        vec![
            fact("Oswestry baseline", "52", Some("%"), None),
            fact("Oswestry now", "34", Some("%"), None),
        ],
        Evidence::Supported,
        Severity::Info,
    );
    let missed = line(
        "al-90af",
        "EA session missed",
        "Find out why, and confirm the next one.",
        vec![],
        Evidence::Policy,
        Severity::Info,
    );
    let team = line(
        "al-11b2",
        "Care team incomplete",
        "Name a physiatrist.",
        vec![fact("Role", "physiatrist", None, None)],
        Evidence::Assumption,
        Severity::Advisory,
    );
    let other = About::Patient {
        id: "p-9c01".into(),
        their_ref: None,
        name: None,
    };
    Digest {
        reader: letter(Notice::Alert(alert())).reader,
        disclosure: Disclosure::Pseudonymous,
        patients: vec![
            DigestPatient {
                about: letter(Notice::Alert(alert())).about,
                lines: vec![better, missed],
            },
            DigestPatient {
                about: other,
                lines: vec![team],
            },
        ],
        possible_repeat: false,
        undeliverable_roles: Vec::new(),
        link: None,
    }
}

/// Every way of showing a digest.
pub(crate) fn digests() -> Vec<(&'static str, Digest)> {
    let mut veiled = digest();
    veiled.disclosure = Disclosure::LinkOnly;
    let mut single = digest();
    single.patients.truncate(1);
    single.patients[0].lines.truncate(1);
    single.possible_repeat = true;
    single.undeliverable_roles = vec!["physiatrist".into()];
    vec![
        ("digest", digest()),
        ("digest-link-only", veiled),
        ("digest-single", single),
    ]
}

/// Every way in which a log is not the one that was read.
pub(crate) fn log_letters() -> Vec<(&'static str, LogLetter)> {
    use care::fact::ours::{LogChanged, LogFound};
    let found = |found| LogLetter {
        reader: Reader {
            role: "on_call".into(),
            zone: TimeZone::UTC,
        },
        changed: LogChanged {
            found,
            known_created: at("2026-05-01T08:00:00Z"),
            known_position: 1234,
            created: at("2026-05-01T08:00:00Z"),
            last_position: 1200,
        },
        at: at("2026-06-01T14:00:00Z"),
        possible_repeat: found == LogFound::Hole,
    };
    vec![
        ("log-shorter", found(LogFound::Shorter)),
        ("log-another-message", found(LogFound::AnotherMessage)),
        ("log-recreated", found(LogFound::Recreated)),
        ("log-hole", found(LogFound::Hole)),
        ("log-missing", found(LogFound::Missing)),
    ]
}
