//! The newest events in memory, so that following the log reads nothing from disk.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Event;

/// How many events are kept at most.
const EVENTS: usize = 512;
/// How many bytes of values are kept at most.
const BYTES: usize = 1 << 20;

/// The newest events, without a gap up to the store's revision.
pub(super) struct Recent {
    /// Every event after this revision is here.
    after: u64,
    events: VecDeque<Arc<Event>>,
    bytes: usize,
}

impl Recent {
    /// Nothing yet; the store is at `revision`.
    pub fn new(revision: u64) -> Self {
        Self { after: revision, events: VecDeque::new(), bytes: 0 }
    }

    /// Adds the newest event and drops what is too old.
    pub fn push(&mut self, event: Arc<Event>) {
        self.bytes += size(&event);
        self.events.push_back(event);
        while self.events.len() > EVENTS || self.bytes > BYTES {
            let Some(oldest) = self.events.pop_front() else { return };
            self.bytes -= size(&oldest);
            self.after = oldest.revision;
        }
    }

    /// The events after a revision; `None` where some of them are not here any more.
    pub fn since(&self, revision: u64) -> Option<Vec<Arc<Event>>> {
        let from = self.events.partition_point(|e| e.revision <= revision);
        (revision >= self.after).then(|| self.events.range(from..).cloned().collect())
    }
}

fn size(event: &Event) -> usize {
    event.value.len() + event.before.as_ref().map_or(0, bytes::Bytes::len)
}
