//! Small cells: counts that are shown, and counts that are not because one person could be seen in them.
//!
//! Every count of the report is a set of things (episodes, sessions, events). A count from 1 to the limit is hidden,
//! and so is every count with which, from what is shown already, a hidden one could be computed: by subtraction, or by
//! any other sum of shown counts. Counts are decided in the order in which they were asked for, so the important ones
//! come first.

use std::collections::btree_map::BTreeMap;

/// Arithmetic is exact: modulo a prime far above every coefficient that subtraction can make of zeros and ones.
const PRIME: u64 = 2_147_483_647;

/// A set whose count is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(usize);

/// A count, and whether it may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    count: u64,
    shown: bool,
}

impl Cell {
    /// A count that needs no protection.
    #[must_use]
    pub const fn open(count: u64) -> Self {
        Self { count, shown: true }
    }

    /// The count, if it may be shown.
    #[must_use]
    pub fn shown(self) -> Option<u64> {
        self.shown.then_some(self.count)
    }

    /// The count itself: for verdicts, never for the page.
    pub(crate) const fn hidden_too(self) -> u64 {
        self.count
    }

    /// The same count, shown only if this holds too.
    #[must_use]
    pub const fn shown_if(self, holds: bool) -> Self {
        Self {
            count: self.count,
            shown: self.shown && holds,
        }
    }

    /// Two counts that do not overlap as one, shown if both are.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            count: self.count.saturating_add(other.count),
            shown: self.shown && other.shown,
        }
    }
}

/// The sets that are asked for, before it is decided which counts are shown.
pub struct Tally<'a, T> {
    things: &'a [T],
    min_cell: u64,
    sets: Vec<Vec<bool>>,
    /// Sets that are not shown.
    unlisted: Vec<usize>,
    partitions: Vec<Vec<Key>>,
}

/// What each set came to.
#[derive(Debug)]
pub struct Counts(Vec<Cell>);

impl Counts {
    /// One of them.
    #[must_use]
    pub fn of(&self, key: Key) -> Cell {
        self.0.get(key.0).copied().unwrap_or(Cell {
            count: 0,
            shown: false,
        })
    }
}

impl<'a, T> Tally<'a, T> {
    /// Over these things; counts from 1 to `min_cell - 1` are small.
    #[must_use]
    pub const fn new(things: &'a [T], min_cell: u64) -> Self {
        Self {
            things,
            min_cell,
            sets: Vec::new(),
            unlisted: Vec::new(),
            partitions: Vec::new(),
        }
    }

    /// Asks for the count of those it holds of.
    pub fn add(&mut self, holds: impl Fn(&T) -> bool) -> Key {
        self.sets.push(self.things.iter().map(holds).collect());
        Key(self.sets.len() - 1)
    }

    /// Asks for a count that no page shows and that must not be computable either, such as who did not respond.
    pub fn guard(&mut self, holds: impl Fn(&T) -> bool) {
        let Key(set) = self.add(holds);
        self.unlisted.push(set);
    }

    /// Says that these do not overlap and stand side by side: what any few of them come to together is guarded too.
    pub fn side_by_side(&mut self, keys: impl IntoIterator<Item = Key>) {
        self.partitions.push(keys.into_iter().collect());
    }

    /// Decides.
    #[must_use]
    pub fn settle(self) -> Counts {
        let classes = self.classes();
        let vectors: Vec<Vec<u64>> = (0..self.sets.len())
            .map(|set| classes.keys().map(|pattern| u64::from(pattern[set])).collect())
            .collect();
        let sizes: Vec<u64> = classes.into_values().collect();
        let mut guard = Guard::new(&vectors, &sizes, self.min_cell, &self.partitions);
        let mut pending = vectors.clone();
        let mut cells = Vec::new();
        for set in 0..vectors.len() {
            let count = size(&vectors[set], &sizes);
            let listed = !self.unlisted.contains(&set);
            let shown = listed && !guard.is_small(count) && !guard.gives_away(&pending[set]);
            if shown {
                let told = pending[set].clone();
                guard.learn(&told);
                for vector in &mut pending {
                    reduce(vector, &told);
                }
            }
            cells.push(Cell { count, shown });
        }
        Counts(cells)
    }

