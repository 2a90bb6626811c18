//! Defects that are planted into the simulated log, process or machine, to show that the histories find them.

/// What is broken on purpose. The product's own code is the same in every case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// The log takes every append, whatever its condition says.
    ForgetfulLog,
    /// An append whose answer was lost is repeated blindly instead of reading on.
    RepeatsLostAppends,
    /// A checkpoint says a newer position than its entries were taken at: what was under way in between is forgotten.
    CheckpointAhead,
    /// The process believes its wall clock, whatever it says.
    BelievesWallClock,
    /// A doubtful clock is noticed and the engine is not told.
    DoubtUntold,
    /// A log that went back is not noticed.
    BlindToTruncation,
    /// What the log took and lost before it was read back is waited for.
    WaitsForEver,
    /// Mail goes out before its claim is in the log.
    MailBeforeClaim,
}
