//! Who can be told: people of the team by role, the coordinator in place of those who cannot, `on_call` at the end.

use std::collections::btree_map::{BTreeMap, Entry};

use care::chart::TryState;
use care::fact::ours::Action;
use care::fact::plan::{Member, QuietHours};
use care::id::MemberId;
use care::phi::Phi;
use care::policy::Consent;
use care::role::Role;
use care::time::{TimeZone, Timestamp};
use care::{Chart, Policy};

use crate::case::Case;
use crate::desk::Round;
use crate::hours::next_open;
use crate::occasion::{Audience, Matter, Occasion, attendees};
use crate::week::Clock;

/// Somebody who can be sent mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recipient {
    /// The person.
    pub(crate) member: MemberId,
    /// In which role they are told, as the plan writes it.
    pub(crate) role: String,
    /// Name for the address line.
    pub(crate) name: Option<Phi<String>>,
    /// Address.
    pub(crate) email: Phi<String>,
    /// How their own records name the patient.
    pub(crate) patient_ref: Option<Phi<String>>,
    /// Their zone.
    pub(crate) zone: TimeZone,
    /// When routine mail waits.
    pub(crate) quiet: Option<QuietHours>,
    /// The roles that could not be reached, if they are told in their place.
    pub(crate) instead_of: Vec<Role>,
}

impl Recipient {
    /// Whether a letter may come now: an urgent one always, any other outside their quiet hours; if not, it is noted
    /// when it may.
    pub(crate) fn may_be_told(&self, immediate: bool, now: Timestamp, round: &mut Round) -> bool {
        let open = next_open(now, &self.zone, self.quiet);
        let waits = !immediate && open > now;
        if waits {
            round.look_again_at(open);
        }
        !waits
    }
}

/// The member id under which the organisation's on-call address is told.
pub const ON_CALL: &str = "on-call";

/// Everybody an occasion is for, each once.
pub(crate) fn recipients(case: &Case<'_>, occasion: &Occasion<'_>) -> Vec<Recipient> {
    let mut found: BTreeMap<MemberId, Recipient> = BTreeMap::new();
    match &occasion.to {
        Audience::Roles(roles) => {
            for role in roles {
                for recipient in holders(case, *role) {
                    let unreached = recipient.instead_of.clone();
                    match found.entry(recipient.member.clone()) {
                        Entry::Vacant(slot) => drop(slot.insert(recipient)),
                        Entry::Occupied(known) => known.into_mut().instead_of.extend(unreached),
                    }
                }
            }
        }
        Audience::Attendee => {
            let session = match occasion.matter {
                Matter::Ea(_, session) => session,
                _ => return Vec::new(),
            };
            let ids = attendees(case.chart, session);
            let named = team(case.chart).filter(|m| ids.contains(&&m.member_id));
            for member in named.filter(|m| deliverable(case, m)) {
                found
                    .entry(member.member_id.clone())
                    .or_insert_with(|| recipient(case, member, None));
            }
            // Nobody of that calendar can be reached: the appointment stands, so somebody has to pass it on.
            if found.is_empty() && !ids.is_empty() {
                let stand_ins = stand_ins(case, Role::Acupuncturist);
                found.extend(stand_ins.into_iter().map(|r| (r.member.clone(), r)));
            }
        }
        Audience::Members(members) => {
            for member in team(case.chart).filter(|m| members.contains(&m.member_id) && deliverable(case, m))
            {
                found
                    .entry(member.member_id.clone())
                    .or_insert_with(|| recipient(case, member, None));
            }
            if members.iter().any(|m| m.as_str() == ON_CALL) {
                found.extend(on_call(case.policy, None).map(|r| (r.member.clone(), r)));
            }
        }
    }
    if let Matter::Raised(raised) | Matter::Escalated(_, raised, _) = occasion.matter
        && raised.actions.iter().any(|a| a.what == Action::TELL_ON_CALL)
        && let Some(on_call) = on_call(case.policy, None)
    {
        found.entry(on_call.member.clone()).or_insert(on_call);
    }
    found.into_values().collect()
}

/// The reachable holders of a role, or those who are told in its place.
fn holders(case: &Case<'_>, role: Role) -> Vec<Recipient> {
    let direct = reachable(case, role, None);
    if direct.is_empty() {
        stand_ins(case, role)
    } else {
        direct
    }
}

