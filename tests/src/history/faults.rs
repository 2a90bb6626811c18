//! What goes wrong between a decision and its end.

/// A source of faults that is the same on every run.
#[derive(Debug)]
pub(super) struct Faults(u64);

impl Faults {
    /// None at all for 0.
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `n`; 0 forever where nothing goes wrong.
    pub(super) const fn pick(&mut self, n: u64) -> u64 {
        if self.0 == 0 {
            return 0;
        }
        // A step of a xorshift: it never comes to 0.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}
