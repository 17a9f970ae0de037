//! Steady load from the host: connections opened one after another by a few clients at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, spawn};

use crate::harness::get;

const CLIENTS: usize = 3;

/// Load that goes on until it is stopped.
pub struct Load {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<(usize, Vec<String>)>>,
}

impl Load {
    /// Asks an address for `/` of a host; everything but an answer of 200 is a failure.
    pub fn on(address: &str, host: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let client = |_| {
            let (stop, address, host) = (stop.clone(), address.to_owned(), host.to_owned());
            spawn(move || {
                let (mut good, mut bad) = (0, Vec::new());
                while !stop.load(Ordering::Relaxed) {
                    match get(&address, &host, "/") {
                        Ok(answer) if answer.code == 200 => good += 1,
                        Ok(answer) => bad.push(answer.head),
                        Err(error) => bad.push(error.to_string()),
                    }
                }
                (good, bad)
            })
        };
        let clients = (0..CLIENTS).map(client).collect();
        Self { stop, clients }
    }

    /// Ends the load: how many requests were answered, and what became of the others.
    pub fn stop(self) -> (usize, Vec<String>) {
        self.stop.store(true, Ordering::Relaxed);
        let ended = self.clients.into_iter().map(|client| client.join().unwrap());
        ended.fold((0, Vec::new()), |(good, bad), (more, worse)| (good + more, [bad, worse].concat()))
    }

    /// Ends the load and insists that there were requests and that none failed.
    #[track_caller]
    pub fn stop_unharmed(self) {
        let (good, bad) = self.stop();
        assert!(good > 50 && bad.is_empty(), "{good} answered, {} not: {bad:?}", bad.len());
    }
}
