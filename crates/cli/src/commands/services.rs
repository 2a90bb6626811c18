//! What runs beside the nodes of `carebus up`: the health pages, the heartbeat, systemd's notices.

use std::io;
use std::net::SocketAddr;

use health::{Heartbeat, Server, Watched};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Health;
use crate::exit::{Exit, Failure};
use crate::output::Output;

/// They last until the nodes have ended: a node that stops is worth watching.
pub(crate) struct Services {
    tasks: TaskTracker,
    end: CancellationToken,
}

impl Services {
    /// Starts what is configured.
    ///
    /// # Errors
    /// A port that is taken or is not ours; a heartbeat that cannot be.
    pub(crate) async fn start(
        config: &Health,
        watched: Watched,
        stop: &CancellationToken,
        output: &Output,
    ) -> Result<Self, Failure> {
        let (tasks, end) = (TaskTracker::new(), CancellationToken::new());
        if let Some(address) = config.listen {
            let server = Server::bind(address).await.map_err(|e| no_port(address, &e))?;
            let address = server.address().unwrap_or(address);
            output.note(format!("health: http://{address}"));
            let (watched, end) = (watched.clone(), end.clone());
            tasks.spawn(async move {
                if let Err(error) = server.serve(watched, end).await {
                    tracing::error!(%error, "health.ended");
                }
            });
        }
        if let Some(beat) = &config.heartbeat {
            let heartbeat = Heartbeat::new(&beat.url, beat.every, beat.ca_file.as_deref());
            let heartbeat =
                heartbeat.map_err(|error| Failure::new(Exit::Config, format!("[heartbeat] {error}")))?;
            tasks.spawn(heartbeat.beat(watched.clone(), stop.clone()));
        }
        tasks.spawn(health::systemd::inform(watched, stop.clone(), end.clone()));
        tasks.close();
        Ok(Self { tasks, end })
    }

    /// Ends them.
    pub(crate) async fn end(self) {
        self.end.cancel();
        self.tasks.wait().await;
    }
}

fn no_port(address: SocketAddr, error: &io::Error) -> Failure {
    let says = format!("[health] listen = \"{address}\": {error}");
    match error.kind() {
        io::ErrorKind::AddrInUse => Failure::new(Exit::TryAgain, says).help(
            "another process has the port, perhaps another carebus: give this one its own, CAREBUS_HEALTH__LISTEN=127.0.0.1:9465, \
             or none, CAREBUS_HEALTH__LISTEN=",
        ),
        io::ErrorKind::PermissionDenied => Failure::new(Exit::NotPermitted, says)
            .help("ports below 1024 are the system's; the usual one is 9464"),
        _ => Failure::new(Exit::Config, says).help("is the address one of this machine's?"),
    }
}
