//! Who was told of an alert, in which role and in whose place, why not earlier, and what the mail server answered.

use care::chart::{NoticeRecord, PlanRecord, TryState};
use care::fact::Fact;
use care::fact::ours::{AlertRaised, Notice, Severity};
use care::fact::plan::{Member, QuietHours};
use care::fact::value::ZoneName;
use care::role::Role;
use care::sentence::moment;
use care::time::{SignedDuration, Timestamp};
use care::{About, Chart, Event, Policy};
use mailer::hours::next_open;

use super::story::Story;

/// Shorter waits need no reason.
const AT_ONCE: SignedDuration = SignedDuration::from_mins(1);

/// One alert, and what is needed to say who heard of it.
pub(super) struct Telling<'a> {
    pub(super) chart: &'a Chart,
    pub(super) policy: &'a Policy,
    pub(super) log: &'a [Event],
    pub(super) story: &'a Story<'a>,
    pub(super) raised_at: Timestamp,
    pub(super) raised: &'a AlertRaised,
}

impl Telling<'_> {
    /// One line for each mail and each role that nobody was told in.
    pub(super) fn lines(&self) -> Vec<String> {
        let id = self.raised.alert_id.as_str();
        let mut notices: Vec<(&NoticeRecord, &str)> = Vec::new();
        for record in self.chart.notices.values() {
            let about = record
                .notice
                .about
                .iter()
                .find(|about| about.split('/').next() == Some(id));
            notices.extend(about.map(|about| (record, about.as_str())));
        }
        notices.sort_by_key(|(record, _)| {
            (
                claimed(record),
                record.notice.member_id.clone(),
                record.notice.notice_id.clone(),
            )
        });
        let mut lines: Vec<String> = notices
            .iter()
            .map(|(record, about)| self.notice(record, about))
            .collect();
        lines.extend(
            self.raised
                .roles
                .iter()
                .filter_map(|role| self.untold(*role, &notices)),
        );
        lines
    }

    fn notice(&self, record: &NoticeRecord, about: &str) -> String {
        let zone = &self.story.zone;
        let at = claimed(record);
        let then = self.chart_at(&record.notice);
        let member = team(&then)
            .iter()
            .find(|m| m.member_id == record.notice.member_id);
        let who = member.map_or_else(
            || record.notice.member_id.to_string(),
            |m| format!("{} {}", m.role, m.member_id),
        );
        let id = self.raised.alert_id.as_str();
        let places: Vec<&str> = record
            .notice
            .about
            .iter()
            .filter(|a| a.split('/').next() == Some(id))
            .filter_map(|a| Some(a.split_once("/for-")?.1))
            .collect();
        let instead = if places.is_empty() {
            String::new()
        } else {
            format!(
                ", in place of {}, whom nobody holds or who cannot be reached",
                places.join(" and ")
            )
        };
        let (what, asked) = self.what(about);
        let waited = self.waited(member, asked, at, &then);
        let tries: Vec<String> = record
            .tries
            .iter()
            .map(|(n, t)| answer(*n, t, self.story))
            .collect();
        format!(
            "{who}{instead}: {what}mail claimed {}{waited}; {}  [{}]",
            moment(at, zone),
            tries.join("; "),
            record.notice.notice_id
        )
    }

    /// What a mail told, and since when it could have been told.
    fn what(&self, about: &str) -> (String, Timestamp) {
        let alert = self.chart.alerts.get(&self.raised.alert_id);
        let rest = about.split_once('/').map_or("", |(_, rest)| rest);
        if rest == "resolved" {
            let at = alert
                .and_then(|a| a.resolved.as_ref())
                .map(|(stamp, _)| stamp.time);
            return ("that it ended: ".to_owned(), at.unwrap_or(self.raised_at));
        }
        match rest.split('/').next().and_then(|step| step.parse::<u16>().ok()) {
            Some(step) => {
                let at = alert
                    .and_then(|a| a.escalated.get(&step))
                    .map(|(stamp, _)| stamp.time);
                (
                    format!("told again (step {step}): "),
                    at.unwrap_or(self.raised_at),
                )
            }
            None => (String::new(), self.raised_at),
        }
    }

    /// Why not earlier, if it waited.
    fn waited(&self, member: Option<&Member>, asked: Timestamp, at: Timestamp, then: &Chart) -> String {
        if at.duration_since(asked) <= AT_ONCE {
            return String::new();
        }
        let zone = &self.story.zone;
        let mut reasons = Vec::new();
        let mut open_from = asked;
        if !self.raised.severity.is_immediate() {
            if let Some((rule, until)) = emergency_between(then, asked, at) {
                open_from = until.unwrap_or(at).max(asked);
                reasons.push(format!("an open emergency ({rule}) silenced it"));
            }
            let quiet = member.map(|m| self.quiet(m));
            let of_member = member
                .and_then(|m| m.timezone.as_ref())
                .map_or_else(|| then.zone(), ZoneName::zone);
            let open = next_open(open_from, &of_member, quiet);
            if open > open_from {
                open_from = open;
                reasons.push(format!(
                    "quiet hours of the recipient until {}",
                    moment(open, zone)
                ));
            }
        }
        if at.duration_since(open_from) > AT_ONCE {
            reasons.push(match self.raised.severity {
                Severity::Info => "info waits for a digest".to_owned(),
                _ => "carebus was down, or other mail or a fault went first".to_owned(),
            });
        }
        format!(" (not {}: {})", moment(asked, zone), reasons.join(", then "))
    }

    fn quiet(&self, member: &Member) -> QuietHours {
        member.quiet_hours.unwrap_or(QuietHours {
            from: self.policy.mail.quiet_from,
            to: self.policy.mail.quiet_to,
        })
    }

    /// Why nobody was told in a role.
    fn untold(&self, role: Role, notices: &[(&NoticeRecord, &str)]) -> Option<String> {
        let instead = |(record, _): &&(&NoticeRecord, &str)| {
            let suffix = format!("/for-{role}");
            record.notice.about.iter().any(|about| about.ends_with(&suffix))
        };
        let holds = |(record, _): &&(&NoticeRecord, &str)| {
            let then = self.chart_at(&record.notice);
            team(&then)
                .iter()
                .any(|m| m.role == role && m.member_id == record.notice.member_id)
        };
        if notices.iter().any(|n| instead(&n) || holds(&n)) {
            return None;
        }
        let held = team(self.chart).iter().any(|m| m.role == role);
        let alert = self.chart.alerts.get(&self.raised.alert_id);
        let ended = alert.is_some_and(|a| a.resolved.is_some());
        let taken = alert.is_some_and(|a| a.acknowledged.is_some());
        let why = match self.raised.severity {
            _ if ended => "it ended before a mail went out",
            _ if taken => "somebody took it on before a mail went out",
            Severity::Info => "info goes out with a digest, not at once",
            _ if !held => {
                "nobody of the plan holds this role, and no coordinator or on-call address stood in"
            }
            _ => "no mail went out by the end of this log",
        };
        Some(format!("{role}: not told; {why}"))
    }

    /// The chart as it stood when a mail was claimed.
    fn chart_at(&self, notice: &Notice) -> Chart {
        let mut chart = Chart::new(self.chart.patient.clone());
        let about = About::Patient(self.chart.patient.clone());
        for event in self.log.iter().filter(|event| event.about == about) {
            chart.apply(event);
            if matches!(&event.fact, Fact::NoticeAttempted(n) if n.notice_id == notice.notice_id) {
                break;
            }
        }
        chart
    }
}

