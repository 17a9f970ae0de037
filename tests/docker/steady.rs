//! Steady load from the host at a bounded rate: some clients keep their connections, others open a new one each time.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

/// How many clients keep their connections, and how many open a new one each time.
const CLIENTS: (u32, u32) = (24, 8);
/// A kept connection ends after so many requests, as those of nginx and of most clients do.
const REUSE: u32 = 500;
const PATIENCE: Duration = Duration::from_secs(10);

/// Load that goes on until it is stopped.
pub struct Steady {
    stop: Arc<AtomicBool>,
    good: Arc<AtomicUsize>,
    clients: Vec<JoinHandle<(usize, Vec<String>)>>,
}

/// What came of it.
#[derive(Debug)]
pub struct Sum {
    /// Answered with 200.
    pub good: usize,
    /// Requests on a kept connection that the server had just closed without a word, and that were sent anew, as every
    /// HTTP client does: <https://www.rfc-editor.org/rfc/rfc9112#section-9.3.1>.
    pub again: usize,
    /// Whatever else.
    pub bad: Vec<String>,
}

impl Steady {
    /// Asks an address for `/` of a host, so many times a second in all.
    pub fn on(address: &str, host: &str, rate: u32) -> Self {
        let (stop, good) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let pause = Duration::from_secs(1) * (CLIENTS.0 + CLIENTS.1) / rate;
        let client = |number| {
            let (stop, good) = (stop.clone(), good.clone());
            let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\n");
            let mut client = Client { address: address.to_owned(), request, keeps: number < CLIENTS.0, open: None };
            spawn(move || {
                let (mut again, mut bad, mut next) = (0, Vec::new(), Instant::now());
                while !stop.load(Ordering::Relaxed) {
                    match client.ask() {
                        Ok(repeated) => {
                            good.fetch_add(1, Ordering::Relaxed);
                            again += usize::from(repeated);
                        }
                        Err(error) => bad.push(error.to_string()),
                    }
                    next = (next + pause).max(Instant::now().checked_sub(pause * 20).unwrap_or(next));
                    sleep(next.saturating_duration_since(Instant::now()));
                }
                (again, bad)
            })
        };
        let clients = (0..CLIENTS.0 + CLIENTS.1).map(client).collect();
        Self { stop, good, clients }
    }

    /// How many requests were answered so far.
    pub fn good(&self) -> usize {
        self.good.load(Ordering::Relaxed)
    }

    /// Ends the load.
    pub fn stop(self) -> Sum {
        self.stop.store(true, Ordering::Relaxed);
        let ended: Vec<_> = self.clients.into_iter().map(|client| client.join().unwrap()).collect();
        let good = self.good.load(Ordering::Relaxed);
        Sum { good, again: ended.iter().map(|e| e.0).sum(), bad: ended.into_iter().flat_map(|e| e.1).collect() }
    }
}

struct Client {
    address: String,
    request: String,
    keeps: bool,
    /// The connection that is kept, and how often it was used.
    open: Option<(BufReader<TcpStream>, u32)>,
}

impl Client {
    /// One request; whether it had to be sent anew.
    fn ask(&mut self) -> Result<bool> {
        if let Some((mut stream, used)) = self.open.take() {
            match self.exchange(&mut stream, used) {
                Ok(()) => {
                    self.keep(stream, used + 1);
                    return Ok(false);
                }
                Err(error) if is_unheard(&error) => {
                    self.fresh()?;
                    return Ok(true);
                }
                Err(error) => return Err(error),
            }
        }
        self.fresh().map(|()| false)
    }

    fn fresh(&mut self) -> Result<()> {
        let to =
            self.address.to_socket_addrs()?.find(std::net::SocketAddr::is_ipv4).ok_or(ErrorKind::AddrNotAvailable)?;
        let stream = TcpStream::connect_timeout(&to, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let mut stream = BufReader::new(stream);
        self.exchange(&mut stream, 0).map_err(|e| Error::new(e.kind(), format!("on a new connection: {e}")))?;
        self.keep(stream, 1);
        Ok(())
    }

    fn keep(&mut self, stream: BufReader<TcpStream>, used: u32) {
        self.open = (self.keeps && used < REUSE).then_some((stream, used));
    }

    /// Sends the request and reads the whole answer.
    fn exchange(&self, stream: &mut BufReader<TcpStream>, used: u32) -> Result<()> {
        let last = !self.keeps || used + 1 == REUSE;
        let request = format!("{}{}\r\n", self.request, if last { "Connection: close\r\n" } else { "" });
        stream.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let status = line.trim().to_owned();
        let (mut length, mut closes) = (0, false);
        loop {
            line.clear();
            if stream.read_line(&mut line)? == 0 {
                return Err(Error::other(format!("broken off after {status}")));
            }
            let Some((name, value)) = line.trim().split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().map_err(Error::other)?,
                "connection" => closes = value.trim() == "close",
                _ => {}
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).map_err(|e| Error::other(format!("broken off in the body: {e}")))?;
        if !status.contains(" 200 ") {
            return Err(Error::other(status));
        }
        if closes {
            // The next request goes elsewhere; what is kept would only be found closed.
            stream.get_mut().shutdown(std::net::Shutdown::Both).or_else(|e| match e.kind() {
                ErrorKind::NotConnected => Ok(()),
                _ => Err(e),
            })?;
        }
        Ok(())
    }
}

/// Whether the server closed a kept connection before it said a word.
fn is_unheard(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
}
