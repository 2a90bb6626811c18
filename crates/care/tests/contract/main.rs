//! What the wire contract promises: every type, every refusal, every law of the fold, and the documents that say so.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod assessments;
mod binary;
mod chart_laws;
mod claims;
mod diary_laws;
mod documents;
mod examples;
mod fields;
mod hostile;
mod member_laws;
mod mixed;
mod policy;
mod preparation;
mod privacy;
mod refusals;
mod support;
