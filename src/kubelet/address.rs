//! Chooses pods' addresses. wharf does this, not Docker, which hands a stopped container's address to the next one.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use jiff::SignedDuration;

use crate::api::{Ranges, Timestamp, names};

/// An address rests so long, in seconds, before another pod gets it: clients may still hold it.
const REST: i64 = 120;

/// Which addresses are in use, and which were a moment ago.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    used: BTreeMap<String, Ipv4Addr>,
    resting: BTreeMap<Ipv4Addr, Timestamp>,
}

impl Addresses {
    /// Gives the pod an address: always the same one for the same uid, unless that is taken or rests. `None` when all
    /// are in use. `seen` are addresses that the engine's containers have.
    pub fn take(&mut self, ranges: Ranges, uid: &str, seen: &BTreeSet<Ipv4Addr>, now: Timestamp) -> Option<Ipv4Addr> {
        self.release(uid, now);
        self.resting.retain(|_, since| now.duration_since(*since) < SignedDuration::from_secs(REST));
        let all: Vec<Ipv4Addr> = ranges.pods().collect();
        let seed = u64::from_str_radix(&names::digest(uid.as_bytes(), 8), 16).unwrap_or_default();
        let start = usize::try_from(seed).unwrap_or_default() % all.len();
        let free = |address: &&Ipv4Addr| !seen.contains(address) && !self.used.values().any(|u| u == *address);
        let free: Vec<_> = all[start..].iter().chain(&all[..start]).filter(free).copied().collect();
        let rested = free.iter().find(|a| !self.resting.contains_key(a)).copied();
        // When all rest, the one that has rested longest.
        let address = rested.or_else(|| free.iter().min_by_key(|a| self.resting.get(a)).copied())?;
        self.used.insert(uid.to_owned(), address);
        Some(address)
    }

    /// The pod needs its address no more.
    pub fn release(&mut self, uid: &str, now: Timestamp) {
        if let Some(address) = self.used.remove(uid) {
            self.resting.insert(address, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_stable_distinct_and_rest_after_use() {
        let ranges = Ranges::of("10.201.0.0/16".parse().unwrap()).unwrap();
        let (mut addresses, seen, now) = (Addresses::default(), BTreeSet::new(), Timestamp::UNIX_EPOCH);
        let first = addresses.take(ranges, "a", &seen, now).unwrap();
        assert_eq!(Addresses::default().take(ranges, "a", &seen, now), Some(first), "seeded by the uid");
        let mut of_engine = Addresses::default();
        assert_ne!(of_engine.take(ranges, "a", &[first].into(), now), Some(first), "in use in the engine");
        addresses.release("a", now);
        let rested = now + SignedDuration::from_secs(REST);
        assert_ne!(addresses.clone().take(ranges, "a", &seen, now), Some(first), "rests");
        assert_eq!(addresses.take(ranges, "a", &seen, rested), Some(first));
    }

    #[test]
    fn the_last_free_address_is_given_even_while_it_rests() {
        let ranges = Ranges::of("10.201.0.0/16".parse().unwrap()).unwrap();
        let (mut addresses, now) = (Addresses::default(), Timestamp::UNIX_EPOCH);
        let mut seen: BTreeSet<_> = ranges.pods().collect();
        assert_eq!(addresses.take(ranges, "a", &seen, now), None);
        let last = seen.pop_last().unwrap();
        assert_eq!(addresses.take(ranges, "a", &seen, now), Some(last));
        assert_eq!(addresses.take(ranges, "a", &seen, now), Some(last));
    }
}
