//! What systemd is told: ready, what is going on, that the loop turns, that the end has begun.

use std::time::Duration;

use node::Vitals;
use node::vitals::Phase;
use sd_notify::NotifyState;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::Watched;
use crate::judge::is_alive;

/// How often it is looked whether there is something to tell.
const EVERY: Duration = Duration::from_secs(1);
/// How much longer the start may take, each time it is seen to go on.
const MORE_TIME: Duration = Duration::from_secs(60);

/// Tells systemd, if it started this process, until `end`; `stop` is when stopping begins.
pub async fn inform(watched: Watched, stop: CancellationToken, end: CancellationToken) {
    if std::env::var_os("NOTIFY_SOCKET").is_none() {
        return;
    }
    // Twice as often as it must be.
    let patience = sd_notify::watchdog_enabled().map(|limit| limit / 2);
    let mut tick = tokio::time::interval(patience.unwrap_or(EVERY).min(EVERY));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = Told::default();
    let mut is_over = false;
    while !is_over {
        tokio::select! {
            _ = tick.tick() => {}
            // The end may follow so soon that no tick is between.
            () = stop.cancelled(), if !told.stopping => {}
            () = end.cancelled() => is_over = true,
        }
        let now = Instant::now();
        for state in told.news(&watched.vitals(), stop.is_cancelled(), patience, now) {
            tell(&[state.as_notice()]);
        }
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd.untold");
    }
}

/// One thing to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
enum News {
    Ready,
    Stopping,
    Turning,
    MoreTime,
    Status(String),
}

impl News {
    fn as_notice(&self) -> NotifyState<'_> {
        match self {
            Self::Ready => NotifyState::Ready,
            Self::Stopping => NotifyState::Stopping,
            Self::Turning => NotifyState::Watchdog,
            Self::MoreTime => {
                NotifyState::ExtendTimeoutUsec(u32::try_from(MORE_TIME.as_micros()).unwrap_or(u32::MAX))
            }
            Self::Status(text) => NotifyState::Status(text),
        }
    }
}

/// What was told before.
#[derive(Debug, Default)]
struct Told {
    ready: bool,
    stopping: bool,
    status: String,
    patted: Option<Instant>,
}

impl Told {
    fn news(&mut self, nodes: &[Vitals], stops: bool, patience: Option<Duration>, now: Instant) -> Vec<News> {
        let mut news = Vec::new();
        let is_alive = nodes.iter().all(|node| is_alive(node, now));
        if !self.ready && nodes.iter().all(|node| node.phase == Phase::Working) {
            self.ready = true;
            news.push(News::Ready);
        }
        if stops && !self.stopping {
            self.stopping = true;
            news.push(News::Stopping);
        }
        let is_time = |patience: Duration| self.patted.is_none_or(|at| now - at >= patience);
        if is_alive && is_time(patience.unwrap_or(MORE_TIME / 4)) {
            self.patted = Some(now);
            news.extend(patience.map(|_| News::Turning));
            news.extend((!self.ready).then_some(News::MoreTime));
        }
        let status = status(nodes);
        if status != self.status {
            self.status.clone_from(&status);
            news.push(News::Status(status));
        }
        news
    }
}

/// One line for `systemctl status`.
fn status(nodes: &[Vitals]) -> String {
    let of = |node: &Vitals| {
        let leads: Vec<&str> = node.leads.iter().map(|worker| worker.name()).collect();
        let doing = match node.phase {
            Phase::Opening => "opening".to_owned(),
            Phase::CatchingUp => format!("catching up, position {}", node.position),
            Phase::Stopping => "stopping".to_owned(),
            Phase::Working if !node.connected => "NATS is away".to_owned(),
            Phase::Working if leads.is_empty() => "standing by".to_owned(),
            Phase::Working => format!("leads {}", leads.join(", ")),
        };
        format!("{}: {doing}", node.org)
    };
    nodes.iter().map(of).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use care::Worker;
    use care::id::OrgId;
    use care::time::Timestamp;
    use node::Board;

    use super::*;
    use crate::STALLED;

    #[test]
    fn a_loop_that_hangs_is_not_said_to_turn() {
        let org = OrgId::new("acme").unwrap();
        let board = Board::new(&org, "n-1", &Worker::ALL.into(), Timestamp::UNIX_EPOCH);
        let mut node = board.watch().borrow().clone();
        let patience = Some(Duration::from_secs(15));
        let start = node.turned;
        let mut told = Told::default();
        let news = told.news(&[node.clone()], false, patience, start);
        assert!(
            news.contains(&News::Turning) && news.contains(&News::MoreTime) && !news.contains(&News::Ready)
        );

        node.phase = Phase::Working;
        let later = start + Duration::from_secs(16);
        let news = told.news(&[node.clone()], false, patience, later);
        assert_eq!(
            news,
            [
                News::Ready,
                News::Turning,
                News::Status("acme: NATS is away".to_owned())
            ]
        );
        let news = told.news(&[node.clone()], false, patience, later + Duration::from_secs(1));
        assert!(news.is_empty(), "too early: {news:?}");
        let news = told.news(
            &[node.clone()],
            false,
            patience,
            start + STALLED + Duration::from_secs(2),
        );
        assert!(news.is_empty(), "it hangs: {news:?}");
        node.turned = start + STALLED;
        let news = told.news(&[node], true, patience, start + STALLED + Duration::from_secs(2));
        assert_eq!(news, [News::Stopping, News::Turning]);
    }
}
