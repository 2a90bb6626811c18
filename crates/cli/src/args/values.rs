//! Words of the command line as values; what is wrong is said with what was expected.

use care::Worker;
use care::id::MemberId;
use care::role::{Actor, By, Role};
use care::time::{Date, TimeZone, Timestamp};

pub(super) fn worker(text: &str) -> Result<Worker, String> {
    let names = || Worker::ALL.map(Worker::name).join(", ");
    Worker::ALL
        .into_iter()
        .find(|w| w.name() == text)
        .ok_or_else(|| format!("expected one of {}", names()))
}

pub(super) fn by(text: &str) -> Result<By, String> {
    let (role, member) = text
        .split_once(':')
        .map_or((text, None), |(role, member)| (role, Some(member)));
    let actors = [
        (Role::Pcp, Actor::Pcp),
        (Role::Physiatrist, Actor::Physiatrist),
        (Role::Acupuncturist, Actor::Acupuncturist),
        (Role::PhysicalTherapist, Actor::PhysicalTherapist),
        (Role::CareCoordinator, Actor::CareCoordinator),
    ];
    let known = || Role::ALL.map(Role::code).join(", ");
    let (_, role) = actors
        .into_iter()
        .find(|(known, _)| known.code() == role)
        .ok_or_else(|| format!("expected ROLE or ROLE:MEMBER, the role one of {}", known()))?;
    let member_id = member
        .map(MemberId::new)
        .transpose()
        .map_err(|e| format!("member: {e}"))?;
    Ok(By { role, member_id })
}

/// RFC 3339, or a date: then the beginning of that day in UTC.
pub(super) fn beginning(text: &str) -> Result<Timestamp, String> {
    if text.len() == 10
        && let Ok(date) = text.parse::<Date>()
        && let Ok(start) = date.to_zoned(TimeZone::UTC)
    {
        return Ok(start.timestamp());
    }
    instant(text)
}

/// RFC 3339, or a date: then the end of that day in UTC.
pub(super) fn instant(text: &str) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let date = if text.len() == 10 {
        text.parse::<Date>().ok()
    } else {
        None
    };
    date.and_then(|d| d.tomorrow().ok())
        .and_then(|d| d.to_zoned(TimeZone::UTC).ok())
        .map(|z| z.timestamp())
        .ok_or_else(|| {
            "expected RFC 3339 such as 2026-09-01T12:00:00Z, or a date such as 2026-09-01".to_owned()
        })
}
