//! Speaks netlink with the kernel: the only file of wharf with `unsafe`, as libc's socket calls need it.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use super::message::{begin, commit};
use super::wire::{Message, Received, messages};

/// Enough for 10,000 endpoints in one transaction; a limit, not memory that is taken.
const SEND_LIMIT: libc::c_int = 32 << 20;
/// The kernel fills no larger datagram in a dump.
const RECEIVE: usize = 32 << 10;
/// The kernel answers within milliseconds; an answer that got lost must not hold the agent up.
const TIMEOUT: libc::timeval = libc::timeval { tv_sec: 5, tv_usec: 0 };

/// Which part of the kernel a socket speaks with.
#[derive(Clone, Copy, Debug)]
pub enum Family {
    /// Links and routes.
    Route,
    /// nftables and connection tracking.
    Netfilter,
}

/// A netlink socket of the network namespace it was opened in.
#[derive(Debug)]
pub struct Socket {
    descriptor: OwnedFd,
    sequence: u32,
    limit: usize,
}

impl Socket {
    /// Opens a socket.
    ///
    /// # Errors
    /// The kernel's.
    pub fn open(family: Family) -> io::Result<Self> {
        let protocol = match family {
            Family::Route => libc::NETLINK_ROUTE,
            Family::Netfilter => libc::NETLINK_NETFILTER,
        };
        // SAFETY: no pointers are passed, and the new descriptor has no other owner.
        let descriptor = unsafe {
            let raw = check(libc::socket(libc::AF_NETLINK, libc::SOCK_RAW | libc::SOCK_CLOEXEC, protocol))?;
            OwnedFd::from_raw_fd(raw)
        };
        let mut socket = Self { descriptor, sequence: 0, limit: 0 };
        socket.set(libc::SO_RCVTIMEO, &TIMEOUT)?;
        // Refused where CAP_NET_ADMIN is only held over the own namespace: then large transactions are split.
        if socket.set(libc::SO_SNDBUFFORCE, &SEND_LIMIT).is_err() {
            socket.set(libc::SO_SNDBUF, &SEND_LIMIT)?;
        }
        socket.limit = socket.send_limit()?;
        Ok(socket)
    }

    /// Commits groups of nftables messages: all in one transaction, or, where the socket can't send that much at once,
    /// in as few as possible. A group is never torn apart.
    ///
    /// # Errors
    /// The first error that the kernel reports; its transaction changed nothing.
    pub fn transact(&mut self, groups: Vec<Vec<Message>>) -> io::Result<()> {
        let mut batch = Vec::new();
        let mut size = 0;
        for group in groups {
            let more: usize = group.iter().map(Message::size).sum();
            if size + more > self.limit && !batch.is_empty() {
                self.commit(std::mem::take(&mut batch))?;
                size = 0;
            }
            size += more;
            batch.extend(group);
        }
        if batch.is_empty() { Ok(()) } else { self.commit(batch) }
    }

    fn commit(&mut self, batch: Vec<Message>) -> io::Result<()> {
        let acknowledged = batch.len();
        let all: Vec<Message> = std::iter::once(begin()).chain(batch).chain([commit()]).collect();
        self.send(all, acknowledged)
    }

    /// Sends messages that the kernel obeys one by one, and waits until it did.
    ///
    /// # Errors
    /// The first error that the kernel reports.
    pub fn request(&mut self, messages: Vec<Message>) -> io::Result<()> {
        let last = messages.len() - 1;
        self.send(messages, last)
    }

    /// Asks for a list, and calls `each` with the body of every answer.
    ///
    /// # Errors
    /// The kernel's.
    pub fn dump(&mut self, question: Message, mut each: impl FnMut(&[u8])) -> io::Result<()> {
        const DONE: u16 = 3;
        self.sequence += 1;
        let sequence = self.sequence;
        self.write(&question.finish(sequence, false))?;
        self.read(|answer| {
            if answer.sequence != sequence {
                return Ok(false);
            }
            match error(answer) {
                Some(Err(e)) => return Err(e),
                Some(Ok(())) => return Ok(true),
                None if answer.kind == DONE => return Ok(true),
                None => each(answer.body),
            }
            Ok(false)
        })
    }

    /// One datagram; only the message at `acknowledged` is answered where all is well, as thousands of answers would
    /// overflow the socket.
    fn send(&mut self, messages: Vec<Message>, acknowledged: usize) -> io::Result<()> {
        let first = self.sequence + 1;
        let mut bytes = Vec::with_capacity(messages.iter().map(Message::size).sum());
        let mut wanted = first;
        for (position, message) in messages.into_iter().enumerate() {
            self.sequence += 1;
            if position == acknowledged {
                wanted = self.sequence;
            }
            bytes.extend(message.finish(self.sequence, position == acknowledged));
        }
        self.write(&bytes)?;
        // Answers below `first` are left over from an earlier transaction with several errors.
        self.read(|answer| match error(answer) {
            Some(Err(e)) if answer.sequence >= first => Err(e),
            Some(Ok(())) => Ok(answer.sequence == wanted),
            _ => Ok(false),
        })
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        // SAFETY: pointer and length are those of a slice that outlives the call.
        let sent = unsafe { libc::send(self.descriptor.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), 0) };
        if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// Reads until `each` says that it has seen enough.
    fn read(&self, mut each: impl FnMut(Received<'_>) -> io::Result<bool>) -> io::Result<()> {
        let mut buffer = vec![0_u8; RECEIVE];
        loop {
            // SAFETY: pointer and length are those of a buffer that outlives the call.
            let got = unsafe { libc::recv(self.descriptor.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len(), 0) };
            let Ok(got) = usize::try_from(got) else { return Err(io::Error::last_os_error()) };
            for answer in messages(&buffer[..got]) {
                if each(answer)? {
                    return Ok(());
                }
            }
        }
    }

    fn set<T>(&self, option: libc::c_int, value: &T) -> io::Result<()> {
        let length = libc::socklen_t::try_from(size_of::<T>()).expect("an option's value has a few bytes");
        let value = std::ptr::from_ref(value).cast();
        // SAFETY: pointer and length are those of a value that outlives the call, of the type that the option takes.
        let done = unsafe { libc::setsockopt(self.descriptor.as_raw_fd(), libc::SOL_SOCKET, option, value, length) };
        check(done).map(drop)
    }

    fn send_limit(&self) -> io::Result<usize> {
        const OVERHEAD: usize = 1 << 10;
        let mut value: libc::c_int = 0;
        let mut length = libc::socklen_t::try_from(size_of::<libc::c_int>()).expect("an int has a few bytes");
        let out = std::ptr::from_mut(&mut value).cast();
        // SAFETY: the option is an int, and both pointers outlive the call.
        let done = unsafe {
            libc::getsockopt(self.descriptor.as_raw_fd(), libc::SOL_SOCKET, libc::SO_SNDBUF, out, &raw mut length)
        };
        check(done)?;
        Ok(usize::try_from(value).unwrap_or_default().saturating_sub(OVERHEAD))
    }
}

/// What an error message says, `None` for other messages; code 0 is an acknowledgement.
fn error(answer: Received<'_>) -> Option<io::Result<()>> {
    const ERROR: u16 = 2;
    if answer.kind != ERROR {
        return None;
    }
    let code = answer.body.get(..4).and_then(|b| b.try_into().ok()).map_or(0, i32::from_ne_bytes);
    Some(if code == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(-code)) })
}

fn check(returned: libc::c_int) -> io::Result<libc::c_int> {
    if returned < 0 { Err(io::Error::last_os_error()) } else { Ok(returned) }
}
