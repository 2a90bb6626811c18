//! A member's postbox: any order and any repetition of the facts gives the same, and what it tells it knows.

use care::Event;
use care::member::Postbox;
use proptest::prelude::*;

use crate::mixed::{member_facts, twice};

fn folded(facts: &[Event]) -> Postbox {
    let mut postbox = Postbox::default();
    facts.iter().for_each(|event| postbox.apply(event));
    postbox
}

proptest! {
    #[test]
    fn any_order_and_any_repetition_gives_the_same_postbox((facts, again) in twice(member_facts())) {
        prop_assert_eq!(folded(&facts), folded(&again));
    }

    #[test]
    fn whatever_a_notice_tells_of_is_told(facts in member_facts()) {
        let postbox = folded(&facts);
        for key in postbox.notices.values().flat_map(|n| &n.notice.about) {
            prop_assert!(postbox.is_told(key));
        }
        let latest = facts.iter().filter_map(|event| match &event.fact {
            care::Fact::NoticeReleased(r) => Some(r.before),
            _ => None,
        });
        prop_assert_eq!(postbox.released, latest.max());
    }
}
