//! Keeps one view of many kinds current, and tells which keys changed.

use super::{Client, Error};
use crate::api::{Key, Kind, View};
use std::sync::Arc;
use tokio::sync::mpsc;

/// A view that follows the store. Cheap to clone; all clones share one view.
#[derive(Clone)]
pub struct Informer;

impl Informer {
    /// Lists the kinds, then follows them until the informer is dropped.
    pub async fn start(client: &Client, kinds: &[&'static Kind]) -> Result<Self, Error> {
        todo!()
    }
    /// The newest view.
    pub fn view(&self) -> Arc<View> {
        todo!()
    }
    /// The keys that change from now on, in order; every key that is there comes first.
    pub fn changes(&self) -> mpsc::UnboundedReceiver<Key> {
        todo!()
    }
    /// Waits until the view shows at least this revision.
    pub async fn caught_up(&self, revision: u64) {
        todo!()
    }
}
