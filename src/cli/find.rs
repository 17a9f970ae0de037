//! What arguments stand for on the node: the objects of a kind, the pods of a workload.

use k8s_openapi::api::core::v1::Pod;

use super::error::Error;
use super::ready::pods_of;
use crate::api::{Key, Kind, Value};
use crate::client::{Client, Informer, ListOptions};

/// All objects of a kind in a namespace, or those that a label selector selects.
///
/// # Errors
/// A selector that is none, or a node that does not answer.
pub async fn all(
    client: &Client,
    kind: &'static Kind,
    namespace: &str,
    selector: Option<&String>,
) -> Result<Vec<Value>, Error> {
    let namespace = kind.namespaced.then(|| namespace.to_owned());
    let labels = selector.cloned().unwrap_or_default();
    Ok(client.list(kind, &ListOptions { namespace, labels, fields: String::new() }).await?.items)
}

/// The pods of a workload, in order; none of a kind that has no pods.
///
/// # Errors
/// No such workload, or a node that does not answer.
pub async fn pods(client: &Client, workload: &Key) -> Result<Vec<Pod>, Error> {
    client.get(workload).await?;
    let view = Informer::start(client, &[Kind::of::<Pod>(), workload.kind]).await?.view();
    Ok(pods_of(&view, workload).into_iter().cloned().collect())
}
