//! Cost per meaningful response, one currency at a time.

use std::collections::btree_set::BTreeSet;

use care::fact::ours::Evidence;
use care::measure::pain::Reduction;

use super::{Perspective, Registry, TimePoint};
use crate::cells::{Counts, Key, Tally};
use crate::episode::Episode;
use crate::figure::{Block, Shape};

pub(super) struct Cost {
    currencies: Vec<Currency>,
    no_cost: Key,
    several: Key,
}

struct Currency {
    code: String,
    evaluable: Key,
    responders: Key,
    non_responders: Key,
}

impl TimePoint {
    fn value(self, e: &Episode) -> Option<Reduction> {
        let pain = e.pain.as_ref()?;
        match self {
            Self::EndOfCourse => pain.at_end,
            Self::SixWeeks => pain.six_weeks.taken(),
            Self::SixMonths => pain.six_months.taken(),
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::EndOfCourse => "end_of_course",
            Self::SixWeeks => "six_weeks",
            Self::SixMonths => "six_months",
        }
    }
}

impl Perspective {
    const fn code(self) -> &'static str {
        match self {
            Self::Payer => "payer",
            Self::Patient => "patient",
            Self::Clinic => "clinic",
        }
    }
}

/// The currency of an episode whose costs are all in one.
fn only(e: &Episode) -> Option<&String> {
    let (currency, _) = e.costs.first_key_value()?;
    (e.costs.len() == 1).then_some(currency)
}

pub(super) fn ask(tally: &mut Tally<'_, Episode>, registry: &Registry<'_>) -> Cost {
    let at = registry.options.time_point;
    let counted = registry.episodes.iter().filter(|e| at.value(e).is_some());
    let codes: BTreeSet<&String> = counted.filter_map(only).collect();
    for responds in [true, false] {
        let is = move |e: &Episode| at.value(e).is_some_and(|r| r.at_least_30() == responds);
        tally.guard(|e| is(e) && e.costs.is_empty());
        tally.guard(|e| is(e) && e.costs.len() > 1);
    }
    let mut currencies = Vec::new();
    for code in codes {
        let value = |e: &Episode| at.value(e).filter(|_| only(e) == Some(code));
        let evaluable = tally.add(|e| value(e).is_some());
        let responders = tally.add(|e| value(e).is_some_and(Reduction::at_least_30));
        currencies.push(Currency {
            code: code.clone(),
            evaluable,
            responders,
            non_responders: tally.add(|e| value(e).is_some_and(|r| !r.at_least_30())),
        });
    }
    Cost {
        currencies,
        no_cost: tally.add(|e| at.value(e).is_some() && e.costs.is_empty()),
        several: tally.add(|e| at.value(e).is_some() && e.costs.len() > 1),
    }
}

pub(super) fn block(keys: &Cost, counts: &Counts, registry: &Registry<'_>) -> Block {
    let options = registry.options;
    let mut block = Block::new(
        "reg-cost-per-response",
        "Cost per meaningful response",
        Evidence::Unverified,
        "A meaningful response is a reduction of 30 % or more, which is an assumption. Costs of those who did not \
         respond are in it.",
    );
    block.footnote("Not defined where nobody responded. What an episode cost is what was recorded for it.");
    if options.perspective.is_none() || options.price_year.is_none() {
        block.footnote(
            "Whose costs and of which year is not known: say it with --perspective and --price-year.",
        );
    }
    let mut group = block.group("all");
    let perspective = options.perspective.map(|p| p.code().to_owned());
    let price_year = options.price_year.map(|year| year.to_string());
    group
        .word("perspective", "whose costs", perspective)
        .word("price_year", "prices of", price_year)
        .word(
            "time_point",
            "response counted at",
            Some(options.time_point.code().to_owned()),
        )
        .count("no_cost", "left out: no cost recorded", counts.of(keys.no_cost))
        .count(
            "several_currencies",
            "left out: several currencies",
            counts.of(keys.several),
        );
    for currency in &keys.currencies {
        let responders = counts.of(currency.responders);
        let evaluable = counts.of(currency.evaluable);
        let total = total(registry, &currency.code);
        let per_response = (responders.hidden_too() > 0).then(|| total / responders.hidden_too() as f64);
        block
            .group(format!("currency:{}", currency.code))
            .count("evaluable", "episodes with costs (E)", evaluable)
            .count("responders", "responders (R)", responders)
            .count("non_responders", "the others", counts.of(currency.non_responders))
            .number(
                "total_cost",
                "cost of all of them",
                Some(total),
                evaluable,
                Shape::Plain(2),
            )
            .number(
                "cost_per_response",
                "cost per response",
                per_response,
                responders,
                Shape::Plain(2),
            );
    }
    block
}

fn total(registry: &Registry<'_>, currency: &str) -> f64 {
    let at = registry.options.time_point;
    let counted = registry.episodes.iter().filter(|e| at.value(e).is_some());
    counted
        .filter(|e| only(e).is_some_and(|only| only == currency))
        .filter_map(|e| e.costs.get(currency))
        .sum()
}
