//! The one predicate: which constraints an EA would break in a slot.
//! Finding, placing and the check of what people booked by hand all ask here, so they cannot disagree.

use std::ops::ControlFlow;

use care::time::Timestamp;

use crate::case::{Case, Ea, EaStatus, PlanState, Pt};
use crate::company::Company;
use crate::constraint::Constraint as C;
use crate::constraint::Constraints;
use crate::diary::{Diary, Practitioner};
use crate::instants::{overlap, shifted};
use crate::occupancy::{Busy, Holder, Occupancy};
use crate::rules::Rules;

/// What a slot is judged against.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The patient.
    pub case: &'a Case,
    /// The patient's other sessions, tentative ones included.
    pub company: &'a Company,
    /// The practitioner; absent when the plan names none.
    pub practitioner: Option<&'a Practitioner>,
    /// The practitioner's sessions, tentative ones included.
    pub occupancy: &'a Occupancy,
    /// The numbers.
    pub rules: &'a Rules,
    /// Now.
    pub now: Timestamp,
}

/// What a slot can break depending on who else is placed; everything else holds whatever is placed.
pub(crate) const DEPENDS_ON_OTHERS: Constraints = Constraints::of(&[
    C::Capacity,
    C::PatientOverlap,
    C::Spacing,
    C::WeeklyCap,
    C::Course,
]);

/// The constraints that a new EA in `[start, end)` which prepares `pts` would break; none means it is allowed.
#[must_use]
pub fn permits(view: &View<'_>, slot: (Timestamp, Timestamp), pts: &[&Pt]) -> Constraints {
    permits_among(view, slot, pts, Constraints::ALL)
}

/// The same, looking only at the constraints in `asked`.
pub(crate) fn permits_among(
    view: &View<'_>,
    slot: (Timestamp, Timestamp),
    pts: &[&Pt],
    asked: Constraints,
) -> Constraints {
    let mut broken = Constraints::NONE;
    let _all = each_broken(view, slot, pts, asked, &mut |constraint| {
        broken.add(constraint);
        ControlFlow::Continue(())
    });
    broken
}

/// Whether none of the constraints in `asked` is broken: the same predicate, left at the first that is.
pub(crate) fn is_allowed(
    view: &View<'_>,
    slot: (Timestamp, Timestamp),
    pts: &[&Pt],
    asked: Constraints,
) -> bool {
    each_broken(view, slot, pts, asked, &mut |_| ControlFlow::Break(())).is_continue()
}

/// Names the constraints in `asked` that the slot breaks, one by one, the likeliest first.
fn each_broken(
    view: &View<'_>,
    slot: (Timestamp, Timestamp),
    pts: &[&Pt],
    asked: Constraints,
    found: &mut impl FnMut(C) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let View {
        case,
        company,
        rules,
        now,
        ..
    } = *view;
    let mut check = |constraint: C, is_broken: &dyn Fn() -> bool| {
        if asked.contains(constraint) && is_broken() {
            found(constraint)
        } else {
            ControlFlow::Continue(())
        }
    };
    let window = |pt: &Pt| rules.window(pt.start, case.lead_hours, &case.zone);
    check(C::Capacity, &|| {
        view.practitioner.is_some() && view.occupancy.is_full(slot.0, slot.1)
    })?;
    check(C::Spacing, &|| company.crowds(slot.0, rules.spacing))?;
    check(C::WeeklyCap, &|| company.exceeds_week(slot.0, rules.weekly_cap))?;
    check(C::PatientOverlap, &|| company.overlaps(slot))?;
    check(C::Course, &|| {
        case.stopped || case.attended + company.placed() >= rules.course_limit()
    })?;
    check(C::Hold, &|| case.is_touched(case.needling))?;
    check(C::PlanInactive, &|| case.plan != PlanState::Active)?;
    check(C::Notice, &|| slot.0 < shifted(now, rules.notice))?;
    check(C::Horizon, &|| {
        pts.iter().any(|pt| pt.start > shifted(now, rules.horizon))
    })?;
    check(C::Gap, &|| pts.iter().any(|pt| !window(pt).accepts(slot.0)))?;
    check(C::Declined, &|| pts.iter().any(|pt| was_declined(case, pt, slot)))?;
    let Some(practitioner) = view.practitioner else {
        return check(C::NoPractitioner, &|| true);
    };
    check(C::Credentials, &|| !practitioner.may_needle(slot.0, &case.zone))?;
    let Some(hours) = &practitioner.hours else {
        return check(C::NoCalendar, &|| {
            pts.iter().all(|pt| window(pt).target != slot.0)
        });
    };
    check(C::OffGrid, &|| !hours.on_grid(slot.0))?;
    check(C::Closure, &|| hours.closed(slot.0, slot.1))?;
    check(C::OutsideOpenHours, &|| !hours.covers(slot.0, slot.1))
}

/// The constraints that an EA which is already there breaks, whoever booked it.
/// Of two in one place of a calendar only the later booking breaks the capacity.
/// Notice and gap were questions of the day it was booked, so they are not asked again.
#[must_use]
pub fn judge(case: &Case, ea: &Ea, diary: &Diary, rules: &Rules, now: Timestamp) -> Constraints {
    let company = Company::of(case, |other| other.id == ea.id);
    let practitioner = ea
        .practitioner
        .as_ref()
        .and_then(|id| diary.practitioners.get(id));
    let empty = Occupancy::new(1, 0);
    let view = View {
        case,
        company: &company,
        practitioner,
        occupancy: &empty,
        rules,
        now,
    };
    let skipped = Constraints::of(&[
        C::Notice,
        C::Gap,
        C::Horizon,
        C::NoCalendar,
        C::NoPractitioner,
        C::Declined,
        C::Hold,
    ]);
    let mut broken = permits_among(&view, ea.span(), &[], Constraints::ALL.without(skipped));
    if case.is_touched(ea.needling) {
        broken.add(C::Hold);
    }
    let earlier = |busy: &Busy| match &busy.holder {
        Holder::Told {
            patient,
            session,
            order,
        } => (*order, patient, session) < (ea.order, &case.patient, &ea.id),
        Holder::Tentative(_) => false,
    };
    let full = practitioner.is_some_and(|p| p.occupancy.is_full_among(ea.start, ea.end, earlier));
    if full {
        broken.add(C::Capacity);
    }
    broken
}

/// Whether the practitioner refused this time for this PT session.
/// A slot that overlaps the refused one is the refused one a little shifted, so it counts too.
pub(crate) fn was_declined(case: &Case, pt: &Pt, slot: (Timestamp, Timestamp)) -> bool {
    case.eas.iter().any(|ea| {
        ea.status == EaStatus::Declined
            && ea.practitioner == case.practitioner
            && ea.knows(&pt.id)
            && overlap(ea.span(), slot)
    })
}
