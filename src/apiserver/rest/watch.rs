//! The verb watch.

use std::sync::Arc;

use futures_util::{Stream, StreamExt, stream};

use super::selection::Selection;
use super::server::{Rest, parse};
use crate::api::Kind;
use crate::apiserver::{Error, ListOptions, Moment, WatchEvent};
use crate::store::{Change, Event};

/// What one watch follows.
struct Filter {
    kind: &'static Kind,
    namespace: Option<String>,
    selection: Selection,
}

impl Rest {
    /// Every revision after `since`, each with what it did to the selected objects. `since` 0 first tells of those that
    /// are there now. The stream ends after an error.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for a bad selector, or if the store fails.
    pub fn watch(
        &self,
        kind: &'static Kind,
        options: &ListOptions,
        since: u64,
    ) -> Result<impl Stream<Item = Result<Moment, Error>> + Send + use<>, Error> {
        let filter = Filter { kind, namespace: options.namespace.clone(), selection: Selection::of(options)? };
        let (items, from) = match since {
            0 => self.list(kind, options).map(|list| (list.items, list.revision))?,
            _ => (Vec::new(), since),
        };
        let there = move |item| Ok(Moment { revision: from, event: Some(WatchEvent::Added(item)) });
        let watch = self.store.watch(from);
        let batches = stream::try_unfold(watch, async |mut watch| {
            let events = watch.next().await?;
            Ok::<_, Error>(Some((events, watch)))
        });
        let moments = batches.flat_map(move |batch| {
            let moments = match batch {
                Ok(events) => events.iter().map(|event| filter.moment(event)).collect(),
                Err(e) => vec![Err(e)],
            };
            stream::iter(moments)
        });
        // After those that are there: how far that was.
        let listed = (since == 0).then_some(Ok(Moment { revision: from, event: None }));
        Ok(stream::iter(items).map(there).chain(stream::iter(listed)).chain(moments))
    }
}

impl Filter {
    /// An object that comes into the selection is new to the watch, one that leaves it is gone.
    fn moment(&self, event: &Arc<Event>) -> Result<Moment, Error> {
        let (key, revision) = (&event.key, event.revision);
        let nothing = Ok(Moment { revision, event: None });
        if key.kind != self.kind || self.namespace.as_ref().is_some_and(|n| *n != key.namespace) {
            return nothing;
        }
        let new = parse(key, &event.value, revision)?;
        let before = event.before.as_ref().map(|text| parse(key, text, revision)).transpose()?;
        let was = before.is_some_and(|old| self.selection.has(&old));
        let is = event.change != Change::Deleted && self.selection.has(&new);
        let event = match (was, is) {
            (false, false) => return nothing,
            (false, true) => WatchEvent::Added(new),
            (true, true) => WatchEvent::Modified(new),
            (true, false) => WatchEvent::Deleted(new),
        };
        Ok(Moment { revision, event: Some(event) })
    }
}
