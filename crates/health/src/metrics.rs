//! The metrics page: a table of names, each with its unit and where its value is in the vitals.

mod table;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use tokio::time::Instant;

use crate::Watched;
use table::{Kind, TABLE};

/// The content type of the page.
pub(crate) const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The page as it is now.
pub(crate) fn page(watched: &Watched) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::with_prefix("carebus");
    let build = Info::new(vec![("version", node::vitals::VERSION)]);
    registry.register("build", "The version that runs", build);
    registry.register_collector(Box::new(Shown(watched.clone())));
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry)?;
    Ok(text)
}

#[derive(Debug)]
struct Shown(Watched);

impl Collector for Shown {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let (nodes, now) = (self.0.vitals(), Instant::now());
        for row in TABLE {
            let kind = match row.kind {
                Kind::Gauge => MetricType::Gauge,
                Kind::Counter => MetricType::Counter,
            };
            let unit = row.unit.map(|unit| Unit::Other(unit.to_owned()));
            let mut metric = encoder.encode_descriptor(row.name, row.help, unit.as_ref(), kind)?;
            for vitals in &nodes {
                for (label, value) in (row.values)(vitals, now) {
                    let mut labels = vec![("org", vitals.org.as_str())];
                    labels.extend(label);
                    let sample = metric.encode_family(&labels)?;
                    match row.kind {
                        Kind::Gauge => ConstGauge::new(value).encode(sample)?,
                        Kind::Counter => ConstCounter::new(value).encode(sample)?,
                    }
                }
            }
        }
        let mut metric = encoder.encode_descriptor(
            "heartbeats",
            "Heartbeats by how they went",
            None,
            MetricType::Counter,
        )?;
        for (outcome, count) in self.0.beats.counts() {
            let labels = [("outcome", outcome)];
            let sample = metric.encode_family(&labels)?;
            ConstCounter::new(count).encode(sample)?;
        }
        Ok(())
    }
}
