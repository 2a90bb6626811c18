//! One row: a clinic, a node and a mail server that fails, until it does not any more.

use std::collections::BTreeMap;
use std::time::Duration;

use care::fact::ours::{Lane, Notice};
use node::{MailPause, PauseReason};
use post::{Post, SmtpCarrier, SmtpSettings};
use tests::clinic::facts::{booked, calendar, plan, red_flag};
use tests::clinic::mailbox::{Identity, Mailbox, PASSWORD, Taken};
use tests::clinic::record::Record;
use tests::clinic::tap::Tap;
use tests::clinic::{Clinic, Running};
use tokio::sync::watch;

const NOW: &str = "2026-06-01T14:00:00Z";
/// Later and later, all within open hours: whatever was put off comes due.
const LATER: [&str; 5] = [
    "2026-06-01T14:10:00Z",
    "2026-06-01T14:50:00Z",
    "2026-06-01T15:30:00Z",
    "2026-06-01T17:50:00Z",
    "2026-06-01T19:50:00Z",
];
/// Recipients who meet a fault at RCPT or later, and where they are.
const VICTIMS: [&str; 2] = ["m-1", "m-3"];
const THEIR_DOMAINS: &str = "pcp.example,acupuncture.example";
const TEAM: usize = 5;
/// What must not be said before TLS stands.
const SECRETS: [&str; 8] = [
    "MAIL FROM",
    "RCPT TO",
    "DATA\r\n",
    "AUTH ",
    "Subject",
    "Message-ID",
    "From:",
    "example",
];

/// The server that fails.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Server {
    /// Nothing listens.
    Closed,
    /// A fault of smtp_server.py.
    Fault(&'static str),
    NoStarttls,
    /// Its certificate is signed by somebody whom the node does not trust.
    Stranger,
    /// Its certificate is trusted, and for another host.
    OtherName,
    OtherPassword,
}

/// What the log says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Of urgent mail `deferred` with this reply, of routine mail nothing.
    Unreachable(Option<u16>),
    /// Nothing of either.
    OwnFault(Option<u16>),
    /// Of the victims' mail, and of nobody else's.
    Deferred(Option<u16>),
    Rejected(u16),
    Unknown,
    /// Either: a message this small is out, dot and all, before the node can see that the server is gone.
    DeferredOrUnknown,
    /// Nothing went wrong: it only took long.
    Late,
}

#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) server: Server,
    pub(crate) verdict: Verdict,
}

/// What all rows share: the server that takes everything, and its certificate.
pub(crate) struct World {
    identity: Identity,
    other_name: Identity,
    healthy: Mailbox,
}

impl World {
    pub(crate) fn open() -> Self {
        let identity = Identity::of("localhost");
        let healthy = Mailbox::start_as(Some(&identity), &[], &[]);
        Self {
            identity,
            other_name: Identity::of("other.example"),
            healthy,
        }
    }

    fn start(&self, server: Server) -> Option<Mailbox> {
        let own = Some(&self.identity);
        Some(match server {
            Server::Closed => return None,
            Server::Fault(fault) => Mailbox::start_as(own, &["--fault", fault, "--only", THEIR_DOMAINS], &[]),
            Server::NoStarttls => Mailbox::start_as(None, &[], &[]),
            Server::Stranger => Mailbox::start_as(Some(&Identity::of("localhost")), &[], &[]),
            Server::OtherName => Mailbox::start_as(Some(&self.other_name), &[], &[]),
            Server::OtherPassword => Mailbox::start_as(own, &["--password", "changed"], &[]),
        })
    }

    /// The way to a tap, with limits that suit a fault.
    fn settings(&self, port: u16, row: &Row) -> (SmtpSettings, tempfile::TempDir) {
        let mut settings = self.healthy.settings(PASSWORD);
        let home = tempfile::tempdir().unwrap();
        // Both certificates are their own authorities.
        let trusted = format!("{}\n{}", self.identity.certificate, self.other_name.certificate);
        let ca_file = home.path().join("trusted.pem");
        std::fs::write(&ca_file, trusted).unwrap();
        settings.ca_file = Some(ca_file);
        settings.port = port;
        settings.knock_every = Duration::from_millis(100);
        settings.fault_pause = Duration::from_millis(100);
        settings.slow_after = Duration::from_millis(500);
        if matches!(row.server, Server::Fault(fault) if fault.ends_with(":silent")) {
            settings.command_timeout = Duration::from_millis(1500);
            settings.final_dot_timeout = Duration::from_millis(1500);
        }
        (settings, home)
    }
}

/// A row under way.
struct Scene<'a> {
    row: &'a Row,
    world: &'a World,
    clinic: Clinic,
    tap: Tap,
    server: Option<Mailbox>,
    /// Who had the red flag, and who has an appointment.
    urgent: String,
    routine: String,
    pause: watch::Receiver<Option<MailPause>>,
}

