//! Which numbers of the policy a rule is held against: for readers, and for those who change a number.

/// The keys a rule reads beside those of every alert (how long it is useful), `section.key` of the policy file.
#[must_use]
pub fn policy_keys(rule: &str) -> &'static [&'static str] {
    let row = KEYS.iter().find(|(id, _)| *id == rule);
    row.map_or(&[], |(_, keys)| keys)
}

/// Rules with such keys, in the order of the catalogue.
pub(crate) const KEYS: &[(&str, &[&str])] = &[
    ("screening-incomplete", &["rules.screening_lead_hours"]),
    ("red-flag-ces-other", &["rules.cauda_equina_new_days"]),
    ("point-distal-min-one", &["rules.fidelity_distal_points"]),
    ("point-total-min-four", &["rules.fidelity_points_min"]),
    ("retention-under-15", &["rules.fidelity_retention_min"]),
    (
        "fidelity-deviation",
        &[
            "rules.fidelity_points_min",
            "rules.fidelity_retention_min",
            "rules.fidelity_distal_points",
        ],
    ),
    (
        "course-reassessment-due",
        &["scheduling.course_sessions", "rules.course_review_days"],
    ),
    (
        "practitioner-qualified",
        &[
            "practitioners.physician_hours",
            "practitioners.physician_hours_in",
            "practitioners.must_publish",
        ],
    ),
    (
        "practitioner-licence-current",
        &[
            "practitioners.licence_reminder_days",
            "practitioners.must_publish",
        ],
    ),
    (
        "practitioner-continuing-education",
        &["practitioners.education_months"],
    ),
    (
        "no-change-by-session-four",
        &["rules.no_change_below_percent", "rules.no_change_window_days"],
    ),
    ("odi-due", &["oswestry.every_days", "oswestry.remind_at"]),
    ("odi-overdue", &["oswestry.overdue_days", "oswestry.late_days"]),
    ("odi-invalid", &["oswestry.max_missing"]),
    ("diary-without-odi", &["rules.diary_reports_min"]),
    ("ea-min-spacing", &["scheduling.spacing_hours"]),
    ("ea-weekly-cap", &["scheduling.weekly_cap"]),
];

#[cfg(test)]
mod tests {
    use care::Policy;

    use super::KEYS;

    #[test]
    fn every_key_is_one_of_the_policy_and_every_rule_one_of_the_catalogue() {
        let policy = serde_json::to_value(Policy::default()).expect("a policy");
        for (rule, keys) in KEYS {
            assert!(crate::rule(rule).is_some(), "{rule}");
            for key in *keys {
                let pointer = format!("/{}", key.replace('.', "/"));
                assert!(policy.pointer(&pointer).is_some(), "{rule}: {key}");
            }
        }
    }
}
