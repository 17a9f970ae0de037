//! A node's API as it changes, without a command line between.

use std::time::Instant;

use k8s_openapi::api::core::v1::Pod;
use wharf::api::{Kind, View};
use wharf::client::{Client, Dial, Duplex, Informer, Later, Remote};
use wharf::docker::{Host, Node};

struct Through(Node);

impl Dial for Through {
    fn dial(&self) -> Later<'_, std::io::Result<Box<dyn Duplex>>> {
        Box::pin(async { self.0.dial().await.map_err(std::io::Error::other) })
    }
}

/// Follows the pods of a node.
pub async fn pods(name: &str) -> Informer {
    let node = Node::find(&Host::connect().await.unwrap(), name).await.unwrap().unwrap();
    Informer::start(&Client::Remote(Remote::new(Through(node))), &[Kind::of::<Pod>()]).await.unwrap()
}

/// The moment at which the view shows something.
pub async fn until(informer: &Informer, shows: impl Fn(&View) -> bool) -> Instant {
    let mut changes = informer.changes();
    while !shows(&informer.view()) {
        changes.recv().await.unwrap();
    }
    Instant::now()
}

/// Whether a pod's condition `Ready` is true.
pub fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.iter().flat_map(|s| s.conditions.iter().flatten());
    conditions.filter(|c| c.type_ == "Ready").any(|c| c.status == "True")
}