impl Row {
    pub(crate) async fn carry_out(&self, n: usize, world: &World) {
        let server = world.start(self.server);
        let tap = match &server {
            Some(server) => Tap::to(server.port()).await,
            None => Tap::closed().await,
        };
        let (settings, _home) = world.settings(tap.port(), self);
        let clinic = Clinic::open(NOW).await;
        let post = Post::Smtp(Box::new(SmtpCarrier::new(settings).unwrap()));
        let node = clinic.node_with("n-1", post).await;
        let table = if self.is_nobodys() { "n" } else { "r" };
        let scene = Scene {
            row: self,
            world,
            tap,
            server,
            urgent: format!("p-{table}{n}-u"),
            routine: format!("p-{table}{n}-r"),
            pause: node.mail_pause(),
            clinic,
        };
        let node = Running::new(node);
        if self.is_nobodys() {
            scene.nobodys(node).await;
        } else {
            scene.recipients(node).await;
        }
    }

    fn is_nobodys(&self) -> bool {
        matches!(self.verdict, Verdict::Unreachable(_) | Verdict::OwnFault(_))
    }
}

impl Scene<'_> {
    async fn report(&self) {
        let who = self.urgent.as_str();
        let facts = [
            calendar("acu-1", NOW),
            plan(who, "acu-1", NOW),
            red_flag(who, "bladder_change", NOW),
        ];
        self.clinic.publish(facts).await;
    }

    /// An appointment, and so an invitation.
    async fn book(&self) {
        let who = self.routine.as_str();
        let facts = [
            plan(who, "acu-1", NOW),
            booked(who, "pt-1", "2026-06-10T14:00:00Z", NOW),
        ];
        self.clinic.publish(facts).await;
    }

    async fn nobodys(mut self, node: Running) {
        let (name, verdict) = (self.row.name, self.row.verdict);
        self.report().await;
        self.until("five urgent claims and their ends", |record, is_paused| {
            let ends = match verdict {
                Verdict::Unreachable(_) => record.notices("deferred").len(),
                _ => TEAM,
            };
            is_paused && ends == TEAM && record.notices("attempted").len() == TEAM
        })
        .await;
        let paused = self.pause.borrow().clone().expect("the queue is paused");
        let (why, deferred) = match verdict {
            Verdict::Unreachable(reply) => (PauseReason::Unreachable, vec![reply; TEAM]),
            Verdict::OwnFault(reply) => {
                assert_eq!(paused.reply, reply, "{name}");
                (PauseReason::OwnFault, Vec::new())
            }
            _ => unreachable!("another table"),
        };
        assert_eq!(paused.why, why, "{name}: {}", paused.hint);
        self.book().await;
        self.until("an EA", |record, _| record.named("session.booked").count() == 2)
            .await;
        // Nothing tells that nothing happens; a moment in which it would.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let record = self.clinic.record().await;
        let replies: Vec<Option<u16>> = record.notices("deferred").iter().map(|n| n.reply).collect();
        assert_eq!(replies, deferred, "{name}");
        assert_eq!(
            record.notices("attempted").len(),
            TEAM,
            "{name}: routine mail is not claimed"
        );
        for verb in ["sent", "rejected", "unknown", "abandoned"] {
            assert!(record.notices(verb).is_empty(), "{name}: {verb}");
        }
        let urgent: Vec<String> = ids(record, "attempted");
        let before = self.heal().await;
        assert!(before.is_empty(), "{name}: {before:?}");
        self.until("the end of the pause", |_, is_paused| !is_paused)
            .await;
        let tries = if deferred.is_empty() { 1 } else { 2 };
        if tries > 1 {
            self.clinic.at(LATER[0]);
        }
        // A fault of ours uses up no try, and needs no hour to pass.
        let sent = |record: &Record, id: &String| {
            let mut sent = record.notices("sent").into_iter();
            sent.any(|n| n.message_id == *id && n.attempt == tries)
        };
        self.until("everything sent", |record, _| {
            let mut all = record.notices("sent").into_iter();
            let invited = all.any(|n| n.lane != Some(Lane::Urgent) && n.attempt == 1);
            invited && urgent.iter().all(|id| sent(record, id))
        })
        .await;
        node.stop().await;
        self.count_copies(before).await;
    }

    async fn recipients(mut self, node: Running) {
        let (name, verdict) = (self.row.name, self.row.verdict);
        self.report().await;
        self.book().await;
        let (verbs, reply): (&[&str], Option<u16>) = match verdict {
            Verdict::Rejected(reply) => (&["rejected"], Some(reply)),
            Verdict::Unknown => (&["unknown"], None),
            Verdict::DeferredOrUnknown => (&["deferred", "unknown"], None),
            Verdict::Late => (&["sent"], Some(250)),
            Verdict::Deferred(reply) => (&["deferred"], reply),
            _ => unreachable!("another table"),
        };
        // Five urgent mails, the invitation, and two who hear of the Oswestry.
        self.until("how every first try ended", |record, _| {
            let tried = first_tries(record, &["attempted"]);
            let ended = first_tries(record, &["sent", "deferred", "rejected", "unknown"]);
            tried.len() >= TEAM + 3 && tried.len() == ended.len()
        })
        .await;
        let record = self.clinic.record().await;
        let others = first_tries(record, &["sent"])
            .into_iter()
            .filter(|n| !is_victim(n))
            .count();
        assert!(
            others >= TEAM - VICTIMS.len(),
            "{name}: the others do not get theirs"
        );
        let tried = first_tries(record, &["attempted"])
            .into_iter()
            .filter(|n| is_victim(n))
            .count();
        let mut ended = first_tries(record, verbs);
        ended.retain(|n| is_victim(n) && n.reply == reply);
        assert!(
            tried > VICTIMS.len() && ended.len() == tried,
            "{name}: {}",
            record.told()
        );
        assert!(self.pause.borrow().is_none(), "{name}: the way is not to blame");
        let before = self.heal().await;
        for at in LATER {
            for _ in 0..10 {
                if all_done(self.clinic.record().await) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            if all_done(self.clinic.record().await) {
                break;
            }
            self.clinic.at(at);
        }
        self.until("the end of everything", |record, _| all_done(record))
            .await;
        node.stop().await;
        self.count_copies(before).await;
    }

    /// The server fails no more. What the one that did had taken.
    async fn heal(&mut self) -> Vec<Taken> {
        self.tap.lead_to(self.world.healthy.port()).await;
        self.server.take().map_or_else(Vec::new, |server| server.taken())
    }

    /// A mail of which the log does not say `unknown` arrives once or not at all; urgent mail once more per `unknown`,
    /// and says so; routine mail never.
    async fn count_copies(&mut self, before: Vec<Taken>) {
        let record = self.clinic.record().await;
        record.assert_nothing_doubled();
        let mut taken = before;
        taken.extend(self.world.healthy.taken());
        let ids: BTreeMap<&str, &Notice> = record
            .notices("attempted")
            .into_iter()
            .map(|notice| (notice.message_id.as_str(), notice))
            .collect();
        for (id, notice) in ids {
            let copies: Vec<&Taken> = taken.iter().filter(|mail| mail.text.contains(id)).collect();
            let of = |verb: &str| {
                record
                    .notices(verb)
                    .iter()
                    .filter(|n| n.message_id == *id)
                    .count()
            };
            let urgent = notice.lane == Some(Lane::Urgent);
            let most = 1 + if urgent { of("unknown") } else { 0 };
            let name = self.row.name;
            assert!(
                copies.len() <= most,
                "{name}: {} copies of {notice:?}",
                copies.len()
            );
            assert!(
                copies.len() >= of("sent"),
                "{name}: sent, and not there: {notice:?}"
            );
            if self.row.verdict == Verdict::Unknown && is_victim(notice) {
                assert_eq!(copies.len(), if urgent { 2 } else { 1 }, "{name}: {notice:?}");
            }
            for (n, copy) in copies.iter().enumerate() {
                assert!(copy.tls && copy.login, "{name}: in clear");
                assert_eq!(copy.to.len(), 1, "{name}: one message per recipient");
                let marked = copy.text.contains("Possible repeat");
                assert!(n == 0 || marked, "{name}: the second copy does not say so");
                assert!(!marked || of("unknown") > 0, "{name}: nobody can have it already");
            }
        }
        let heard = self.tap.heard();
        let heard = String::from_utf8_lossy(&heard);
        for secret in SECRETS {
            // The EHLO says the client's name.
            let said = heard.replace("EHLO client.example", "").contains(secret);
            assert!(!said, "{}: {secret:?} in clear", self.row.name);
        }
    }

    /// Waits until the log, and whether the queue is paused, show something.
    async fn until(&mut self, what: &str, holds: impl Fn(&Record, bool) -> bool) {
        for _ in 0..1200 {
            let is_paused = self.pause.borrow().is_some();
            if holds(self.clinic.record().await, is_paused) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let told = self.clinic.record().await.told();
        panic!("{}: never {what}:\n{told}", self.row.name);
    }
}

/// Notices of some verbs that are about a first try.
fn first_tries<'a>(record: &'a Record, verbs: &[&str]) -> Vec<&'a Notice> {
    let all = verbs.iter().flat_map(|verb| record.notices(verb));
    all.filter(|notice| notice.attempt == 1).collect()
}

/// `Message-ID` of every notice of a verb.
fn ids(record: &Record, verb: &str) -> Vec<String> {
    record
        .notices(verb)
        .iter()
        .map(|n| n.message_id.clone())
        .collect()
}

/// Whether nothing is left to try: sent, refused, or of an outcome that nobody knows and that is not tried again.
fn all_done(record: &Record) -> bool {
    let count = |verb: &str, notice: &Notice| {
        let of = record.notices(verb);
        of.iter().filter(|n| n.message_id == notice.message_id).count()
    };
    record.notices("attempted").iter().all(|notice| {
        let unknown = if notice.lane == Some(Lane::Urgent) { 2 } else { 1 };
        count("sent", notice) + count("rejected", notice) > 0 || count("unknown", notice) >= unknown
    })
}

fn is_victim(notice: &Notice) -> bool {
    VICTIMS.contains(&notice.member_id.as_str())
}
