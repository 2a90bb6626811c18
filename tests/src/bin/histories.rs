//! The long run of ring 1: `cargo run --release -p tests --bin histories -- [FIRST] [COUNT]`.

#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tests::history::seed::play_seed;
use tests::history::story::Played;

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|n| n.parse::<u64>());
    let (Ok(first), Ok(count)) = (
        numbers.next().unwrap_or(Ok(0)),
        numbers.next().unwrap_or(Ok(10_000)),
    ) else {
        println!("expected: histories [FIRST SEED] [HOW MANY], two whole numbers");
        return ExitCode::from(64);
    };
    let next = AtomicU64::new(first);
    let until = first.saturating_add(count);
    let sum = Mutex::new(Played::default());
    let broken = Mutex::new(None::<String>);
    #[expect(clippy::disallowed_methods, reason = "it measures itself")]
    let began = Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let seed = next.fetch_add(1, Ordering::Relaxed)
                    && seed < until
                    && broken.lock().is_ok_and(|b| b.is_none())
                {
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
        println!("{says}");
        return ExitCode::FAILURE;
    }
    let sum = sum.into_inner().unwrap_or_default();
    let seconds = began.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let years = sum.patient_hours as f64 / (24.0 * 365.25);
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let cpu_seconds = seconds * threads as f64;
    println!(
        "{count} histories from seed {first}: {} facts, {} mails, {years:.0} patient-years in {seconds:.1} s on {threads} threads: \
         {:.2} patient-years per CPU-second; nothing lost, nothing doubled",
        sum.facts,
        sum.mails,
        years / cpu_seconds
    );
    ExitCode::SUCCESS
}
