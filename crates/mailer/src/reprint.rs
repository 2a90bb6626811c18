//! A letter once more: what a notice said, or would say, from a chart as it stood at some moment.

use care::chart::TryState;
use care::fact::ours::Notice;
use care::time::Timestamp;
use care::{Chart, Policy};

use crate::case::Case;
use crate::compose::{Parcel, compose};
use crate::desk::Desk;
use crate::mail::Mail;
use crate::occasion::{Occasion, occasions};
use crate::recipient::{Recipient, recipients};

/// The mail of a notice as it would be composed from this chart at this moment, for the one it was for. With the chart
/// as it stood before the notice was claimed, and the moment of the claim, it is the mail that went out. `None` when
/// nothing of what it tells would be told to them any more.
#[must_use]
pub fn reprint(
    chart: &Chart,
    policy: &Policy,
    desk: &Desk<'_>,
    notice: &Notice,
    attempt: u32,
    now: Timestamp,
) -> Option<Mail> {
    let case = Case {
        chart,
        policy,
        desk,
        now,
    };
    let occasions = occasions(&case);
    let told = |o: &&Occasion<'_>| notice.about.contains(&o.key);
    let theirs = |o| -> Option<(Recipient, &Occasion<'_>)> {
        let mut all = recipients(&case, o).into_iter();
        Some((all.find(|r| r.member == notice.member_id)?, o))
    };
    let mut wanted: Vec<(Recipient, &Occasion<'_>)> =
        occasions.iter().filter(told).filter_map(theirs).collect();
    // In the order in which they were told.
    wanted.sort_by_key(|(_, o)| notice.about.iter().position(|about| *about == o.key));
    let (to, _) = wanted.first()?;
    let unknown =
        |tries: &care::chart::NoticeRecord| tries.tries.values().any(|t| t.state == TryState::Unknown);
    let parcel = Parcel {
        notice_id: notice.notice_id.to_string(),
        attempt,
        to,
        occasions: wanted.iter().map(|(_, o)| *o).collect(),
        possible_repeat: attempt > 1 && chart.notices.get(&notice.notice_id).is_some_and(unknown),
        is_in_doubt: desk.is_in_doubt,
    };
    compose(chart, policy, desk.wording, &parcel, now)
}
