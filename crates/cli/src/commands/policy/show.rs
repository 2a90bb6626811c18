//! The comparison as tables.

use care::sentence::moment;
use care::time::{TimeZone, Timestamp};

use super::compare::{Comparison, Detail};
use crate::exit::Failure;
use crate::output::{Output, Tone, Value};

pub(super) fn tables(comparison: &Comparison, output: &Output) -> Result<(), Failure> {
    alerts(comparison, output)?;
    mails(comparison, output)?;
    ea(comparison, output)?;
    if let Some(details) = &comparison.details {
        output.heading("Patient by patient (UTC)")?;
        let rows = details.iter().map(row).collect();
        output.table(&["patient", "what", "present", "new"], rows)?;
    }
    agreement(comparison, output);
    Ok(())
}

fn alerts(comparison: &Comparison, output: &Output) -> Result<(), Failure> {
    output.heading("Alerts")?;
    let rows = comparison.alerts.iter().map(|of| {
        vec![
            of.rule.as_str().into(),
            of.present.to_string().into(),
            of.new.to_string().into(),
            counted("+", of.gained),
            counted("-", of.lost),
        ]
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return output.line("  none under either policy");
    }
    output.table(&["rule", "present", "new", "gained", "lost"], rows)
}

fn mails(comparison: &Comparison, output: &Output) -> Result<(), Failure> {
    output.heading("Mails")?;
    let rows = comparison.mails.iter().map(|of| {
        let more = of.new.saturating_sub(of.present);
        let fewer = of.present.saturating_sub(of.new);
        vec![
            of.role.map_or_else(String::new, |role| role.to_string()).into(),
            of.member_id.as_str().into(),
            of.week.as_str().into(),
            of.present.to_string().into(),
            of.new.to_string().into(),
            if fewer > 0 {
                counted("-", fewer)
            } else {
                counted("+", more)
            },
        ]
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return output.line("  none under either policy");
    }
    output.table(&["role", "member", "week", "present", "new", "change"], rows)
}

fn ea(comparison: &Comparison, output: &Output) -> Result<(), Failure> {
    let ea = &comparison.ea;
    output.heading("EA before PT")?;
    output.line(format!(
        "  {} PT sessions: {} as they are, {} with an earlier EA, {} with a later one, {} that lose it, {} that gain one",
        ea.pt_sessions, ea.same, ea.earlier, ea.later, ea.lost, ea.gained
    ))
}

/// On stderr: what the numbers are worth.
fn agreement(comparison: &Comparison, output: &Output) {
    let told = &comparison.agreement;
    output.note(format!(
        "the replay under the present policy raises {} of the {} recorded alerts, and {} that are not recorded; \
         the closer that is, the more the rest can be relied on",
        told.in_both,
        told.in_both + told.only_recorded,
        told.only_replayed
    ));
}

fn counted(sign: &str, count: usize) -> Value {
    if count == 0 {
        "".into()
    } else {
        Value::toned(format!("{sign}{count}"), Tone::Warn)
    }
}

fn row(detail: &Detail) -> Vec<Value> {
    let at = |at: &Timestamp| moment(*at, &TimeZone::UTC);
    let ea = |start: &Option<Timestamp>| start.as_ref().map_or_else(|| "none".to_owned(), at);
    let (what, present, new) = match detail {
        Detail::AlertGained { at: when, rule, .. } => (format!("alert {rule}"), "–".to_owned(), at(when)),
        Detail::AlertLost { at: when, rule, .. } => (format!("alert {rule}"), at(when), "–".to_owned()),
        Detail::EaMoved {
            pt,
            pt_start,
            present,
            new,
            ..
        } => (
            format!("EA before PT {pt} of {}", at(pt_start)),
            ea(present),
            ea(new),
        ),
    };
    vec![
        detail.patient().as_str().into(),
        what.into(),
        present.into(),
        new.into(),
    ]
}
