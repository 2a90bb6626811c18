//! What a figure was measured on: cores, memory, versions, profile.

use serde::Serialize;

/// The machine and the build.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    cores: usize,
    cpu: String,
    memory_mb: u64,
    os: &'static str,
    arch: &'static str,
    carebus: &'static str,
    profile: &'static str,
    allocator: &'static str,
}

/// Whether this is a build whose figures mean something.
pub(crate) const fn is_optimised() -> bool {
    !cfg!(debug_assertions)
}

/// As it is now.
pub(crate) fn look() -> Machine {
    Machine {
        cores: std::thread::available_parallelism().map_or(0, usize::from),
        cpu: line("/proc/cpuinfo", "model name").unwrap_or_default(),
        memory_mb: kilobytes("/proc/meminfo", "MemTotal") / 1024,
        os: std::env::consts::OS,
        arch: std::env::consts::ARCH,
        carebus: env!("CARGO_PKG_VERSION"),
        profile: if is_optimised() { "release" } else { "debug" },
        allocator: "mimalloc",
    }
}

/// Resident memory of this process in bytes; 0 where there is no /proc.
pub(crate) fn resident() -> u64 {
    kilobytes("/proc/self/status", "VmRSS") * 1024
}

fn kilobytes(file: &str, name: &str) -> u64 {
    let value = line(file, name).unwrap_or_default();
    value
        .split(' ')
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

/// What follows `name:` in a file of such lines.
fn line(file: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
