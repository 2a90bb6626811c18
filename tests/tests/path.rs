//! The whole path through a real broker: a PT session is booked, moved, cancelled; its EA, the feed and the mail follow.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeSet;

use care::Event;
use care::fact::Fact as Said;
use care::fact::session::{Booking, Modality};
use care::time::{Timestamp, hours};
use tests::clinic::facts::{booked, calendar, cancelled, moved, oswestry, pain, plan};
use tests::clinic::feed::FeedItem;
use tests::clinic::letters::{Itip, Letter, itip};
use tests::clinic::record::Record;
use tests::clinic::{Clinic, instant};

const NODE: &str = "n-1";
const MORNING: &str = "2026-06-01T14:00:00Z";
const PT: &str = "2026-06-10T14:00:00Z";
const PT_MOVED: &str = "2026-06-11T17:00:00Z";
/// What no calendar may show.
const UNSPEAKABLE: [&str; 3] = ["p-1", "Oswestry", "pain"];

fn hours_before(pt: &str, n: i64) -> Timestamp {
    instant(pt).checked_sub(hours(n)).unwrap()
}

/// The newest booking or move of an EA, and its event.
fn newest_ea(record: &Record) -> Option<(&Event, &Booking)> {
    let mut newest = None;
    for event in record.ours() {
        if let Said::SessionBooked(booking) | Said::SessionMoved(booking) = &event.fact
            && booking.modality == Modality::Ea
        {
            newest = Some((event, booking));
        }
    }
    newest
}

/// The invitations of the acupuncturist, in the order of their sequence.
fn invitations(clinic: &Clinic) -> Vec<(Letter, Itip)> {
    let letters = clinic
        .letters(NODE)
        .into_iter()
        .filter(|letter| letter.to == "m-3@acupuncture.example");
    let mut all: Vec<(Letter, Itip)> = letters
        .filter_map(|letter| Some((itip(letter.invitation.as_ref()?, &UNSPEAKABLE), letter)))
        .map(|(itip, letter)| (letter, itip))
        .collect();
    all.sort_by_key(|(_, itip)| itip.sequence);
    all
}

/// Waits until so many invitations are said to be sent, and reads them.
async fn sent_invitations(clinic: &mut Clinic, ea: &str, count: usize) -> Vec<(Letter, Itip)> {
    let about_ea = format!("{ea}/");
    clinic
        .until_logged("the invitation as sent", |record| {
            let sent = record.notices("sent").into_iter();
            let about = sent
                .filter(|n| n.about.iter().any(|about| about.starts_with(&about_ea)))
                .count();
            (about >= count).then_some(())
        })
        .await;
    let all = invitations(clinic);
    assert_eq!(all.len(), count, "{all:#?}");
    for (letter, itip) in &all {
        let invitation = letter.invitation.as_ref().unwrap();
        assert_eq!(
            invitation.mime_method, itip.method,
            "MIME says what the calendar says"
        );
        assert!(
            letter.message_id.starts_with(&letter.notice()),
            "{} is the notice's",
            letter.message_id
        );
    }
    all
}

async fn first_booking(clinic: &mut Clinic) -> (String, u64) {
    clinic
        .publish([calendar("acu-1", MORNING), plan("p-1", "acu-1", MORNING)])
        .await;
    clinic.publish([booked("p-1", "pt-1", PT, MORNING)]).await;
    let (id, revision) = clinic
        .until_logged("an EA for pt-1", |record| {
            let (event, ea) = newest_ea(record)?;
            assert_eq!(ea.start, hours_before(PT, 48));
            assert_eq!(ea.prepares.as_ref().unwrap()[0].as_str(), "pt-1");
            assert_eq!(event.causation.as_ref().unwrap().as_str(), "pt-1-1");
            Some((ea.session_id.to_string(), ea.revision.unwrap()))
        })
        .await;
    (id, revision)
}

