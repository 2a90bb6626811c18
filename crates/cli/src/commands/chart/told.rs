//! One notice as lists show it: to whom, and how it ended; never an address.

use care::Chart;
use care::chart::{NoticeRecord, TryState};
use care::id::{MemberId, NoticeId};
use care::role::Role;
use care::sentence::moment;
use care::time::{TimeZone, Timestamp};
use serde::Serialize;

use crate::output::{Tone, Value};

/// One notice as lists show it.
#[derive(Debug, Serialize)]
pub(crate) struct Told {
    pub(crate) notice_id: NoticeId,
    pub(crate) member_id: MemberId,
    pub(crate) role: Option<Role>,
    pub(crate) state: &'static str,
    pub(crate) tries: usize,
    pub(crate) at: Option<Timestamp>,
    pub(crate) reply: Option<u16>,
    about: Vec<String>,
}

/// A notice with the role of whom it was for.
pub(crate) fn told(chart: &Chart, id: &NoticeId, record: &NoticeRecord) -> Told {
    Told {
        role: role_of(chart, &record.notice.member_id),
        ..told_of_nobody(id, record)
    }
}

/// A notice that is about no patient: the plans do not say in which role somebody got it.
pub(crate) fn told_of_nobody(id: &NoticeId, record: &NoticeRecord) -> Told {
    let last = record.last().map(|(_, last)| last);
    let state = match last.map(|l| l.state) {
        _ if record.is_sent() => "sent",
        Some(TryState::Attempted) => "going out",
        Some(TryState::Deferred) => "deferred",
        Some(TryState::Unknown) => "unknown",
        Some(TryState::Rejected) => "rejected",
        Some(TryState::Abandoned) => "abandoned",
        Some(TryState::Sent) | None => "sent",
    };
    Told {
        notice_id: id.clone(),
        member_id: record.notice.member_id.clone(),
        role: None,
        state,
        tries: record.tries.len(),
        at: last.map(|l| l.stamp.time),
        reply: last.and_then(|l| l.reply),
        about: record.notice.about.clone(),
    }
}

fn role_of(chart: &Chart, member: &MemberId) -> Option<Role> {
    let teams = chart
        .plans
        .values()
        .filter_map(|r| r.plan())
        .flat_map(|p| &p.team);
    teams.into_iter().find(|m| m.member_id == *member).map(|m| m.role)
}

impl Told {
    /// As a row of a table, times in `zone`.
    pub(super) fn cells(&self, zone: &TimeZone) -> Vec<Value> {
        let tone = if self.state == "sent" {
            Tone::Good
        } else {
            Tone::Warn
        };
        vec![
            self.at.map_or_else(String::new, |at| moment(at, zone)).into(),
            self.role
                .map_or_else(
                    || self.member_id.to_string(),
                    |r| format!("{r} {}", self.member_id),
                )
                .into(),
            Value::toned(self.state, tone),
            self.tries.to_string().into(),
            self.notice_id.as_str().into(),
        ]
    }
}
