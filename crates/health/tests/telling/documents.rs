//! The alert rules and the page for operators speak of metrics that exist, and of every one of them.

use std::collections::BTreeSet;

use super::*;

fn read(path: &str) -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join(path)).unwrap()
}

/// Every word that begins as our metrics do.
fn named(text: &str) -> BTreeSet<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c: char| !word(c));
    words
        .filter(|w| w.starts_with("carebus_"))
        .map(str::to_owned)
        .collect()
}

async fn on_the_page() -> BTreeSet<String> {
    let (_node, watched) = patient("acme");
    let (_, page) = Pages::of(watched).await.get("/metrics").await;
    let samples = page.lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|line| line.split(['{', ' ']).next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn every_metric_is_explained_and_nothing_else_is() {
    assert_eq!(named(&read("docs/operating.md")), on_the_page().await);
}

#[tokio::test]
async fn every_alert_rule_is_about_metrics_that_exist_and_says_what_to_do() {
    let rules = read("deploy/prometheus/alerts.yml");
    let known = on_the_page().await;
    let unknown: Vec<String> = named(&rules)
        .into_iter()
        .filter(|name| !known.contains(name))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let page = read("docs/operating.md");
    let alerts: Vec<&str> = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "))
        .collect();
    assert!(alerts.len() > 10, "{alerts:?}");
    for alert in &alerts {
        assert!(
            page.contains(&format!("\n### {alert}\n")),
            "{alert} is not explained"
        );
        let link = format!("docs/operating.md#{}", alert.to_lowercase());
        assert!(rules.contains(&link), "{alert} does not say where");
    }
    let explained = page.lines().filter_map(|line| line.strip_prefix("### Carebus"));
    assert_eq!(explained.count(), alerts.len());
}

#[tokio::test]
async fn labels_are_few_words_known_beforehand() {
    let (_node, watched) = patient("acme");
    let (_, page) = Pages::of(watched).await.get("/metrics").await;
    let labels: BTreeSet<&str> = page
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('{')?.1.split_once('}'))
        .flat_map(|(labels, _)| labels.split(',').map(|label| label.split_once('=').unwrap().0))
        .collect();
    let known = ["org", "outcome", "severity", "state", "version", "worker"];
    assert_eq!(labels.into_iter().collect::<Vec<_>>(), known);
    assert!(page.lines().count() < 200, "a page for one organisation is short");
}