    /// Things that are in the same sets cannot be told apart by counts: how many there are of each kind.
    fn classes(&self) -> BTreeMap<Vec<bool>, u64> {
        let mut classes = BTreeMap::new();
        for thing in 0..self.things.len() {
            let pattern: Vec<bool> = self.sets.iter().map(|set| set[thing]).collect();
            *classes.entry(pattern).or_insert(0) += 1;
        }
        classes
    }
}

/// What must not be computable, each less what has been shown so far.
struct Guard {
    min_cell: u64,
    secrets: Vec<Vec<u64>>,
}

impl Guard {
    fn new(vectors: &[Vec<u64>], sizes: &[u64], min_cell: u64, partitions: &[Vec<Key>]) -> Self {
        let mut guard = Self {
            min_cell,
            secrets: Vec::new(),
        };
        for vector in vectors {
            guard.protect(vector.clone(), sizes);
        }
        for keys in partitions {
            let parts: Vec<&Vec<u64>> = keys.iter().filter_map(|key| vectors.get(key.0)).collect();
            guard.protect_unions(&parts, vec![0; sizes.len()], sizes);
        }
        guard.secrets.sort_unstable();
        guard.secrets.dedup();
        guard
    }

    const fn is_small(&self, count: u64) -> bool {
        count >= 1 && count < self.min_cell
    }

    fn protect(&mut self, vector: Vec<u64>, sizes: &[u64]) {
        if self.is_small(size(&vector, sizes)) {
            self.secrets.push(vector);
        }
    }

    /// Every union of some parts that is still small; parts only add, so a union that is too large ends the search.
    fn protect_unions(&mut self, parts: &[&Vec<u64>], union: Vec<u64>, sizes: &[u64]) {
        let Some((part, rest)) = parts.split_first() else {
            return;
        };
        self.protect_unions(rest, union.clone(), sizes);
        let wider: Vec<u64> = union.iter().zip(*part).map(|(a, b)| (a + b).min(1)).collect();
        let count = size(&wider, sizes);
        if count < self.min_cell && wider != union {
            self.protect(wider.clone(), sizes);
            self.protect_unions(rest, wider, sizes);
        }
    }

    /// Whether a secret could be computed once this is shown too: it is then a multiple of it.
    fn gives_away(&self, told: &[u64]) -> bool {
        let Some(pivot) = told.iter().position(|part| *part != 0) else {
            return false;
        };
        let inverse = inverse(told[pivot]);
        self.secrets.iter().any(|secret| {
            let factor = secret[pivot] * inverse % PRIME;
            factor != 0 && secret.iter().zip(told).all(|(s, t)| *s == factor * t % PRIME)
        })
    }

    fn learn(&mut self, told: &[u64]) {
        for secret in &mut self.secrets {
            reduce(secret, told);
        }
    }
}

fn size(vector: &[u64], sizes: &[u64]) -> u64 {
    vector.iter().zip(sizes).map(|(part, size)| part * size).sum()
}

/// Takes out of a vector what is known of it once `told` is.
fn reduce(vector: &mut [u64], told: &[u64]) {
    let Some(pivot) = told.iter().position(|part| *part != 0) else {
        return;
    };
    if vector[pivot] == 0 {
        return;
    }
    let factor = vector[pivot] * inverse(told[pivot]) % PRIME;
    for (part, told) in vector.iter_mut().zip(told) {
        *part = (*part + (PRIME - factor) * told) % PRIME;
    }
}

/// The number that gives 1 when multiplied: the power p − 2 (Fermat).
fn inverse(number: u64) -> u64 {
    let (mut result, mut base, mut power) = (1, number % PRIME, PRIME - 2);
    while power > 0 {
        if power % 2 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        power /= 2;
    }
    result
}
