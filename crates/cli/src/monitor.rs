//! One question to a server's monitoring page, over plain HTTP.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// Longest answer that is read.
const LONGEST: u64 = 1 << 20;

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Asks `http://host:port` for a page.
///
/// # Errors
/// No such server, no answer in time, or one that is no HTTP.
pub(crate) async fn get(url: &str, page: &str) -> io::Result<Answer> {
    let address = url
        .strip_prefix("http://")
        .ok_or_else(|| io::Error::other("expected http://host:port"))?;
    let address = address.trim_end_matches('/');
    let asked = async {
        let mut socket = TcpStream::connect(address).await?;
        let question = format!("GET {page} HTTP/1.0\r\nHost: {address}\r\n\r\n");
        socket.write_all(question.as_bytes()).await?;
        let mut answer = Vec::new();
        socket.take(LONGEST).read_to_end(&mut answer).await?;
        Ok::<_, io::Error>(answer)
    };
    let answer = timeout(PATIENCE, asked)
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    let text = String::from_utf8_lossy(&answer);
    let (head, body) = text
        .split_once("\r\n\r\n")
        .ok_or_else(|| io::Error::other("no HTTP answer"))?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| io::Error::other("no HTTP answer"))?;
    Ok(Answer {
        status,
        body: body.to_owned(),
    })
}
