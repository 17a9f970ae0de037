//! Logs of containers, as the json-file driver keeps them.

use bollard::Docker;
use bollard::query_parameters::LogsOptionsBuilder;
use futures_util::StreamExt;

use super::containers::named;
use super::error::about;
use super::exec::chunk;
use crate::kubelet::runtime::{Chunk, Error, Flow, LogOptions};

/// Opens a log. That there is no such container is told by the stream: the request goes out when it is first asked.
pub(super) fn open(client: &Docker, id: &str, options: &LogOptions) -> Flow<Result<Chunk, Error>> {
    let mut query = LogsOptionsBuilder::new()
        .stdout(true)
        .stderr(true)
        .follow(options.follow)
        .timestamps(options.timestamps)
        .tail(&options.tail.map_or_else(|| "all".to_owned(), |n| n.to_string()));
    if let Some(since) = options.since {
        query = query.since(i32::try_from(since.as_second()).unwrap_or(i32::MAX));
    }
    let what = named(id);
    let pieces = client.logs(id, Some(query.build()));
    Box::pin(pieces.map(move |piece| piece.map(chunk).map_err(|e| about(&what, e))))
}
