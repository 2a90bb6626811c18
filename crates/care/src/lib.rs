//! The words of carebus: facts, ids, envelope, chart and calendar folds, measures, policy, time.

pub mod phi;
pub mod time;
