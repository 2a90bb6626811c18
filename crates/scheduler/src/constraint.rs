//! The constraints a slot can break, by their stable names, and sets of them.

use std::fmt;

macro_rules! constraints {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $soft:literal;)*) => {
        /// One reason why an EA cannot take place in a slot.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Constraint {
            $($(#[$doc])* $variant,)*
        }

        impl Constraint {
            /// Every constraint, in the order people are told.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in facts, stable and kebab-case.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Soft: people may decide to break it for once. Hard: no alternative ever breaks it.
            #[must_use]
            pub const fn is_soft(self) -> bool {
                match self {
                    $(Self::$variant => $soft,)*
                }
            }
        }
    };
}

constraints! {
    /// A contraindication, red flag or other hold touches this EA.
    Hold = "hold", false;
    /// The plan is not active.
    PlanInactive = "plan-inactive", false;
    /// The plan names no acupuncturist with a calendar id.
    NoPractitioner = "no-practitioner", false;
    /// The practitioner is not qualified, or not licensed on that day.
    Credentials = "credentials", false;
    /// The course review has to come first.
    Course = "course", false;
    /// Not the target itself, and the practitioner has published no calendar.
    NoCalendar = "no-calendar", false;
    /// Outside the practitioner's weekly hours.
    OutsideOpenHours = "outside-open-hours", false;
    /// The practitioner is away.
    Closure = "closure", false;
    /// The practitioner has somebody else then, buffer included.
    Capacity = "capacity", false;
    /// The patient is somewhere else then.
    PatientOverlap = "patient-overlap", false;
    /// The practitioner declined this slot for this PT session.
    Declined = "declined", false;
    /// It starts too soon to be moved away from what it breaks.
    Freeze = "freeze", false;
    /// Not on the grid of starts.
    OffGrid = "off-grid", true;
    /// Too close to another EA of the patient.
    Spacing = "spacing", true;
    /// One EA too many in a week.
    WeeklyCap = "weekly-cap", true;
    /// Too soon.
    Notice = "notice", true;
    /// Too close to the PT session, or too long before it.
    Gap = "gap", true;
    /// The PT session is too far ahead to be served yet.
    Horizon = "horizon", true;
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of constraints; empty means allowed.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Constraints(u32);

impl Constraints {
    /// Nothing is broken.
    pub const NONE: Self = Self(0);
    /// Every constraint there is.
    pub const ALL: Self = Self(u32::MAX);

    /// These, at compile time.
    #[must_use]
    pub const fn of(list: &[Constraint]) -> Self {
        let (mut bits, mut i) = (0, 0);
        while i < list.len() {
            bits |= 1 << list[i] as u32;
            i += 1;
        }
        Self(bits)
    }

    /// Whether it is in the set.
    #[must_use]
    pub const fn contains(self, constraint: Constraint) -> bool {
        self.0 & (1 << constraint as u32) != 0
    }

    /// Whether nothing is broken.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many are broken.
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// What is in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// What is in either set.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Every hard constraint.
    #[must_use]
    pub fn hard() -> Self {
        Constraint::ALL.iter().copied().filter(|c| !c.is_soft()).collect()
    }

    /// Whether every broken constraint is soft.
    #[must_use]
    pub fn all_soft(self) -> bool {
        self.iter().all(Constraint::is_soft)
    }

    /// The constraints, in the order people are told.
    pub fn iter(self) -> impl Iterator<Item = Constraint> {
        Constraint::ALL.iter().copied().filter(move |c| self.contains(*c))
    }

    pub(crate) const fn add(&mut self, constraint: Constraint) {
        self.0 |= 1 << constraint as u32;
    }
}

impl fmt::Debug for Constraints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Constraint::name)).finish()
    }
}

impl FromIterator<Constraint> for Constraints {
    fn from_iter<I: IntoIterator<Item = Constraint>>(iter: I) -> Self {
        iter.into_iter().fold(Self::NONE, |set, c| set.or(Self::of(&[c])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kebab_case_and_different() {
        let names: std::collections::BTreeSet<_> = Constraint::ALL.iter().map(|c| c.name()).collect();
        assert_eq!(names.len(), Constraint::ALL.len());
        assert!(
            names
                .iter()
                .all(|n| n.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
        );
    }

    #[test]
    fn sets_add_and_take_away() {
        let set = Constraints::of(&[Constraint::Spacing, Constraint::Closure]);
        assert_eq!(
            set.iter().collect::<Vec<_>>(),
            [Constraint::Closure, Constraint::Spacing]
        );
        assert!(!set.all_soft());
        assert!(set.without(Constraints::of(&[Constraint::Closure])).all_soft());
    }
}
