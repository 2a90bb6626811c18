//! Postfix's smtp-sink, which no line of ours made fail: the same verdicts.

use std::collections::BTreeMap;
use std::io::Write;

use care::fact::ours::Notice;
use post::{Post, SmtpCarrier, SmtpSettings, Tls};
use tests::clinic::Clinic;
use tests::clinic::facts::{calendar, plan, red_flag};
use tests::clinic::sink::{NO_SINK, Sink};

const NOW: &str = "2026-06-01T14:00:00Z";
const TEAM: usize = 5;

/// What smtp-sink is told, the verb that the log then shows of the five urgent mails and how often, and the reply.
type Row = (&'static [&'static str], &'static str, usize, Option<u16>);

const ROWS: [Row; 9] = [
    (&[], "sent", 1, Some(250)),
    (&["-r", "RCPT", "-b", "451 4.7.1 busy"], "deferred", 1, Some(451)),
    (
        &["-f", "RCPT", "-B", "550 5.1.1 nobody"],
        "rejected",
        1,
        Some(550),
    ),
    (&["-f", "."], "rejected", 1, Some(500)),
    (&["-r", "."], "deferred", 1, Some(450)),
    (&["-Q", "MAIL"], "deferred", 1, Some(421)),
    (&["-Q", "RCPT"], "deferred", 1, Some(421)),
    (&["-q", "DATA"], "deferred", 1, None),
    // Sent once more, and then not again.
    (&["-q", "."], "unknown", 2, None),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn smtp_sink_fails_as_it_is_told_to() {
    for row in ROWS {
        let Some(sink) = Sink::start(row.0) else {
            // Not a macro: those are hidden when a test passes, and a test that was skipped has to show.
            writeln!(std::io::stderr(), "SKIPPED: {NO_SINK}").ok();
            return;
        };
        carry_out(row, &sink).await;
    }
}

async fn carry_out((arguments, verb, times, reply): Row, sink: &Sink) {
    let mut clinic = Clinic::open(NOW).await;
    let settings = SmtpSettings::new("127.0.0.1", sink.port(), Tls::None);
    let post = Post::Smtp(Box::new(SmtpCarrier::new(settings).unwrap()));
    let node = clinic.start_with("n-1", post).await;
    clinic
        .publish([
            calendar("acu-1", NOW),
            plan("p-1", "acu-1", NOW),
            red_flag("p-1", "bladder_change", NOW),
        ])
        .await;
    let what = format!("{arguments:?}: {verb} of five mails");
    clinic
        .until_logged(&what, |record| {
            (record.notices(verb).len() >= TEAM * times).then_some(())
        })
        .await;
    node.stop().await;
    let record = clinic.record().await;
    record.assert_nothing_doubled();
    let ended = record.notices(verb);
    assert!(
        ended.iter().all(|notice| notice.reply == reply),
        "{arguments:?}: {ended:?}"
    );
    let mut of: BTreeMap<&str, Vec<&Notice>> = BTreeMap::new();
    for notice in record.notices("attempted") {
        of.entry(&notice.message_id).or_default().push(notice);
    }
    let kept = sink.kept();
    for (id, tries) in of {
        let copies = kept.iter().filter(|mail| mail.contains(id)).count();
        assert!(
            tries.len() <= times && copies <= times,
            "{arguments:?}: {copies} copies of {tries:?}"
        );
        assert!(
            verb != "sent" || copies == 1,
            "{arguments:?}: {copies} copies of {tries:?}"
        );
    }
}
