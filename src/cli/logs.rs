//! `wharf logs`: what containers wrote, of one pod or several at once.

use bytes::Bytes;
use futures_util::stream::SelectAll;
use futures_util::{Stream, StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::Pod;

use super::args::Logs;
use super::error::Error;
use super::find;
use super::ui::Ui;
use super::words;
use crate::api::{Key, Kind, Object};
use crate::client::{Client, LogQuery};

/// Runs `wharf logs`.
///
/// # Errors
/// Nothing named, no such pod or container, a node that does not answer.
pub async fn run(client: &Client, namespace: &str, logs: &Logs, ui: &Ui) -> Result<(), Error> {
    let pods = pods(client, namespace, logs).await?;
    let several = pods.len() > 1;
    let mut all = SelectAll::new();
    for pod in pods {
        let prefix = if several { format!("[{}] ", pod.name) } else { String::new() };
        let lines = lines(client.logs(&pod, &query(logs)).await?);
        let prefixed = lines.map_ok(move |line| [prefix.as_bytes(), &line].concat());
        if logs.follow {
            all.push(prefixed.boxed());
        } else {
            print(prefixed, ui).await?;
        }
    }
    print(all, ui).await
}

async fn print(lines: impl Stream<Item = Result<Vec<u8>, crate::client::Error>>, ui: &Ui) -> Result<(), Error> {
    let mut lines = std::pin::pin!(lines);
    while let Some(line) = lines.next().await {
        if ui.raw(&line?).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

fn query(logs: &Logs) -> LogQuery {
    LogQuery {
        container: logs.container.clone(),
        follow: logs.follow,
        tail: logs.tail,
        since_seconds: logs.since.map(|s| s.as_secs()),
        timestamps: logs.timestamps,
        previous: logs.previous,
        ..LogQuery::default()
    }
}

/// The pods that the arguments name: by name, by workload, or by labels.
async fn pods(client: &Client, namespace: &str, logs: &Logs) -> Result<Vec<Key>, Error> {
    let kind = Kind::of::<Pod>();
    if let Some(labels) = &logs.selector {
        let pods = find::all(client, kind, namespace, Some(labels)).await?;
        return some(pods.iter().map(|pod| Key::of(kind, pod)).collect(), labels);
    }
    if logs.resources.is_empty() {
        return Err(Error::usage("name a pod, a workload or labels").hint("for example: wharf logs deployment/web"));
    }
    let mut pods = Vec::new();
    for argument in &logs.resources {
        let key = words::read_pod(argument, namespace)?;
        if key.kind == kind {
            pods.push(key);
            continue;
        }
        pods.extend(some(find::pods(client, &key).await?.iter().map(Object::key).collect(), argument)?);
    }
    Ok(pods)
}

fn some(pods: Vec<Key>, what: &str) -> Result<Vec<Key>, Error> {
    if pods.is_empty() { Err(Error::user(format!("there are no pods of {what}"))) } else { Ok(pods) }
}

/// The last lines of a container; none where it has no log.
pub async fn last_lines(client: &Client, pod: &Key, container: &str, count: u64) -> Vec<String> {
    let query = LogQuery { container: Some(container.to_owned()), tail: Some(count), ..LogQuery::default() };
    let Ok(stream) = client.logs(pod, &query).await else { return Vec::new() };
    let text: Vec<u8> = lines(stream).try_concat().await.unwrap_or_default();
    String::from_utf8_lossy(&text).lines().map(str::to_owned).collect()
}

/// Whole lines, each with its line feed, from pieces of any size.
fn lines(
    pieces: impl Stream<Item = Result<Bytes, crate::client::Error>> + Send + 'static,
) -> impl Stream<Item = Result<Vec<u8>, crate::client::Error>> + Send {
    let end = futures_util::stream::once(async { None });
    pieces
        .map(Some)
        .chain(end)
        .scan(Vec::new(), |rest: &mut Vec<u8>, piece| {
            let lines = match piece {
                Some(Ok(bytes)) => {
                    rest.extend_from_slice(&bytes);
                    let whole = rest.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
                    rest.drain(..whole)
                        .collect::<Vec<u8>>()
                        .split_inclusive(|b| *b == b'\n')
                        .map(|l| Ok(l.to_vec()))
                        .collect()
                }
                Some(Err(error)) => vec![Err(error)],
                None if rest.is_empty() => Vec::new(),
                None => vec![Ok([std::mem::take(rest).as_slice(), b"\n"].concat())],
            };
            std::future::ready(Some(futures_util::stream::iter(lines)))
        })
        .flatten()
}
