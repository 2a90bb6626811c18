//! What `bench` can be told.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

/// One measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measurement {
    /// (a) reading the log, against a bare consumer
    #[value(alias = "a")]
    CatchUp,
    /// (b) from publishing a fact to the fact that answers it
    #[value(alias = "b")]
    Live,
    /// (c) from a red flag to the mail server's 250, also when the leader is killed
    #[value(alias = "c")]
    RedFlag,
    /// (d) starting with a checkpoint, and without
    #[value(alias = "d")]
    Restart,
    /// (e) memory, and the cost of a poll
    #[value(alias = "e")]
    Memory,
    /// (f) placing the EA of a month of a large clinic
    #[value(alias = "f")]
    Placing,
    /// (g) importing that month through the broker
    #[value(alias = "g")]
    Importing,
}

impl Measurement {
    /// All, in the order in which they are measured.
    pub(crate) const ALL: [Self; 7] = [
        Self::CatchUp,
        Self::Live,
        Self::RedFlag,
        Self::Restart,
        Self::Memory,
        Self::Placing,
        Self::Importing,
    ];

    /// Its name in the JSON.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::CatchUp => "catch_up",
            Self::Live => "live",
            Self::RedFlag => "red_flag",
            Self::Restart => "restart",
            Self::Memory => "memory",
            Self::Placing => "placing",
            Self::Importing => "importing",
        }
    }
}

/// `bench`.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Only these measurements, by name or letter [default: all]
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub(crate) only: Vec<Measurement>,
    /// So many patients [default: 100000; memory: 10000, 100000 and 1000000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub(crate) patients: Option<u32>,
    /// So many facts in the log that is rebuilt, about [default: 1000000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    pub(crate) facts: Option<u32>,
    /// Rounds of each measurement that has them
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(crate) rounds: u8,
    /// Everything small: within a minute or so, to see that it works
    #[arg(long)]
    pub(crate) quick: bool,
    /// Write the JSON here too
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) out: Option<PathBuf>,
    /// The nats-server program [default: .tools/nats-server, then the PATH]
    #[arg(long, value_name = "PATH", env = "CAREBUS_NATS_SERVER", value_hint = ValueHint::FilePath)]
    pub(crate) nats_server: Option<PathBuf>,
}
