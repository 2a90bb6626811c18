//! The words of carebus: facts, ids, envelope, chart and calendar folds, measures, policy, time.

pub mod about;
pub mod chart;
pub mod claims;
pub mod contract;
pub mod diary;
pub mod envelope;
pub mod fact;
pub mod feed;
pub mod id;
pub mod measure;
pub mod phi;
pub mod policy;
pub mod reaction;
pub mod role;
pub mod sentence;
pub mod time;

pub use about::{About, Subject};
pub use chart::Chart;
pub use diary::Diary;
pub use envelope::{Event, Fault, Message};
pub use fact::Fact;
pub use policy::Policy;
pub use reaction::{Draft, Reaction, Worker};
