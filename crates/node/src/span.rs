//! The one span that a decision has, and what is said in it of how it was carried out.

use care::About;
use engine::Decision;
use tokio::time::Instant;
use tracing::Span;
use tracing::field::Empty;

use crate::appending::Done;

/// Who decided about whom, by opaque references; never what.
pub(crate) fn span(decision: &Decision) -> Span {
    let source = decision.events.first().map(|event| event.source.as_str());
    let worker = source.and_then(|source| source.rsplit(':').next());
    let span = tracing::info_span!(
        "decision",
        worker.name = worker.unwrap_or_default(),
        // Signed: the way to a collector makes text of unsigned numbers.
        facts = i64::try_from(decision.events.len()).unwrap_or(i64::MAX),
        patient.ref = Empty,
        practitioner.ref = Empty,
        member.ref = Empty,
        delivery.attempt = Empty,
    );
    let field = match decision.about {
        About::Patient(_) => "patient.ref",
        About::Practitioner(_) => "practitioner.ref",
        About::Member(_) => "member.ref",
    };
    span.record(field, decision.about.id());
    if let Some(mail) = decision.mails.first() {
        span.record("delivery.attempt", i64::from(mail.attempt));
    }
    span
}

/// Said in the span of a decision when its facts were appended, or were not.
pub(crate) fn carried_out(done: &Done, began: Instant) {
    tracing::debug!(
        duration_ms = began.elapsed().as_secs_f64() * 1000.0,
        stored = done.counted.stored,
        complete = done.complete,
        sequence = done.stored,
        "decision.carried_out"
    );
}
