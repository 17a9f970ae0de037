//! Remembers answers of other servers for as long as they allow, a thousand at most.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hickory_proto::op::{Message, Query, ResponseCode};

const ENTRIES: usize = 1000;
/// A name that moves is found again within five minutes, whatever its owner promised.
const LONGEST: u32 = 300;

/// A question, and what else shapes the answer: whether DNSSEC's records are wanted, and checking is not.
type Asked = (Query, bool, bool);

/// The answers.
#[derive(Debug, Default)]
pub struct Cache {
    entries: HashMap<Asked, Entry>,
}

#[derive(Debug)]
struct Entry {
    bytes: Box<[u8]>,
    since: Instant,
    until: Instant,
}

impl Cache {
    /// The answer to a query, its times to live shortened by what has passed.
    pub fn get(&self, query: &Message, now: Instant) -> Option<Message> {
        let entry = self.entries.get(&asked(query)?).filter(|entry| now < entry.until)?;
        let mut reply = Message::from_vec(&entry.bytes).ok()?;
        let passed = u32::try_from(now.duration_since(entry.since).as_secs()).unwrap_or(u32::MAX);
        let records = reply.answers.iter_mut().chain(&mut reply.authorities).chain(&mut reply.additionals);
        records.for_each(|record| record.ttl = record.ttl.saturating_sub(passed));
        reply.metadata.id = query.metadata.id;
        reply.queries.clone_from(&query.queries);
        if query.edns.is_none() {
            reply.edns = None;
        }
        Some(reply)
    }

    /// Remembers an answer if it is a whole and good one.
    pub fn put(&mut self, query: &Message, bytes: &[u8], now: Instant) {
        let Ok(reply) = Message::from_vec(bytes) else { return };
        let whole = reply.metadata.response_code == ResponseCode::NoError && !reply.metadata.truncation;
        let shortest = reply.answers.iter().map(|record| record.ttl).min().filter(|ttl| whole && *ttl > 0);
        let (Some(ttl), Some(asked)) = (shortest, asked(query)) else { return };
        if self.entries.len() >= ENTRIES {
            self.make_room(now);
        }
        let until = now + Duration::from_secs(ttl.min(LONGEST).into());
        self.entries.insert(asked, Entry { bytes: bytes.into(), since: now, until });
    }

    /// Forgets what is over, or else what will be first.
    fn make_room(&mut self, now: Instant) {
        self.entries.retain(|_, entry| now < entry.until);
        if self.entries.len() >= ENTRIES
            && let Some(first) =
                self.entries.iter().min_by_key(|(_, entry)| entry.until).map(|(asked, _)| asked.clone())
        {
            self.entries.remove(&first);
        }
    }
}

fn asked(query: &Message) -> Option<Asked> {
    let mut question = query.queries.first()?.clone();
    question.name = question.name.to_lowercase();
    let dnssec = query.edns.as_ref().is_some_and(|edns| edns.flags().dnssec_ok);
    Some((question, dnssec, query.metadata.checking_disabled))
}
