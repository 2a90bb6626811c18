//! Leases, feeds, export and the end of a link.

use super::*;

#[tokio::test]
async fn one_node_works_and_another_takes_over_when_it_is_silent() {
    let (_server, conn, org) = ready().await;
    let ttl = Duration::from_millis(500);
    let candidate = async |node: &str| {
        Candidate::open(&conn, &org, "scheduler", node, ttl)
            .await
            .expect("a candidate")
    };
    let (mut one, mut two) = (candidate("one").await, candidate("two").await);
    let mut held = one.acquire().await.expect("an answer").expect("free");
    assert!(two.acquire().await.expect("an answer").is_none());
    assert_eq!(two.holder().await.expect("an answer").as_deref(), Some("one"));
    // Renewed as it should be, it outlives its time to live many times over.
    for _ in 0..20 {
        tokio::time::sleep(ttl / 10).await;
        assert!(held.renew().await.expect("an answer"));
        assert!(two.acquire().await.expect("an answer").is_none());
    }
    // Silent now.
    let mut taken = None;
    for _ in 0..500 {
        taken = two.acquire().await.expect("an answer");
        if taken.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let taken = taken.expect("taken over");
    assert!(!held.holds(), "it knew before the other took it");
    assert!(!held.renew().await.expect("an answer"));
    // Given back, it is free at once.
    taken.release().await;
    let again = one.acquire().await.expect("an answer");
    assert!(again.is_some());
    // Restarted under the same name, a node need not wait for itself.
    assert!(
        candidate("one")
            .await
            .acquire()
            .await
            .expect("an answer")
            .is_some()
    );
    assert!(
        candidate("two")
            .await
            .acquire()
            .await
            .expect("an answer")
            .is_none()
    );
}

#[tokio::test]
async fn a_lease_is_per_organisation_and_worker() {
    let (_server, conn, org) = ready().await;
    let other = OrgId::new("other").expect("an organisation");
    for (org, worker) in [(&org, "scheduler"), (&org, "mailer"), (&other, "scheduler")] {
        let candidate = Candidate::open(&conn, org, worker, worker, bus::lease::TTL).await;
        let lease = candidate
            .expect("a candidate")
            .acquire()
            .await
            .expect("an answer");
        assert!(lease.is_some_and(|lease| lease.holds()), "{org} {worker}");
    }
}

#[tokio::test]
async fn the_clinic_feed_says_everything_once() {
    let (_server, conn, org) = ready().await;
    let clinic = ClinicId::new("eastside-pt").expect("a clinic");
    let say = async |session: &str, text: &'static str, revision: u64| {
        let session = SessionId::new(session).expect("a session");
        let fed = publish_feed(&conn, &org, &clinic, &session, text.into(), revision).await;
        fed.expect("an answer")
    };
    assert_eq!(say("s-1", "booked", 1).await, Fed::Published { sequence: 1 });
    assert_eq!(say("s-1", "booked", 1).await, Fed::Unchanged);
    assert_eq!(say("s-2", "booked", 1).await, Fed::Published { sequence: 2 });
    assert_eq!(say("s-1", "moved", 2).await, Fed::Published { sequence: 3 });
    assert_eq!(say("s-1", "booked", 1).await, Fed::Superseded);
    assert_eq!(say("s-1", "moved", 2).await, Fed::Unchanged);
}

#[tokio::test]
async fn an_export_ends_where_the_log_ended() {
    let (server, conn, org) = ready().await;
    let all = async |from, to| {
        let mut seen = Vec::new();
        let each = |message: Received| {
            seen.push(message.sequence);
            Ok::<(), BusError>(())
        };
        let count = export::export(&conn, &org, from, to, each)
            .await
            .expect("exported");
        assert_eq!(count, seen.len() as u64);
        seen
    };
    assert!(all(1, None).await.is_empty());
    fill(&conn, 1, 20).await;
    assert_eq!(all(0, None).await, (1..=20).collect::<Vec<_>>());
    assert_eq!(all(5, Some(7)).await, [5, 6, 7]);
    administer(&server, "$JS.API.STREAM.MSG.DELETE.CARE_ACME", r#"{"seq":20}"#).await;
    assert_eq!(all(18, None).await, [18, 19], "the last one was erased");
    let purge = r#"{"filter":"care.acme.patient.p-1.>"}"#;
    administer(&server, "$JS.API.STREAM.PURGE.CARE_ACME", purge).await;
    assert!(all(1, None).await.is_empty());
}

#[tokio::test]
async fn a_link_drained_is_closed_and_says_so() {
    let (_server, conn, org) = ready().await;
    let other = conn.clone();
    conn.drain().await;
    let mut closed = false;
    for _ in 0..500 {
        closed = matches!(
            append(&other, fact("p-1", "x.y", "1")).await,
            Err(_) | Ok(Appended::Ambiguous)
        );
        if closed {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(closed);
    assert!(head(&other, &org).await.is_err());
}
