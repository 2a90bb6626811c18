//! The pages over HTTP, on a port of their own.

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{Watched, metrics, pages};

/// A port that is taken, and does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
}

impl Server {
    /// Takes the port.
    ///
    /// # Errors
    /// `AddrInUse` when somebody has it; whatever else the machine says.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self { listener })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The machine does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until `stop`.
    ///
    /// # Errors
    /// The port is gone.
    pub async fn serve(self, watched: Watched, stop: CancellationToken) -> io::Result<()> {
        let pages = Router::new()
            .route("/livez", get(livez))
            .route("/readyz", get(readyz))
            .route("/metrics", get(metrics))
            .route("/version", get(async || json(200, &pages::version())))
            .with_state(watched);
        // Not gracefully: a connection that is kept open must not hold up the end of the process.
        let served = axum::serve(self.listener, pages).into_future();
        stop.run_until_cancelled(served).await.unwrap_or(Ok(()))
    }
}

async fn livez(State(watched): State<Watched>) -> Response {
    let (status, page) = pages::livez(&watched.vitals(), Instant::now());
    json(status, &page)
}

async fn readyz(State(watched): State<Watched>, RawQuery(query): RawQuery) -> Response {
    let asked = query.unwrap_or_default();
    let verbose = asked
        .split('&')
        .any(|part| part == "verbose" || part.starts_with("verbose="));
    let (status, page) = pages::readyz(&watched.vitals(), Instant::now(), verbose);
    json(status, &page)
}

async fn metrics(State(watched): State<Watched>) -> Response {
    match metrics::page(&watched) {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::OPENMETRICS)], text).into_response(),
        Err(std::fmt::Error) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn json(status: u16, page: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, kind, format!("{page}\n")).into_response()
}
