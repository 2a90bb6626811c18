//! Held EA that nothing forbids any more: back as proposals if they still satisfy everything.

use crate::case::{Ea, EaStatus};
use crate::company::Company;
use crate::constraint::{Constraint as C, Constraints};
use crate::diary::Practitioner;
use crate::occupancy::{Busy, Holder, Occupancy};
use crate::permits::{View, permits_among};
use crate::standing::Sorting;

impl Sorting<'_> {
    /// Held EA that nothing forbids any more: released if they still satisfy everything, else ours give way to new ones.
    pub(crate) fn release_held(&mut self) {
        let mut held: Vec<usize> = (0..self.case.eas.len())
            .filter(|ea| {
                self.case.eas[*ea].status == (EaStatus::Held { by_us: true })
                    && self.case.eas[*ea].start > self.now
            })
            .filter(|ea| self.held_by(&self.case.eas[*ea]).is_none())
            .collect();
        held.sort_by_key(|ea| (self.case.eas[*ea].start, &self.case.eas[*ea].id));
        for number in held {
            let ea = &self.case.eas[number];
            let served: Vec<usize> = self
                .standing
                .wants
                .iter()
                .copied()
                .filter(|pt| self.window(&self.case.pts[*pt]).accepts(ea.start))
                .collect();
            let useful = !ea.placed_by_us || !served.is_empty();
            let same = !ea.placed_by_us || ea.practitioner == self.case.practitioner;
            if useful && same && self.may_return(ea) {
                self.standing.release.push(number);
                self.standing.hosts.insert(number);
                self.standing.wants.retain(|pt| !served.contains(pt));
                self.standing
                    .links
                    .extend(served.into_iter().map(|pt| (pt, number)));
            } else if ea.placed_by_us {
                self.leave(number);
                self.standing.cancel.push(number);
                self.standing.gone.remove(&number);
            }
        }
    }

    fn may_return(&mut self, ea: &Ea) -> bool {
        let released: Vec<usize> = self.standing.release.clone();
        let mut company = Company::of(self.case, |other| {
            self.standing
                .gone
                .iter()
                .any(|gone| self.case.eas[*gone].id == other.id)
        });
        released
            .iter()
            .for_each(|other| company.add(self.case.eas[*other].span()));
        let nobody = Practitioner::default();
        let practitioner = ea
            .practitioner
            .as_ref()
            .map(|id| self.diary.practitioners.get(id).unwrap_or(&nobody));
        let mut occupancy = ea
            .practitioner
            .as_ref()
            .and_then(|id| self.occupancies.get(id))
            .cloned()
            .unwrap_or(Occupancy::new(1, 0));
        occupancy.forget(&self.case.patient, &ea.id);
        let view = View {
            case: self.case,
            company: &company,
            practitioner,
            occupancy: &occupancy,
            rules: self.rules,
            now: self.now,
        };
        let settled = Constraints::of(&[C::Hold, C::NoCalendar, C::NoPractitioner, C::OffGrid]);
        let allowed = permits_among(&view, ea.span(), &[], Constraints::ALL.without(settled)).is_empty();
        if allowed
            && let Some(occupancy) = ea
                .practitioner
                .as_ref()
                .and_then(|id| self.occupancies.get_mut(id))
        {
            // Entered anew, so that it is there whether or not the held one took time.
            occupancy.forget(&self.case.patient, &ea.id);
            let holder = Holder::Told {
                patient: self.case.patient.clone(),
                session: ea.id.clone(),
                order: ea.order,
            };
            occupancy.add(Busy {
                start: ea.start,
                end: ea.end,
                holder,
            });
        }
        allowed
    }
}
