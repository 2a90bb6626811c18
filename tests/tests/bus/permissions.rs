//! The permission table on a real server: everything that can be tried, tried with every credential, and who should be
//! able to is said here in words of its own.

use bus::permissions::{CLINIC_API, Holder, Permission, server_config, table};
use care::{Fact, Worker};
use tests::wire::{Who, Wire};

use super::*;

/// What somebody might try to publish.
#[derive(Debug)]
enum Deed {
    /// A fact, or what is not quite one.
    Say {
        org: &'static str,
        kind: &'static str,
        name: String,
    },
    /// A clinic's schedule.
    Feed { org: &'static str },
    /// Something into quarantine.
    Refuse { org: &'static str },
    /// A lease.
    Lead { org: &'static str, worker: &'static str },
    /// A line about oneself in the roster of nodes.
    Tell { org: &'static str, role: &'static str },
    /// A question about one of the streams.
    Ask {
        stream: &'static str,
        question: &'static str,
        tail: &'static str,
    },
    /// A question about all of them, or about the server.
    AskAll(&'static str),
    /// What only a clinic's account knows: reading `whose` schedule through `through`'s consumer.
    Read {
        question: &'static str,
        through: &'static str,
        whose: &'static str,
    },
    /// Taking note of a message of a consumer of the feed.
    Acknowledge { through: &'static str },
}

const ORGS: [&str; 2] = ["acme", "other"];
const CLINICS: [&str; 3] = ["east", "west", "east-2"];
/// Looking: at the stream, at one message, at all in order.
const LOOKS: [(&str, &str); 5] = [
    ("STREAM.INFO", ""),
    ("STREAM.MSG.GET", ""),
    ("CONSUMER.CREATE", ""),
    ("CONSUMER.CREATE", ".x"),
    ("CONSUMER.MSG.NEXT", ".x"),
];
/// Changing, and ways around.
const CHANGES: [(&str, &str); 24] = [
    ("STREAM.CREATE", ""),
    ("STREAM.UPDATE", ""),
    ("STREAM.DELETE", ""),
    ("STREAM.PURGE", ""),
    ("STREAM.MSG.DELETE", ""),
    ("STREAM.SNAPSHOT", ""),
    ("STREAM.RESTORE", ""),
    ("STREAM.PEER.REMOVE", ""),
    ("STREAM.LEADER.STEPDOWN", ""),
    ("CONSUMER.DURABLE.CREATE", ".x"),
    ("CONSUMER.DELETE", ".x"),
    ("CONSUMER.INFO", ".x"),
    ("CONSUMER.NAMES", ""),
    ("CONSUMER.LIST", ""),
    ("CONSUMER.PAUSE", ".x"),
    ("CONSUMER.RESET", ".x"),
    ("CONSUMER.UNPIN", ".x"),
    ("CONSUMER.LEADER.STEPDOWN", ".x"),
    ("DIRECT.GET", ""),
    ("DIRECT.GET", ".care.acme.patient.p-1.session.booked"),
    ("DIRECT.GET", ".clinic.acme.west.session.s-1"),
    ("DIRECT.GET", ".$KV.carebus_leases.acme.mailer"),
    ("STREAM.TEMPLATE.CREATE", ""),
    ("META.LEADER.STEPDOWN", ""),
];
const STREAMS: [&str; 6] = [
    "CARE_ACME",
    "CLINIC_ACME",
    "QUARANTINE_ACME",
    "KV_carebus_leases",
    "CARE_OTHER",
    "CLINIC_OTHER",
];

fn deeds() -> Vec<Deed> {
    let mut all = Vec::new();
    let odd = [
        "assessment.mood",
        "plan.dreamt",
        "session.dreamt",
        "alert.dreamt",
        "notice.dreamt",
        "session",
    ];
    let odd = odd
        .map(str::to_owned)
        .into_iter()
        .chain(["session.booked.twice".to_owned(), "x.y".to_owned()]);
    for name in Fact::names().into_iter().chain(odd) {
        for org in ORGS {
            for kind in ["patient", "practitioner", "member"] {
                all.push(Deed::Say {
                    org,
                    kind,
                    name: name.clone(),
                });
            }
        }
    }
    for org in ORGS {
        all.extend([Deed::Feed { org }, Deed::Refuse { org }]);
        let workers = ["scheduler", "oswestry", "triggers", "mailer", "nobody"];
        all.extend(workers.map(|worker| Deed::Lead { org, worker }));
        let roles = ["node", "scheduler", "mailer", "nobody"];
        all.extend(roles.map(|role| Deed::Tell { org, role }));
    }
    for stream in STREAMS {
        let ask = |&(question, tail): &(&'static str, &'static str)| Deed::Ask {
            stream,
            question,
            tail,
        };
        all.extend(LOOKS.iter().chain(&CHANGES).map(ask));
    }
    all.extend(
        [
            "$JS.API.INFO",
            "$JS.API.STREAM.NAMES",
            "$JS.API.STREAM.LIST",
            "$SYS.REQ.SERVER.PING",
            "$SYS.REQ.USER.INFO",
            ">",
            "_INBOX_node.x",
        ]
        .map(Deed::AskAll),
    );
    for through in CLINICS {
        all.push(Deed::Acknowledge { through });
        for whose in CLINICS {
            for question in ["CONSUMER.CREATE", "CONSUMER.MSG.NEXT", "DIRECT.GET"] {
                all.push(Deed::Read {
                    question,
                    through,
                    whose,
                });
            }
        }
    }
    all
}

impl Deed {
    fn subject(&self) -> String {
        match self {
            Self::Say { org, kind, name } => format!("care.{org}.{kind}.x-1.{name}"),
            Self::Feed { org } => format!("clinic.{org}.east.session.s-1"),
            Self::Refuse { org } => format!("quarantine.{org}.not-json.1.ab"),
            Self::Lead { org, worker } => format!("$KV.carebus_leases.{org}.{worker}"),
            Self::Tell { org, role } => format!("$KV.carebus_leases.{org}.status.{role}.n-1"),
            Self::Ask {
                stream,
                question,
                tail,
            } => format!("$JS.API.{question}.{stream}{tail}"),
            Self::AskAll(subject) => (*subject).to_owned(),
            Self::Read {
                question: "CONSUMER.CREATE",
                through,
                whose,
            } => {
                format!("{CLINIC_API}.CONSUMER.CREATE.CLINIC_ACME.{through}.clinic.acme.{whose}.>")
            }
            Self::Read {
                question: "CONSUMER.MSG.NEXT",
                through,
                ..
            } => {
                format!("{CLINIC_API}.CONSUMER.MSG.NEXT.CLINIC_ACME.{through}")
            }
            Self::Read { question, whose, .. } => {
                format!("{CLINIC_API}.{question}.CLINIC_ACME.clinic.acme.{whose}.session.s-1")
            }
            Self::Acknowledge { through } => format!("$JS.ACK.CLINIC_ACME.{through}.1.1.1.1.0"),
        }
    }

    /// Who should be able to, from what each credential is for.
    fn is_for(&self, holder: &Holder) -> bool {
        use Holder::{Administrator, Clinic, Desk, Node, Viewer};
        let works = matches!(holder, Administrator | Node);
        let process = works || matches!(holder, Holder::Worker(_));
        let is = |worker| *holder == Holder::Worker(worker);
        let clinic = |name: &str| matches!(holder, Clinic(own) if own.as_str() == name);
        match self {
            // The organisation is the wall.
            Self::Say { org: "other", .. } | Self::Feed { org: "other" } | Self::Refuse { org: "other" } => {
                false
            }
            Self::Lead { org: "other", .. } | Self::Tell { org: "other", .. } => *holder == Administrator,
            Self::Say { kind, name, .. } => *holder == Administrator || says(holder, kind, name),
            Self::Tell { role, .. } => works || matches!(holder, Holder::Worker(own) if own.name() == *role),
            Self::Feed { .. } => works || is(Worker::Scheduler),
            Self::Refuse { .. } => process,
            Self::Lead { worker, .. } => {
                works || matches!(holder, Holder::Worker(own) if own.name() == *worker)
            }
            Self::Ask {
                stream,
                question,
                tail,
            } => {
                let reads = process || matches!(holder, Viewer | Desk);
                let look = LOOKS.contains(&(question, tail)) && stream.ends_with("_ACME");
                // Of the leases, who holds one is enough.
                let lease = *stream == "KV_carebus_leases"
                    && question.starts_with("STREAM.")
                    && LOOKS.contains(&(question, tail));
                *holder == Administrator || (reads && (look || lease))
            }
            Self::AskAll("$JS.API.INFO") => !matches!(holder, Clinic(_)),
            Self::AskAll(subject) => *holder == Administrator && subject.starts_with("$JS.API."),
            // A consumer has the name of its clinic, and so have the subjects of its schedule.
            Self::Read {
                question: "CONSUMER.CREATE",
                through,
                whose,
            } => through == whose && clinic(whose),
            Self::Read {
                question: "CONSUMER.MSG.NEXT",
                through,
                ..
            } => clinic(through),
            Self::Read { whose, .. } => clinic(whose),
            Self::Acknowledge { through } => clinic(through) || *holder == Administrator,
        }
    }
}

/// Whose word a fact is.
fn says(holder: &Holder, kind: &str, name: &str) -> bool {
    let (noun, verb) = name.split_once('.').unwrap_or((name, ""));
    let about = |kinds: &[&str]| kinds.contains(&kind);
    let treated = about(&["patient", "practitioner"]);
    match holder {
        // Everything but that somebody was erased: only who can erase may say so.
        Holder::Node => {
            let nouns = [
                "plan",
                "session",
                "assessment",
                "oswestry",
                "alert",
                "report",
                "notice",
            ];
            let one_verb = !verb.is_empty() && !verb.contains('.');
            kind != "patient" || (nouns.contains(&noun) && one_verb)
        }
        Holder::Worker(Worker::Scheduler) => {
            let verbs = ["booked", "moved", "cancelled", "held", "released", "unprepared"];
            noun == "session" && verbs.contains(&verb) && about(&["patient"])
        }
        Holder::Worker(Worker::Oswestry) => noun == "oswestry" && about(&["patient"]),
        Holder::Worker(Worker::Triggers) => {
            let alerts = noun == "alert" && ["raised", "escalated", "resolved"].contains(&verb);
            (alerts && treated) || (noun == "report" && about(&["patient"]))
        }
        Holder::Worker(Worker::Mailer) => {
            let notice = noun == "notice" && !["released", "dreamt"].contains(&verb);
            notice || (name == "log.changed" && about(&["member"]))
        }
        Holder::Desk => {
            let answers = noun == "alert" && ["acknowledged", "resolved"].contains(&verb);
            let sessions = noun == "session" && ["confirmed", "declined"].contains(&verb);
            let patient = about(&["patient"]);
            (answers && treated) || (sessions && patient) || (name == "notice.released" && about(&["member"]))
        }
        Holder::Clinic(_) => match noun {
            // Whatever it is called: what is misspelt shows in quarantine.
            "plan" | "assessment" => about(&["patient"]) && !verb.is_empty(),
            "session" => about(&["patient"]) && !["unprepared", "dreamt", "", "booked.twice"].contains(&verb),
            "calendar" | "credentials" => about(&["practitioner"]),
            // Ending one can lift a safety hold.
            "alert" => verb == "acknowledged" && treated,
            _ => false,
        },
        _ => false,
    }
}

fn rows() -> Vec<Permission> {
    let clinics = CLINICS.map(|c| ClinicId::new(c).expect("a clinic"));
    table(&acme(), &clinics)
}

/// A server with every user of the table, each with its own name for a password.
pub(super) fn guarded(rows: &[Permission]) -> NatsServer {
    let identity = |row: &Permission| format!("user: \"{0}\", password: \"{0}\"", row.user);
    NatsServer::start_with(&server_config(rows, identity))
}

pub(super) fn as_user(server: &NatsServer, row: &Permission) -> Wire {
    Wire::open(server, Who::User(&row.user, &row.user), &row.inbox())
        .unwrap_or_else(|e| panic!("{}: {e}", row.user))
}

#[test]
fn every_forbidden_operation_is_refused_to_every_credential() {
    let rows = rows();
    let server = guarded(&rows);
    let deeds = deeds();
    let (mut done, mut refused, mut wrong) = (0, 0, Vec::new());
    for row in &rows {
        let mut wire = as_user(&server, row);
        for deed in &deeds {
            let (subject, may) = (deed.subject(), deed.is_for(&row.holder));
            if wire.is_refused(&subject) == may {
                wrong.push(format!(
                    "{} {} {subject}",
                    row.user,
                    if may { "cannot" } else { "can" }
                ));
            }
            done += usize::from(may);
            refused += usize::from(!may);
        }
        for other in &rows {
            let inbox = format!("{}.x", other.inbox());
            if wire.may_not_hear(&inbox) != (other.user != row.user) || !wire.is_refused(&inbox) {
                wrong.push(format!("{} and {inbox}", row.user));
            }
        }
        let own = match &row.holder {
            Holder::Clinic(clinic) => format!("clinic.acme.{clinic}.>"),
            _ => String::new(),
        };
        for subject in [
            ">",
            "*",
            "care.>",
            "care.acme.>",
            "clinic.acme.>",
            "clinic.acme.east.>",
            "clinic.acme.west.>",
            "quarantine.acme.>",
            "clinic.acme.east-2.>",
            "_INBOX.>",
            "_INBOX_*.>",
            "$JS.>",
            "$KV.>",
            "$SYS.>",
            "_R_.>",
            "$JS.ACK.>",
            "$JS.EVENT.>",
        ] {
            if wire.may_not_hear(subject) == (subject == own) {
                wrong.push(format!("{} hears {subject}", row.user));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(done > 500 && refused > 4000, "{done} allowed, {refused} refused");
}

#[test]
fn nobody_gets_in_without_a_credential_or_with_another_ones_password() {
    let rows = rows();
    let server = guarded(&rows);
    for (user, password) in [
        ("node", "viewer"),
        ("", ""),
        ("nobody", "nobody"),
        ("administrator", ""),
    ] {
        let opened = Wire::open(&server, Who::User(user, password), "_INBOX_x");
        assert!(
            opened.is_err_and(|e| e.contains("Authorization Violation")),
            "{user}"
        );
    }
    let (_, seed) = bus::permissions::new_key().expect("a key");
    assert!(Wire::open(&server, Who::Nkey(&seed), "_INBOX_x").is_err());
}