/// The feed's one word about a session.
async fn fed(clinic: &Clinic, session: &str, status: &str, start: &str) {
    clinic
        .until_fed(&format!("{session} {status}"), |items| {
            let mut about = items.iter().filter(|item| item.text("session_id") == session);
            let item = about.next()?;
            if about.next().is_some() {
                // One entry per session, the current one: it changed while it was read. Look again.
                return None;
            }
            assert_eq!(item.subject, format!("clinic.acme.eastside-pt.session.{session}"));
            let is_it = item.text("status") == status && item.text("start") == start;
            is_it.then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_booked_pt_session_gets_its_ea_and_the_feed_and_the_mail_follow_it_when_it_moves_and_is_cancelled()
{
    let mut clinic = Clinic::open(MORNING).await;
    let node = clinic.start(NODE).await;

    let (ea, revision) = first_booking(&mut clinic).await;
    let first = sent_invitations(&mut clinic, &ea, 1).await.remove(0).1;
    assert_eq!((first.method.as_str(), first.sequence), ("REQUEST", revision));
    assert_eq!(first.start, hours_before(PT, 48));
    fed(&clinic, &ea, "booked", "2026-06-08T14:00:00Z").await;

    clinic.at("2026-06-01T15:00:00Z");
    let call = moved("p-1", "pt-1", 2, PT_MOVED, "2026-06-01T15:00:00Z").in_chain("call-17");
    clinic.publish([call]).await;
    let revision = clinic
        .until_logged("the EA following its PT", |record| {
            let (event, booking) =
                newest_ea(record).filter(|(event, _)| event.fact.name() == "session.moved")?;
            assert_eq!(
                booking.session_id.as_str(),
                ea,
                "a move never mints a new appointment"
            );
            assert_eq!(booking.start, hours_before(PT_MOVED, 48));
            assert_eq!(event.causation.as_ref().unwrap().as_str(), "pt-1-2");
            assert_eq!(event.correlation.as_ref().unwrap().as_str(), "call-17");
            booking.revision
        })
        .await;
    let second = sent_invitations(&mut clinic, &ea, 2).await.remove(1).1;
    assert_eq!((second.method.as_str(), second.sequence), ("REQUEST", revision));
    assert_eq!(second.start, hours_before(PT_MOVED, 48));
    fed(&clinic, &ea, "booked", "2026-06-09T17:00:00Z").await;

    clinic.at("2026-06-01T16:00:00Z");
    clinic
        .publish([cancelled("p-1", "pt-1", 3, "2026-06-01T16:00:00Z")])
        .await;
    clinic
        .until_logged("the EA cancelled", |record| {
            let event = record
                .ours()
                .find(|event| event.fact.name() == "session.cancelled")?;
            let Said::SessionCancelled(mark) = &event.fact else {
                return None;
            };
            assert_eq!(mark.session_id.as_str(), ea);
            assert_eq!(event.causation.as_ref().unwrap().as_str(), "pt-1-3");
            Some(())
        })
        .await;
    let third = sent_invitations(&mut clinic, &ea, 3).await.remove(2).1;
    assert_eq!(third.method, "CANCEL");
    let uids: BTreeSet<&str> = [&first, &second, &third].map(|itip| itip.uid.as_str()).into();
    assert_eq!(uids.len(), 1, "one UID for life: {uids:?}");
    assert!(
        first.sequence < second.sequence && second.sequence < third.sequence,
        "SEQUENCE rises"
    );
    fed(&clinic, &ea, "cancelled", "2026-06-09T17:00:00Z").await;

    node.stop().await;
    clinic.record().await.assert_nothing_doubled();
}

/// When and what for, and no more.
fn assert_nothing_clinical(items: &[FeedItem]) {
    let known = "patient session_id revision modality status start end prepares lead_hours";
    let known: Vec<&str> = known.split(' ').collect();
    for item in items {
        let fields = item.entry.as_object().unwrap().keys();
        assert!(
            fields.clone().all(|field| known.contains(&field.as_str())),
            "{fields:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_read_from_its_start_is_the_current_schedule_and_a_rebuild_adds_nothing_to_it() {
    let mut clinic = Clinic::open(MORNING).await;
    let node = clinic.start(NODE).await;
    clinic.publish([calendar("acu-1", MORNING)]).await;
    for (n, day) in [(1, "10"), (2, "11"), (3, "12")] {
        let (patient, pt) = (format!("p-{n}"), format!("pt-{n}"));
        clinic.publish([plan(&patient, "acu-1", MORNING)]).await;
        clinic
            .publish([booked(
                &patient,
                &pt,
                &format!("2026-06-{day}T14:00:00Z"),
                MORNING,
            )])
            .await;
    }
    clinic
        .until_fed("three EA", |items| (items.len() == 3).then_some(()))
        .await;
    clinic
        .publish([moved("p-2", "pt-2", 2, "2026-06-12T17:00:00Z", MORNING)])
        .await;
    clinic.publish([cancelled("p-3", "pt-3", 2, MORNING)]).await;
    let before = clinic
        .until_fed("the changes", |items| {
            let statuses: Vec<&str> = items.iter().map(|item| item.text("status")).collect();
            let moved = items
                .iter()
                .any(|item| item.text("start") == "2026-06-10T17:00:00Z");
            // A session once, whatever became of it.
            (moved && statuses.contains(&"cancelled") && items.len() == 3).then(|| items.to_vec())
        })
        .await;
    assert_nothing_clinical(&before);
    node.stop().await;

    std::fs::remove_dir_all(clinic.state(NODE)).unwrap();
    let node = clinic.start(NODE).await;
    // What only a node that has read everything and acts can say, and that changes no schedule.
    clinic
        .publish([oswestry("p-1", 3, MORNING), pain("p-1", 70, MORNING)])
        .await;
    clinic
        .until_logged("a score", |record| {
            record.named("oswestry.scored").next().map(drop)
        })
        .await;
    node.stop().await;
    assert_eq!(clinic.feed(), before);
}
