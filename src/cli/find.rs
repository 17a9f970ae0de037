//! What arguments stand for on the node: the objects of a kind, the pods of a workload.

use k8s_openapi::api::core::v1::Pod;

use super::args::Selection;
use super::error::Error;
use super::ready::pods_of;
use super::words::{self, Named};
use crate::api::{Key, Kind, Value};
use crate::client::{Client, ListOptions, observe};

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

/// The objects that arguments name, each with its key: by name, or those of a kind by labels or all of them.
///
/// # Errors
/// Nothing named, no such kind or object, a kind alone, or a node that does not answer.
pub async fn objects(
    client: &Client,
    namespace: &str,
    resources: &[String],
    selection: &Selection,
) -> Result<Vec<(Key, Value)>, Error> {
    let mut found = Vec::new();
    for name in words::read(resources, namespace)? {
        match name {
            Named::One(key) => {
                let object = client.get(&key).await?;
                found.push((key, object));
            }
            Named::All(kind) if selection.all || selection.selector.is_some() => {
                let all = all(client, kind, namespace, selection.selector.as_ref()).await?;
                found.extend(all.into_iter().map(|object| (Key::of(kind, &object), object)));
            }
            Named::All(kind) => {
                return Err(Error::usage(format!("name the {}, or give -l SELECTOR or --all", kind.plural)));
            }
        }
    }
    if found.is_empty() {
        return Err(Error::user("no resources found"));
    }
    Ok(found)
}

/// The pods of a workload, in order; none of a kind that has no pods.
///
/// # Errors
/// No such workload, or a node that does not answer.
pub async fn pods(client: &Client, workload: &Key) -> Result<Vec<Pod>, Error> {
    client.get(workload).await?;
    let view = observe(client, &[Kind::of::<Pod>(), workload.kind]).await?;
    Ok(pods_of(&view, workload).into_iter().cloned().collect())
}
