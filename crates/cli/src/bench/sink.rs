//! A mail server on loopback that takes everything at once, and remembers when it said 250.

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// When a mail was taken.
pub(crate) struct Taken {
    pub(crate) at: Instant,
}

/// The server; it ends when it is dropped.
pub(crate) struct Sink {
    pub(crate) port: u16,
    pub(crate) taken: mpsc::UnboundedReceiver<Taken>,
    _tasks: JoinSet<()>,
}

impl Sink {
    /// Listens on a free port of loopback.
    pub(crate) async fn open() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let (say, taken) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut talks = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let say = say.clone();
                // A client that goes away in the middle is the client's affair.
                talks.spawn(async move { talk(socket, &say).await.ok() });
                while talks.try_join_next().is_some() {}
            }
        });
        Ok(Self {
            port,
            taken,
            _tasks: tasks,
        })
    }
}

/// As much of SMTP as a well-behaved client needs.
async fn talk(socket: TcpStream, say: &mpsc::UnboundedSender<Taken>) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut socket = BufReader::new(socket);
    socket.write_all(b"220 bench.example ESMTP\r\n").await?;
    let mut line = Vec::new();
    loop {
        line.clear();
        if socket.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let verb = String::from_utf8_lossy(&line).trim().to_ascii_uppercase();
        let answer: &[u8] = match verb.split(' ').next().unwrap_or_default() {
            "EHLO" => b"250-bench.example\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            "DATA" => {
                socket.write_all(b"354 go on\r\n").await?;
                loop {
                    line.clear();
                    if socket.read_until(b'\n', &mut line).await? == 0 {
                        return Ok(());
                    }
                    if line == b".\r\n" {
                        break;
                    }
                }
                socket.write_all(b"250 taken\r\n").await?;
                // Nobody listens any more when the measurement is over.
                let _ = say.send(Taken { at: Instant::now() });
                continue;
            }
            "QUIT" => {
                socket.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => b"250 ok\r\n",
        };
        socket.write_all(answer).await?;
    }
}
