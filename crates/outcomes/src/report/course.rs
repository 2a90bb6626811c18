//! The measures of episodes: all are counted over one set of episodes, so that no two blocks give away a small count.

use super::{Registry, cost, descriptive, fidelity, flow, recurrence, response};
use crate::cells::Tally;
use crate::figure::Block;

/// Asked for in the order of importance: where two counts together would give a small one away, the later is hidden.
pub(super) fn blocks(registry: &Registry<'_>) -> Vec<Block> {
    let mut tally = Tally::new(&registry.episodes, registry.options.min_cell);
    let flow = flow::ask(&mut tally);
    let sessions = response::ask_sessions(&mut tally);
    let responders = response::ask_responders(&mut tally);
    let recurrence = recurrence::ask(&mut tally);
    let cost = cost::ask(&mut tally, registry);
    let fidelity = fidelity::ask(&mut tally);
    let descriptive = descriptive::ask(&mut tally);
    let endings = flow::ask_endings(&mut tally);
    let counts = tally.settle();
    vec![
        flow::block(&flow, &endings, &counts),
        response::sessions_block(&sessions, &flow, &counts, registry),
        response::responders_block(&responders, &counts),
        recurrence::block(&recurrence, &counts),
        cost::block(&cost, &counts, registry),
        fidelity::block(&fidelity, &counts),
        descriptive::oswestry_block(&descriptive, &counts, registry),
        descriptive::early_block(&descriptive, &counts, registry),
        descriptive::benefit_block(&descriptive, &counts, registry),
    ]
}