/// When the first try was claimed.
fn claimed(record: &NoticeRecord) -> Timestamp {
    record
        .tries
        .values()
        .next()
        .map_or(Timestamp::MAX, |t| t.claimed_at.min(t.stamp.time))
}

fn team(chart: &Chart) -> &[Member] {
    chart
        .plan()
        .and_then(PlanRecord::plan)
        .map(|p| p.team.as_slice())
        .unwrap_or_default()
}

/// An emergency that was open while something waited, and its end if that came first.
fn emergency_between(chart: &Chart, from: Timestamp, to: Timestamp) -> Option<(String, Option<Timestamp>)> {
    chart.alerts.values().find_map(|alert| {
        let (stamp, raised) = alert
            .raised
            .as_ref()
            .filter(|_| alert.severity() == Some(Severity::Emergency))?;
        let end = alert.resolved.as_ref().map(|(stamp, _)| stamp.time);
        let stood = stamp.time <= from && end.is_none_or(|end| end > from);
        stood.then(|| (raised.rule.to_string(), end.filter(|end| *end <= to)))
    })
}

/// How one try ended.
fn answer(number: u32, tried: &care::chart::Try, story: &Story<'_>) -> String {
    let state = match tried.state {
        TryState::Sent => "taken by the mail server",
        TryState::Attempted => "no answer in this log yet",
        TryState::Deferred => "deferred",
        TryState::Unknown => "outcome unknown",
        TryState::Rejected => "the mail server refused the recipient",
        TryState::Abandoned => "given up",
    };
    let reply = tried.reply.map_or_else(String::new, |code| format!(" ({code})"));
    let next = tried
        .next_attempt_at
        .map_or_else(String::new, |at| format!(", again {}", moment(at, &story.zone)));
    let number = if number > 1 {
        format!("try {number} ")
    } else {
        String::new()
    };
    format!("{number}{state}{reply}{next}")
}
