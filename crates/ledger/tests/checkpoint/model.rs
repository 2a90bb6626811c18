//! A history of saves that depends on a number only, and what the checkpoint must hold after each.

use std::collections::BTreeMap;

use ledger::Ledger;

/// A change as [`Ledger::save`] takes it.
pub(crate) type Change = (Vec<u8>, Option<Vec<u8>>);
/// All entries.
pub(crate) type State = BTreeMap<Vec<u8>, Vec<u8>>;

/// splitmix64: small, seeded, the same everywhere.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// What the `n`th save changes: some entries written, some removed, now and then a large one.
pub(crate) fn changes(n: u64) -> Vec<Change> {
    let mut dice = Dice(n);
    let how_many = 1 + dice.below(12);
    let mut change = || {
        let key = format!("chart/{:03}", dice.below(300)).into_bytes();
        // Above 128 KiB sled keeps a value in a file of its own.
        let length = match dice.below(100) {
            0 => 140_000,
            size => size * 20,
        };
        let value = (0..length.div_ceil(8))
            .flat_map(|_| dice.next().to_le_bytes())
            .collect();
        (key, (dice.below(6) > 0).then_some(value))
    };
    (0..how_many).map(|_| change()).collect()
}

/// The head of the `n`th save.
pub(crate) fn head(n: u64) -> Vec<u8> {
    format!("position {n}").into_bytes()
}

/// The number of a head; 0 for none.
pub(crate) fn number(head: Option<Vec<u8>>) -> u64 {
    head.map_or(0, |head| {
        String::from_utf8(head)
            .unwrap()
            .strip_prefix("position ")
            .unwrap()
            .parse()
            .unwrap()
    })
}

/// Applies the saves `from + 1 ..= to` to `state`.
pub(crate) fn play(state: &mut State, from: u64, to: u64) {
    for (key, value) in (from + 1..=to).flat_map(changes) {
        match value {
            Some(value) => state.insert(key, value),
            None => state.remove(&key),
        };
    }
}

/// Saves `from + 1 ..= to`.
pub(crate) fn save(ledger: &Ledger, from: u64, to: u64) {
    for n in from + 1..=to {
        ledger.save(&changes(n), &head(n)).unwrap();
    }
}

/// Which save the checkpoint is at, after comparing every entry with what that save left.
pub(crate) fn check(ledger: &Ledger) -> u64 {
    let at = number(ledger.head().unwrap());
    let mut expected = State::new();
    play(&mut expected, 0, at);
    let found: State = ledger.entries().collect::<Result<_, _>>().unwrap();
    // Not assert_eq: megabytes of bytes help nobody.
    assert!(found == expected, "the entries are not those of save {at}");
    for (key, value) in expected.iter().take(3) {
        assert_eq!(ledger.get(key).unwrap().as_ref(), Some(value));
    }
    at
}
