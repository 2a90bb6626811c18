//! Many histories at once, one thread per core, and what they came to.

use std::fmt;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::seed::play_seed;
use super::story::Played;

/// What a run came to.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// What was played.
    pub played: Played,
    /// How long it took.
    pub wall: Duration,
    /// What it took of all cores, if the system says so.
    pub cpu: Option<Duration>,
}

/// Plays every seed of a range.
///
/// # Errors
/// A seed that breaks a promise, with the shortest history found.
pub fn run(seeds: Range<u64>) -> Result<Run, String> {
    let (next, until) = (AtomicU64::new(seeds.start), seeds.end);
    let sum = Mutex::new(Played::default());
    let broken = Mutex::new(None::<String>);
    #[expect(clippy::disallowed_methods, reason = "it measures itself")]
    let (began, cpu) = (Instant::now(), cpu_time());
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while broken.lock().is_ok_and(|b| b.is_none()) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= until {
                        return;
                    }
                    match play_seed(seed) {
                        Ok(played) => sum.lock().into_iter().for_each(|mut sum| sum.add(played)),
                        Err(says) => broken
                            .lock()
                            .into_iter()
                            .for_each(|mut b| *b = Some(says.clone())),
                    }
                }
            });
        }
    });
    if let Ok(Some(says)) = broken.into_inner() {
        return Err(says);
    }
    Ok(Run {
        played: sum.into_inner().unwrap_or_default(),
        wall: began.elapsed(),
        cpu: cpu
            .zip(cpu_time())
            .map(|(before, after)| after.saturating_sub(before)),
    })
}

/// CPU time of this process so far, all threads, where the system tells it.
fn cpu_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // After the name in brackets, which may hold anything: user and system time are the 14th and 15th field, in
    // hundredths of a second on every Linux that Rust knows.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(Duration::from_millis(10 * (user + system)))
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let played = self.played;
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let years = played.patient_hours as f64 / (24.0 * 365.25);
        write!(
            f,
            "{} histories of {} steps: {} facts, {} mails, {years:.0} patient-years in {:.1} s",
            played.histories,
            played.steps,
            played.facts,
            played.mails,
            self.wall.as_secs_f64()
        )?;
        if let Some(cpu) = self.cpu.map(|cpu| cpu.as_secs_f64()).filter(|s| *s > 0.0) {
            write!(f, ", {:.2} patient-years per CPU-second", years / cpu)?;
        }
        Ok(())
    }
}
