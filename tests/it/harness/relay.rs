//! A TCP relay that a test can cut, so that a part goes away and comes back at the same address.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// A relay on loopback. Dropping it ends it.
pub struct Relay {
    /// Where it listens.
    pub address: SocketAddr,
    connected: watch::Sender<bool>,
    _accepting: JoinSet<()>,
}

impl Relay {
    /// Relays to `target`, which is `host:port`.
    pub async fn start(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connected = watch::Sender::new(true);
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, target, connected.clone()));
        Self { address, connected, _accepting: accepting }
    }

    /// Breaks every connection and refuses new ones.
    pub fn cut(&self) {
        self.connected.send_replace(false);
    }

    /// Lets connections through again.
    pub fn restore(&self) {
        self.connected.send_replace(true);
    }
}

async fn accept(listener: TcpListener, target: String, connected: watch::Sender<bool>) {
    let mut relayed = JoinSet::new();
    loop {
        let (mut near, _) = listener.accept().await.unwrap();
        let mut connected = connected.subscribe();
        let target = target.clone();
        relayed.spawn(async move {
            if !*connected.borrow() {
                return;
            }
            let Ok(mut far) = TcpStream::connect(target).await else { return };
            tokio::select! {
                _ = copy_bidirectional(&mut near, &mut far) => {}
                _ = connected.wait_for(|connected| !connected) => {}
            }
        });
    }
}
