//! Ports of the host that nothing else has.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the ports that the kernel gives to clients and those of NodePorts.
const FIRST: u16 = 20000;
const COUNT: u16 = 9000;

/// A port that is free now, never given before in this process; other processes begin elsewhere.
pub fn free() -> u16 {
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    let begin = u16::try_from(std::process::id() * 61 % u32::from(COUNT)).unwrap();
    loop {
        let port = FIRST + (begin + GIVEN.fetch_add(1, Ordering::Relaxed)) % COUNT;
        if TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok() {
            return port;
        }
    }
}
