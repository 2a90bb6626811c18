//! The lines that nodes write about themselves beside the leases.

use bus::roster::{Place, SEVERAL, read};
use care::time::Timestamp;

use super::*;

#[tokio::test]
async fn each_node_has_one_line_and_takes_it_with_it() {
    let (_server, conn, org) = ready().await;
    let other = OrgId::new("other").expect("an organisation");
    let place = async |org: &OrgId, role: &str, node: &str| {
        Place::open(&conn, org, role, node).await.expect("a place")
    };
    let one = place(&org, SEVERAL, "n.1").await;
    let two = place(&org, "mailer", "n-1").await;
    let elsewhere = place(&other, SEVERAL, "n.1").await;
    for (place, line) in [
        (&one, "first"),
        (&elsewhere, "elsewhere"),
        (&two, "two"),
        (&one, "second"),
    ] {
        place.write(line.into()).await.expect("written");
    }
    let mut candidate = Candidate::open(&conn, &org, "mailer", "n-1", Duration::from_secs(5))
        .await
        .expect("a candidate");
    let lease = candidate.acquire().await.expect("an answer").expect("free");

    let roster = read(&conn, &org).await.expect("a roster");
    let lines: Vec<(&str, &[u8])> = roster
        .lines
        .iter()
        .map(|l| (l.role.as_str(), &l.line[..]))
        .collect();
    assert_eq!(lines, [("mailer", &b"two"[..]), (SEVERAL, b"second")]);
    assert_eq!(roster.leases.keys().collect::<Vec<_>>(), ["mailer"]);
    assert_eq!(roster.leases["mailer"].node, "n-1");
    let ago = |at: Timestamp| roster.now.duration_since(at).as_secs();
    assert!(
        roster
            .lines
            .iter()
            .all(|line| (0..60).contains(&ago(line.written))),
        "{roster:?}"
    );
    assert!(
        (0..60).contains(&ago(roster.leases["mailer"].renewed)),
        "{roster:?}"
    );

    lease.release().await;
    two.leave().await;
    let roster = read(&conn, &org).await.expect("a roster");
    assert_eq!(roster.lines.len(), 1);
    assert!(roster.leases.is_empty(), "{roster:?}");
    assert_eq!(read(&conn, &other).await.expect("a roster").lines.len(), 1);
}

#[tokio::test]
async fn without_a_link_a_line_is_not_kept_for_later() {
    let (mut server, conn, org) = ready().await;
    let place = Place::open(&conn, &org, SEVERAL, "n-1").await.expect("a place");
    server.kill9();
    for _ in 0..6000 {
        if !conn.is_connected() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(matches!(
        place.write("late".into()).await,
        Err(BusError::Unreachable(_))
    ));
    server.restart();
    for _ in 0..6000 {
        if conn.is_connected() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(read(&conn, &org).await.expect("a roster").lines.is_empty());
}
