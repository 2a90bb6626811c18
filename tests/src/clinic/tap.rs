//! A wire between a node and its mail server: it keeps what the node said in clear sight, can be led elsewhere, and cut.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A port on loopback that leads to another.
#[derive(Debug)]
pub struct Tap {
    port: u16,
    leads_to: Arc<AtomicU16>,
    heard: Arc<Mutex<Vec<u8>>>,
    listening: JoinSet<()>,
}

impl Tap {
    /// One that leads to a server on this port.
    ///
    /// # Panics
    /// When there is no port left.
    pub async fn to(server: u16) -> Self {
        let mut tap = Self {
            port: 0,
            leads_to: Arc::default(),
            heard: Arc::default(),
            listening: JoinSet::new(),
        };
        tap.lead_to(server).await;
        tap
    }

    /// One that refuses every connection, until it leads somewhere.
    ///
    /// # Panics
    /// When there is no port left.
    pub async fn closed() -> Self {
        let mut tap = Self::to(0).await;
        tap.listening.shutdown().await;
        tap
    }

    /// Where to connect to.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// From now on new connections come to this server; those that stand stay where they are.
    ///
    /// # Panics
    /// When somebody else has taken the port.
    pub async fn lead_to(&mut self, server: u16) {
        self.leads_to.store(server, Ordering::SeqCst);
        if !self.listening.is_empty() {
            return;
        }
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.expect("a port");
        self.port = listener.local_addr().expect("its address").port();
        let (leads_to, heard) = (Arc::clone(&self.leads_to), Arc::clone(&self.heard));
        self.listening.spawn(async move {
            let mut wires = JoinSet::new();
            while let Ok((node, _)) = listener.accept().await {
                wires.spawn(wire(node, leads_to.load(Ordering::SeqCst), Arc::clone(&heard)));
            }
        });
    }

    /// Every byte that came from the node, of all connections.
    #[must_use]
    pub fn heard(&self) -> Vec<u8> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One connection, both ways, until either end hangs up; then the other is hung up on too.
async fn wire(node: TcpStream, server: u16, heard: Arc<Mutex<Vec<u8>>>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else {
        return;
    };
    node.set_nodelay(true).ok();
    server.set_nodelay(true).ok();
    let (mut from_node, mut to_node) = node.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = async {
        let mut bytes = vec![0; 16 * 1024];
        while let Ok(n @ 1..) = from_node.read(&mut bytes).await {
            note(&heard, &bytes[..n]);
            if to_server.write_all(&bytes[..n]).await.is_err() {
                return;
            }
        }
    };
    let down = async { tokio::io::copy(&mut from_server, &mut to_node).await.ok() };
    tokio::select! {
        () = up => {}
        _ = down => {}
    }
}

fn note(heard: &Mutex<Vec<u8>>, bytes: &[u8]) {
    let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
    heard.extend_from_slice(bytes);
}
