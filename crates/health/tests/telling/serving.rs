//! The pages.

use super::*;

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn a_node_is_ready_or_says_why_not() {
    let (node, watched) = patient("acme");
    let pages = Pages::of(watched).await;
    let (status, body) = pages.get("/readyz").await;
    assert_eq!(
        (status, &json(&body)["ready"], &json(&body)["degraded"]),
        (200, &true.into(), &false.into())
    );

    node.send_modify(|v| v.connected = false);
    let (status, body) = pages.get("/readyz").await;
    assert_eq!((status, &json(&body)["ready"]), (503, &false.into()));
    assert_eq!(json(&body)["failed"][0], "acme: nats: not connected");
    assert!(json(&body).get("orgs").is_none(), "{body}");
    assert_eq!(pages.get("/livez").await.0, 200, "NATS is outside");

    node.send_modify(|v| (v.connected, v.mail_paused) = (true, true));
    let (status, body) = pages.get("/readyz?verbose").await;
    assert_eq!((status, &json(&body)["degraded"]), (200, &true.into()), "{body}");
    let checks = json(&body)["orgs"][0]["checks"].clone();
    let named: Vec<&str> = checks
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["name"].as_str().unwrap())
        .collect();
    assert_eq!(named, ["loop", "nats", "log", "checkpoint", "clock", "mail"]);
    assert_eq!(checks[5]["state"], "degraded");
}

#[tokio::test]
async fn one_node_that_is_not_ready_is_enough() {
    let (one, two) = (
        watch::Sender::new(well("acme")),
        watch::Sender::new(well("north")),
    );
    let pages = Pages::of(Watched::new(vec![one.subscribe(), two.subscribe()])).await;
    assert_eq!(pages.get("/readyz").await.0, 200);
    two.send_modify(|v| v.phase = Phase::CatchingUp);
    let (status, body) = pages.get("/readyz").await;
    assert_eq!(status, 503);
    assert_eq!(
        json(&body)["failed"][0],
        "north: loop: reading up to the head of the log"
    );
    let (_, metrics) = pages.get("/metrics").await;
    assert!(metrics.contains("carebus_ready{org=\"acme\"} 1"), "{metrics}");
    assert!(metrics.contains("carebus_ready{org=\"north\"} 0"), "{metrics}");
}

#[tokio::test]
async fn pages_say_what_they_are_and_there_are_no_others() {
    let (_node, watched) = patient("acme");
    let pages = Pages::of(watched).await;
    let (status, head, body) = pages.ask("GET /metrics").await;
    assert_eq!(status, 200);
    assert!(
        head.contains("content-type: application/openmetrics-text; version=1.0.0"),
        "{head}"
    );
    assert!(body.ends_with("# EOF\n"), "{body}");
    let (status, head, body) = pages.ask("GET /version").await;
    assert!(status == 200 && head.contains("application/json"), "{head}");
    assert_eq!(json(&body)["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(pages.get("/").await.0, 404);
    assert_eq!(pages.get("/livez/x").await.0, 404);
    assert_eq!(pages.ask("POST /readyz").await.0, 405);
}

#[tokio::test]
async fn a_port_that_is_taken_is_refused() {
    let first = Server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let error = Server::bind(first.address().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}

#[tokio::test]
async fn metrics_follow_the_vitals() {
    let (node, watched) = patient("acme");
    let pages = Pages::of(watched).await;
    node.send_modify(|v| {
        v.head = Some(20);
        v.facts = 7;
        v.appends.conflict = 3;
        v.counts.notices[0] = 2;
        v.counts.open_alerts[3] = 1;
        v.counts.unacknowledged_since[3] = v.now.checked_sub(care::time::SignedDuration::from_secs(90)).ok();
        v.leads.remove(&Worker::Mailer);
    });
    let (_, page) = pages.get("/metrics").await;
    for line in [
        "carebus_log_lag_messages{org=\"acme\"} 8.0",
        "carebus_facts_total{org=\"acme\"} 7.0",
        "carebus_appends_total{org=\"acme\",outcome=\"conflict\"} 3.0",
        "carebus_notices{org=\"acme\",state=\"attempted\"} 2.0",
        "carebus_alerts_open{org=\"acme\",severity=\"emergency\"} 1.0",
        "carebus_alert_unacknowledged_seconds{org=\"acme\",severity=\"emergency\"} 90.0",
        "carebus_lease_held{org=\"acme\",worker=\"mailer\"} 0.0",
        "carebus_lease_held{org=\"acme\",worker=\"scheduler\"} 1.0",
    ] {
        assert!(page.contains(&format!("{line}\n")), "no {line} in\n{page}");
    }
    node.send_modify(|v| v.head = None);
    let (_, page) = pages.get("/metrics").await;
    assert!(
        !page.contains("carebus_log_lag_messages{"),
        "nobody can say: {page}"
    );
}
