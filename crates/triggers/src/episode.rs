//! Episodes of a condition: from the first yes to the end that counts; a second yes is the same truth.

use crate::case::{Case, Told};
use crate::finding::Truth;

/// What one assessment says about a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is there.
    Yes,
    /// It has ended, and the one who says so may say so.
    Clear,
    /// Nothing, unknown, or said by somebody whose word does not end it.
    Nothing,
}

/// One stretch in which the condition stands, with at least one yes that was not taken back.
#[derive(Debug)]
pub(crate) struct Episode<'a> {
    /// Number of the yes-after-a-no, from 1.
    pub(crate) number: usize,
    /// Each yes that was not taken back.
    pub(crate) yes: Vec<Told<'a>>,
    /// What ended it.
    pub(crate) cleared: Option<Told<'a>>,
}

impl<'a> Episode<'a> {
    pub(crate) fn first(&self) -> &Told<'a> {
        // An episode without a yes is never made.
        &self.yes[0]
    }

    pub(crate) fn last(&self) -> &Told<'a> {
        &self.yes[self.yes.len() - 1]
    }

    /// Over with `outcome` if something ended it, else what the caller says.
    pub(crate) fn truth(&self, outcome: &'static str, otherwise: Truth) -> Truth {
        match &self.cleared {
            Some(clear) => Truth::Over {
                outcome,
                by: Some(clear.stamp().clone()),
            },
            None => otherwise,
        }
    }
}

/// The episodes of a condition, oldest first.
///
/// Retracted assessments keep the numbering as it was when they counted: the key of an alert that was raised does not
/// pass to another truth. They neither begin nor end an episode, except that a `no` between two episodes that both
/// have a yes still parts them.
pub(crate) fn episodes<'a>(case: &Case<'a>, verdict: impl Fn(&Told<'a>) -> Verdict) -> Vec<Episode<'a>> {
    let mut stretches: Vec<(Vec<Told<'a>>, Vec<Told<'a>>)> = Vec::new();
    for told in &case.told {
        match verdict(told) {
            Verdict::Yes => match stretches.last_mut() {
                Some((yes, clears)) if clears.is_empty() => yes.push(*told),
                _ => stretches.push((vec![*told], Vec::new())),
            },
            Verdict::Clear => stretches
                .last_mut()
                .into_iter()
                .for_each(|(_, clears)| clears.push(*told)),
            Verdict::Nothing => {}
        }
    }
    let mut episodes = Vec::new();
    for (index, (yes, clears)) in stretches.into_iter().enumerate().rev() {
        let yes: Vec<Told<'a>> = yes.into_iter().filter(|t| t.live).collect();
        let parted = clears.first().filter(|_| !episodes.is_empty());
        let cleared = clears.iter().find(|t| t.live).or(parted).copied();
        if !yes.is_empty() {
            episodes.push(Episode {
                number: index + 1,
                yes,
                cleared,
            });
        }
    }
    episodes.reverse();
    episodes
}
