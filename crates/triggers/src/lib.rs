//! The rule catalogue and the life of an alert: raised when a rule is true, told again, resolved when its truth is gone.
//!
//! [`react`] judges a whole chart at one instant. A rule is a small pure function beside its [`RuleInfo`]; it answers
//! with every [`Finding`] the chart holds, past ones included. What the log already shows is subtracted afterwards, so
//! the order in which facts came does not matter, and asking twice changes nothing.

mod case;
mod episode;
mod escalate;
mod finding;
mod identity;
mod page;
mod practice;
mod practitioner;
mod raise;
mod react;
mod report;
mod resolve;
mod rule;
mod rules;
mod silence;
mod subject;
mod tuning;
pub mod why;
mod words;

pub use finding::{Finding, Truth};
pub use page::{lines, markdown, rule_markdown};
pub use practice::UpcomingEa;
pub use practitioner::react_to_practitioner;
pub use react::{findings, react};
pub use rule::{Condition, Origin, RuleInfo, ShowsAs};
pub use rules::{catalogue, off_by_default, operations, rule};
pub use silence::nobody_took_it_on;
pub use tuning::policy_keys;
