//! `carebus outcomes`: the registry report, for people, as JSON or as CSV.

mod page;

use std::process::ExitCode;

use outcomes::figure::{Block, Figure, Value};
use outcomes::{Options, Perspective, Report, TimePoint};

use crate::args::{self, Format, Outcomes, ResponseAt};
use crate::config::Config;
use crate::exit::Failure;
use crate::fold;
use crate::output::Output;

pub(crate) async fn run(args: &Outcomes, config: &Config, output: &Output) -> Result<ExitCode, Failure> {
    let until = args.until.unwrap_or_else(|| node::Clock::real().now());
    let folded = fold::view_at(&args.view, until, config).await?;
    let options = Options {
        min_cell: args.min_cell,
        perspective: args.perspective.map(perspective),
        price_year: args.price_year,
        time_point: time_point(args.response_at),
    };
    let charts = folded.engine.charts();
    let report = Report::of(
        charts.iter().map(AsRef::as_ref),
        folded.policy(),
        args.from,
        until,
        &options,
    );
    let usual = if output.json() {
        Format::Json
    } else {
        Format::Table
    };
    match args.format.unwrap_or(usual) {
        Format::Json => output.value(&report)?,
        Format::Csv => csv(&report, output)?,
        Format::Table => page::print(&report, output)?,
    }
    Ok(ExitCode::SUCCESS)
}

const fn perspective(perspective: args::Perspective) -> Perspective {
    match perspective {
        args::Perspective::Payer => Perspective::Payer,
        args::Perspective::Patient => Perspective::Patient,
        args::Perspective::Clinic => Perspective::Clinic,
    }
}

const fn time_point(at: ResponseAt) -> TimePoint {
    match at {
        ResponseAt::EndOfCourse => TimePoint::EndOfCourse,
        ResponseAt::SixWeeks => TimePoint::SixWeeks,
        ResponseAt::SixMonths => TimePoint::SixMonths,
    }
}

fn csv(report: &Report, output: &Output) -> Result<(), Failure> {
    output.line("measure,group,statistic,value,n,suppressed")?;
    for block in &report.blocks {
        for figure in &block.figures {
            output.line(row(block, figure))?;
        }
    }
    Ok(())
}

fn row(block: &Block, figure: &Figure) -> String {
    let value = match &figure.value {
        None => String::new(),
        Some(Value::Count(count)) => count.to_string(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Word(word)) => word.clone(),
    };
    let n = figure.n.map_or_else(String::new, |n| n.to_string());
    let fields = [
        block.measure,
        &figure.group,
        figure.statistic,
        &value,
        &n,
        if figure.suppressed { "true" } else { "false" },
    ];
    fields.map(quoted).join(",")
}

/// RFC 4180: in quotes where a comma, a quote or a line break would end it early.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
