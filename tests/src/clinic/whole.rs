//! What must be true after any fault, read off the log and the mails: all there, nothing twice, nothing else.

use std::collections::BTreeSet;
use std::time::Duration;

use super::course::{Outcome, PATIENTS, Stage, patient, stages, undisturbed};
use super::record::Record;
use super::{Clinic, instant};

/// How long what is missing is waited for while nothing at all is said; a loaded machine is slow, and no fault.
const PATIENCE: Duration = Duration::from_secs(120);

/// The course of twenty patients, and what an undisturbed run makes of it.
#[derive(Debug, Clone)]
pub struct Course {
    /// What happens.
    pub stages: Vec<Stage>,
    expected: Vec<Outcome>,
}

impl Default for Course {
    fn default() -> Self {
        let stages = stages();
        let expected = undisturbed(&stages);
        Self { stages, expected }
    }
}

impl Course {
    /// When it begins.
    #[must_use]
    pub fn begin(&self) -> &'static str {
        self.stages[0].now
    }

    /// When it ends.
    ///
    /// # Panics
    /// Never: it has stages.
    #[must_use]
    pub fn end(&self) -> &'static str {
        self.stages.last().expect("stages").now
    }

    /// Waits until everything is said that an undisturbed run says by the end of a stage; how long that took.
    ///
    /// # Panics
    /// After two minutes of silence, with what is missing.
    pub async fn until_said(&self, stage: usize, clinic: &mut Clinic) -> Duration {
        let began = tokio::time::Instant::now();
        let (mut end, mut grew) = (0, began);
        loop {
            let missing = self.expected[stage].beyond(&Outcome::of(clinic.record().await.ours()));
            if missing.is_empty() {
                return began.elapsed();
            }
            let now = clinic.record().await.end;
            if now > end {
                (end, grew) = (now, tokio::time::Instant::now());
            }
            if grew.elapsed() > PATIENCE {
                let (now, told) = (self.stages[stage].now, clinic.record().await.told());
                panic!(
                    "by {now} nobody says {missing:#?}; the log says\n{told}\n{}",
                    clinic.said()
                );
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Checks P1 to P4 after the last stage, when every process has ended: `nodes` are the names they had.
    ///
    /// # Panics
    /// When something was lost, said twice, or said that an undisturbed run would not say.
    pub async fn assert_kept(&self, clinic: &mut Clinic, nodes: &[&str]) {
        // Another start finds nothing left to do.
        clinic.at(self.end());
        let end = clinic.record().await.end;
        let mut node = clinic.node(nodes[0]).await;
        node.settle_at(instant(self.end()))
            .await
            .expect("the workers come to rest");
        let record = clinic.record().await;
        assert_eq!(
            record.end,
            end,
            "a start that finds everything done does nothing\n{}",
            record.told()
        );
        assert_eq!(node.engine().state_hash(), record.folded().state_hash());
        drop(node);

        assert_every_input_is_there(record, &self.stages);
        record.assert_nothing_doubled();
        assert_every_pt_has_its_one_ea(record);
        let outcome = Outcome::of(record.ours());
        let undisturbed = self.expected.last().expect("stages");
        let none = Vec::<String>::new();
        assert_eq!(
            outcome.beyond(undisturbed),
            none,
            "nothing that an undisturbed run would not say"
        );
        assert_eq!(undisturbed.beyond(&outcome), none, "and nothing less");
        assert_every_letter_is_a_sent_notice(clinic, nodes).await;
    }
}

fn assert_every_input_is_there(record: &Record, stages: &[Stage]) {
    for fact in stages.iter().flat_map(|stage| &stage.facts) {
        let event = fact.event();
        let is_there = record.facts.iter().any(|(_, logged)| *logged == event);
        assert!(is_there, "{event:?} is lost");
    }
}

fn assert_every_pt_has_its_one_ea(record: &Record) {
    let preparations = record.preparations();
    let cancelled = PATIENTS.div_ceil(5);
    assert_eq!(preparations.len(), PATIENTS * 2 - cancelled);
    for (pt, count) in preparations {
        let is_held = (0..PATIENTS).any(|n| n % 5 == 2 && pt.starts_with(&format!("{} ", patient(n))));
        let expected = usize::from(!is_held);
        assert_eq!(
            count, expected,
            "{pt}: one active EA, and none while a red flag is open"
        );
    }
}

/// One mail per notice that was sent, and no other; in two folders only if the first claim was cut off and closed.
///
/// # Panics
/// When a mail is missing, or there is one too many.
pub async fn assert_every_letter_is_a_sent_notice(clinic: &mut Clinic, nodes: &[&str]) {
    let mut letters: Vec<String> = Vec::new();
    for node in nodes {
        letters.extend(clinic.letters(node).iter().map(super::letters::Letter::notice));
    }
    let ids = |record: &Record, verb| -> BTreeSet<String> {
        let notices = record.notices(verb);
        notices.iter().map(|n| n.notice_id.to_string()).collect()
    };
    let record = clinic.record().await;
    let (sent, cut_off) = (ids(record, "sent"), ids(record, "deferred"));
    let mut seen = BTreeSet::new();
    for letter in letters {
        let again = !seen.insert(letter.clone());
        assert!(
            !again || cut_off.contains(&letter),
            "{letter} went out twice, and its claim was never closed"
        );
    }
    assert_eq!(seen, sent, "a mail per notice that was sent, and no other");
}
