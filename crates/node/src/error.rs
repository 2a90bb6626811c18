//! Why a node cannot work, told apart by what a person does about it.

use bus::BusError;
use ledger::LedgerError;

/// Why a node stopped or did not start.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// NATS.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The checkpoint.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A defect: the workers answer each other without end.
    #[error(transparent)]
    Unsettled(#[from] engine::Unsettled),
}
