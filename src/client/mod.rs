//! The API as the rest of wharf sees it: in process or over a stream, with informers that keep a view current.

pub mod apply;
mod error;
mod events;
mod informer;
mod options;
pub mod rounds;

pub use apply::apply;
pub use error::Error;
pub use informer::Informer;
pub use options::{DeleteOptions, List, ListOptions, Patch, WatchEvent};
pub use rounds::Outcome;

use crate::api::{Key, Kind, Value};
use futures_util::Stream;
use std::pin::Pin;

/// The API of one node.
#[derive(Clone)]
pub struct Client;

impl Client {
    pub async fn get(&self, key: &Key) -> Result<Value, Error> {
        todo!()
    }
    pub async fn list(&self, kind: &'static Kind, options: &ListOptions) -> Result<List, Error> {
        todo!()
    }
    /// `namespace` empty for cluster-scoped kinds; the object's own otherwise.
    pub async fn create(&self, kind: &'static Kind, object: &Value) -> Result<Value, Error> {
        todo!()
    }
    /// `subresource`: "" or "status".
    pub async fn update(&self, kind: &'static Kind, subresource: &str, object: &Value) -> Result<Value, Error> {
        todo!()
    }
    pub async fn patch(&self, key: &Key, subresource: &str, patch: Patch) -> Result<Value, Error> {
        todo!()
    }
    /// The object as it was, or as it now waits for its end.
    pub async fn delete(&self, key: &Key, options: &DeleteOptions) -> Result<Value, Error> {
        todo!()
    }
    pub async fn watch(
        &self,
        kind: &'static Kind,
        options: &ListOptions,
        since: u64,
    ) -> Result<Pin<Box<dyn Stream<Item = Result<WatchEvent, Error>> + Send>>, Error> {
        todo!()
    }
}
