//! One question to JetStream's JSON API, its answer, and what its silence means.

use async_nats::RequestErrorKind;
use async_nats::jetstream::Error as Refusal;
use async_nats::jetstream::response::Response;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{BusError, Connection};

/// Asks `$JS.API.<question>`. The inner error is the server's answer "no", with its code.
///
/// The client's own `jetstream::Context::request` writes whole answers, facts included, into its
/// debug log; hence this one.
pub(crate) async fn ask<T: DeserializeOwned>(
    conn: &Connection,
    question: &str,
    body: &impl Serialize,
) -> Result<Result<T, Refusal>, BusError> {
    let subject = format!("$JS.API.{question}");
    let body = serde_json::to_vec(body).map_err(|error| BusError::other(&subject, error))?;
    if !conn.is_connected() {
        return Err(BusError::Unreachable("the link is down".to_owned()));
    }
    let loss = conn.link().loss();
    let answer = tokio::select! {
        answer = conn.client().request(subject.clone(), body.into()) => answer,
        () = loss => return Err(BusError::Unreachable("the link was lost".to_owned())),
    };
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            return Err(match error.kind() {
                RequestErrorKind::TimedOut => conn.link().silence(&subject),
                RequestErrorKind::NoResponders => BusError::Unreachable(format!(
                    "nobody answers on {subject}: JetStream is off, or not up yet"
                )),
                _ => BusError::other(subject, error),
            });
        }
    };
    match serde_json::from_slice(&answer.payload) {
        Ok(Response::Ok(answer)) => Ok(Ok(answer)),
        Ok(Response::Err { error }) => Ok(Err(error)),
        Err(error) => Err(BusError::other(subject, error)),
    }
}
