//! The long run of ring 1: `cargo run --release -p tests --bin histories -- [FROM] [TO]`, seeds FROM up to TO.

#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::process::ExitCode;

use tests::history::run::run;

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|n| n.parse::<u64>());
    let (Ok(from), Ok(to)) = (
        numbers.next().unwrap_or(Ok(0)),
        numbers.next().unwrap_or(Ok(10_000)),
    ) else {
        println!(
            "expected: histories [FROM] [TO], two whole numbers: the first seed, and the one after the last"
        );
        return ExitCode::from(64);
    };
    match run(from..to) {
        Ok(run) => println!("seeds {from} to {to}: {run}; no promise broken"),
        Err(broken) => {
            println!("{broken}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
