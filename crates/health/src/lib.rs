//! What carebus tells those who run it: liveness, readiness and metrics over HTTP, systemd's notices, a heartbeat.
//!
//! Everything is said of [`node::Vitals`], which holds counts and no ids: nothing here could name a patient.

pub mod heartbeat;
mod judge;
mod metrics;
mod pages;
mod server;
pub mod systemd;

use std::sync::Arc;

use node::Vitals;
use tokio::sync::watch;

pub use heartbeat::{Beats, Heartbeat};
pub use judge::{Check, STALLED, State, UNTOLD, is_alive, judge, misses_a_beat};
pub use server::Server;

/// Every node of this process.
#[derive(Debug, Clone)]
pub struct Watched {
    nodes: Arc<[watch::Receiver<Vitals>]>,
    beats: Arc<Beats>,
}

impl Watched {
    /// These nodes.
    #[must_use]
    pub fn new(nodes: Vec<watch::Receiver<Vitals>>) -> Self {
        Self {
            nodes: nodes.into(),
            beats: Arc::default(),
        }
    }

    /// How each is now.
    #[must_use]
    pub fn vitals(&self) -> Vec<Vitals> {
        self.nodes.iter().map(|node| node.borrow().clone()).collect()
    }
}
