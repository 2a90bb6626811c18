//! A way to a server on which everything it says may take its time: who listens knows only what was true a while ago.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use tokio::time::Instant;

/// The way.
pub(crate) struct Way {
    /// Its port on this machine.
    pub(crate) port: u16,
    /// Milliseconds.
    late: Arc<AtomicU64>,
}

impl Way {
    /// Starts one to a port of this machine; nothing is late yet. What is said to the server is never late, nor is
    /// anything on the first connection: there a node appends and asks, and on others it reads.
    pub(crate) fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap().port();
        let late = Arc::new(AtomicU64::new(0));
        let reading = Arc::clone(&late);
        std::thread::spawn(move || {
            let mut by = Arc::default();
            for client in listener.incoming().map_while(Result::ok) {
                if let Ok(server) = TcpStream::connect(("127.0.0.1", port)) {
                    join(&client, &server, by);
                }
                by = Arc::clone(&reading);
            }
        });
        Self { port: own, late }
    }

    /// From now on everything the server says comes as much later.
    pub(crate) fn is_late_by(&self, ms: u64) {
        self.late.store(ms, Ordering::SeqCst);
    }
}

fn join(client: &TcpStream, server: &TcpStream, late: Arc<AtomicU64>) {
    let copies = (
        client.try_clone(),
        server.try_clone(),
        client.try_clone(),
        server.try_clone(),
    );
    let (Ok(from_client), Ok(to_server), Ok(to_client), Ok(from_server)) = copies else {
        return;
    };
    let (heard, due) = mpsc::channel::<(Instant, Vec<u8>)>();
    std::thread::spawn(move || {
        pass(from_client, |bytes| (&to_server).write_all(bytes).is_ok());
        to_server.shutdown(Shutdown::Both).ok();
    });
    std::thread::spawn(move || {
        let late = || Duration::from_millis(late.load(Ordering::SeqCst));
        pass(from_server, |bytes| {
            heard.send((Instant::now() + late(), bytes.to_vec())).is_ok()
        });
    });
    std::thread::spawn(move || {
        for (at, bytes) in due {
            std::thread::sleep(at.saturating_duration_since(Instant::now()));
            if (&to_client).write_all(&bytes).is_err() {
                break;
            }
        }
        to_client.shutdown(Shutdown::Both).ok();
    });
}

/// Reads until there is no more, or nobody wants it.
fn pass(mut from: TcpStream, mut to: impl FnMut(&[u8]) -> bool) {
    let mut chunk = vec![0; 65_536];
    while let Ok(read @ 1..) = from.read(&mut chunk) {
        if !to(&chunk[..read]) {
            return;
        }
    }
}
