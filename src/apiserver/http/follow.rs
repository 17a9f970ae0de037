//! Watches as lines of JSON.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use hyper::Response;
use serde_json::{Value, json};

use super::Api;
use super::body::{self, Body};
use super::query::Query;
use super::shape::Shape;
use crate::api::{Kind, Timestamp};
use crate::apiserver::{Error, ListOptions, Moment, WatchEvent};

/// A watch without a bound, in a form that a timer takes.
const FOREVER: Duration = Duration::from_hours(30 * 24);

impl Api {
    /// A watch of the selected objects.
    pub(super) async fn follow(
        &self,
        kind: &'static Kind,
        options: ListOptions,
        query: &Query,
        shape: Shape,
    ) -> Result<Response<Body>, Error> {
        let since = query.parse("resourceVersion")?.unwrap_or(0);
        // A client that asks for the first objects as events wants to know where they end.
        // <https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists>
        let mark = query.is("sendInitialEvents");
        let since = if mark { 0 } else { since };
        let moments = self.rest.run(move |rest| rest.watch(kind, &options, since)).await?;
        let end = tokio::time::sleep(query.parse("timeoutSeconds")?.map_or(FOREVER, Duration::from_secs));
        let bookmarks = query.is("allowWatchBookmarks");
        Ok(body::flow("application/json", lines(moments, kind, bookmarks, mark, shape).take_until(end)))
    }
}

/// A watch as lines of JSON. Bookmarks tell how far it got when changes concern others.
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks>
fn lines(
    moments: impl Stream<Item = Result<Moment, Error>> + Send + 'static,
    kind: &'static Kind,
    bookmarks: bool,
    mut mark: bool,
    shape: Shape,
) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
    let shaped = move |object| shape.object(kind, object, Timestamp::now());
    let mut line = move |moment| {
        let (word, object) = match moment {
            Err(error) => ("ERROR", Error::status(&error)),
            Ok(Moment { event: Some(WatchEvent::Added(object)), .. }) => ("ADDED", shaped(object)),
            Ok(Moment { event: Some(WatchEvent::Modified(object)), .. }) => ("MODIFIED", shaped(object)),
            Ok(Moment { event: Some(WatchEvent::Deleted(object)), .. }) => ("DELETED", shaped(object)),
            Ok(Moment { revision, event: None }) if bookmarks => {
                ("BOOKMARK", bookmark(kind, revision, std::mem::take(&mut mark)))
            }
            Ok(_) => return None,
        };
        Some(Ok(Bytes::from(format!("{}\n", json!({"type": word, "object": object})))))
    };
    moments.filter_map(move |moment| std::future::ready(line(moment)))
}

fn bookmark(kind: &Kind, revision: u64, listed: bool) -> Value {
    let mut metadata = json!({"resourceVersion": revision.to_string()});
    if listed {
        metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
    }
    json!({"kind": kind.kind, "apiVersion": kind.api_version(), "metadata": metadata})
}