/// Who is told in place of a role that cannot be reached: the coordinators; if there is none, on-call.
fn stand_ins(case: &Case<'_>, role: Role) -> Vec<Recipient> {
    let coordinators = match role {
        Role::CareCoordinator => Vec::new(),
        _ => reachable(case, Role::CareCoordinator, Some(role)),
    };
    if coordinators.is_empty() {
        on_call(case.policy, Some(role)).into_iter().collect()
    } else {
        coordinators
    }
}

pub(crate) fn reachable(case: &Case<'_>, role: Role, instead_of: Option<Role>) -> Vec<Recipient> {
    team(case.chart)
        .filter(|m| m.role == role && deliverable(case, m))
        .map(|m| recipient(case, m, instead_of))
        .collect()
}

fn team(chart: &Chart) -> impl Iterator<Item = &Member> {
    chart
        .plan()
        .and_then(|p| p.plan())
        .into_iter()
        .flat_map(|p| &p.team)
}

/// An address, consent, and no mail server that refused the address since the plan last changed.
fn deliverable(case: &Case<'_>, member: &Member) -> bool {
    let address = member
        .email
        .as_ref()
        .is_some_and(|e| looks_like_an_address(e.expose()));
    let consent = match &member.consent {
        Some(given) => !given.is_empty(),
        None => case.policy.mail.consent == Consent::Assumed,
    };
    address
        && consent
        && case.chart.refused_address(&member.member_id).is_none()
        && !refused_a_digest(case, &member.member_id)
}

/// In doubt, at one instant, the refusal came later: a plan cannot have mended what it did not know.
fn refused_a_digest(case: &Case<'_>, member: &MemberId) -> bool {
    let since = case
        .chart
        .plan()
        .and_then(|p| p.snapshot.as_ref())
        .map(|s| &s.version.stamp);
    let later = |t: &care::chart::Try| since.is_none_or(|s| t.stamp.time >= s.time);
    let digests = case.desk.postboxes.get(member).into_iter();
    digests
        .flat_map(|p| p.notices.values())
        .flat_map(|n| n.tries.values())
        .any(|t| t.state == TryState::Rejected && later(t))
}

/// Enough to be worth a try; the carrier checks the rest.
fn looks_like_an_address(text: &str) -> bool {
    let one_at = text
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'));
    one_at && text.len() <= 254 && text.chars().all(|c| !c.is_control() && !c.is_whitespace())
}

/// Somebody as the newest plan by which they can be sent mail knows them, on the clock of their week; `on_call` by the
/// policy.
pub(crate) fn reader(
    member: &MemberId,
    cases: &[Case<'_>],
    clock: Option<Clock>,
    policy: &Policy,
) -> Option<Recipient> {
    if member.as_str() == ON_CALL {
        return on_call(policy, None);
    }
    let clock = clock?;
    let named = cases.iter().filter_map(|case| {
        let known = case.chart.plan()?.snapshot.as_ref()?.version.stamp.clone();
        let mut theirs = team(case.chart).filter(|m| m.member_id == *member);
        let reachable = theirs.find(|m| deliverable(case, m))?;
        Some((known, recipient(case, reachable, None)))
    });
    let newest = named.max_by(|(a, _), (b, _)| a.cmp(b));
    newest.map(|(_, recipient)| Recipient {
        zone: clock.zone,
        quiet: clock.quiet,
        ..recipient
    })
}

fn recipient(case: &Case<'_>, member: &Member, instead_of: Option<Role>) -> Recipient {
    let clock = Clock::of(member, case.chart.zone(), case.policy);
    Recipient {
        member: member.member_id.clone(),
        role: member.role.code().to_owned(),
        name: member.name.clone(),
        email: member.email.clone().unwrap_or_default(),
        patient_ref: member.patient_ref.clone(),
        zone: clock.zone,
        quiet: clock.quiet,
        instead_of: instead_of.into_iter().collect(),
    }
}

/// The organisation's last resort: no quiet hours.
pub(crate) fn on_call(policy: &Policy, instead_of: Option<Role>) -> Option<Recipient> {
    if !looks_like_an_address(&policy.mail.on_call) {
        return None;
    }
    let clock = Clock::of_on_call();
    Some(Recipient {
        member: MemberId::new(ON_CALL).ok()?,
        role: "on_call".to_owned(),
        name: None,
        email: Phi::new(policy.mail.on_call.clone()),
        patient_ref: None,
        zone: clock.zone,
        quiet: clock.quiet,
        instead_of: instead_of.into_iter().collect(),
    })
}
