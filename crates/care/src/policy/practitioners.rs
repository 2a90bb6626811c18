//! `[practitioners]`: who may needle.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[practitioners]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "documented in the file")]
pub struct Practitioners {
    pub physician_hours: u32,
    pub physician_hours_in: BTreeMap<String, u32>,
    pub education_months: u16,
    pub licence_reminder_days: u16,
    pub must_publish: bool,
}
