//! The names that wharf gives: labels on Docker objects, seeded suffixes, hashes of templates.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// The Docker label that every object of a node carries; its value is the node's name.
pub const NODE_LABEL: &str = "wharf.node";
/// The annotation of the Node object that names wharf's own image.
pub const IMAGE_ANNOTATION: &str = "wharf.dev/image";
/// The namespace of wharf's own pods: ingress and publishers.
pub const SYSTEM_NAMESPACE: &str = "wharf-system";
/// The ConfigMap with the certificate of the node's authority; the one in [`SYSTEM_NAMESPACE`] is the original.
pub const ROOT_CA: &str = "kube-root-ca.crt";
/// The cluster domain.
pub const CLUSTER_DOMAIN: &str = "cluster.local";
/// The image of `examples/hello`, a second name of wharf's own image.
pub const HELLO_IMAGE: &str = "wharf/hello:1";
/// The priority classes that every cluster has, with their values.
/// <https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/>
pub const SYSTEM_PRIORITIES: [(&str, i32); 2] =
    [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)];
/// The storage class whose claims become plain Docker volumes.
pub const DEFAULT_STORAGE_CLASS: &str = "standard";
/// Holds a deleted volume until its Docker volume is gone, if that is to go.
pub const VOLUME_FINALIZER: &str = "wharf.dev/docker-volume";
/// The Docker label of a volume with data: the name of its PersistentVolume.
pub const VOLUME_LABEL: &str = "wharf.volume";
/// The ingress class that wharf's nginx serves, and the default one.
pub const INGRESS_CLASS: &str = "nginx";
/// The annotation of a Service that asks for its first port at an address of the host, such as `127.0.0.1:6443`.
pub const PUBLISH: &str = "wharf.dev/publish";
/// The condition of a Service that tells what keeps its ports from being on the host.
pub const PUBLISHED: &str = "wharf.dev/Published";

/// Kubernetes' alphabet for generated names: no vowels, no look-alikes.
/// <https://github.com/kubernetes/apimachinery/blob/master/pkg/util/rand/rand.go>
const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// `length` characters (at most 32) that are fit for names and follow from the seed alone.
#[must_use]
pub fn suffix(seed: &str, length: usize) -> String {
    let digest = Sha256::digest(seed.as_bytes());
    digest.iter().take(length).map(|b| char::from(ALPHABET[usize::from(*b) % ALPHABET.len()])).collect()
}

/// The name of the claim that is made for an ephemeral volume of a pod.
/// <https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/#persistentvolumeclaim-naming>
#[must_use]
pub fn ephemeral_claim(pod: &str, volume: &str) -> String {
    format!("{pod}-{volume}")
}

/// A short hash of any value, the same in every process: `pod-template-hash` and the like.
///
/// # Panics
/// Never for types whose serialisation can't fail.
#[must_use]
pub fn hash(value: &impl Serialize) -> String {
    suffix(&serde_json::to_string(value).expect("plain data serialises"), 10)
}

/// `length` hexadecimal digits (at most 64) that follow from the bytes alone.
#[must_use]
pub fn digest(bytes: &[u8], length: usize) -> String {
    let hex = |b: &u8| [b >> 4, b & 15].map(|n| char::from_digit(u32::from(n), 16).unwrap_or('0'));
    Sha256::digest(bytes).iter().flat_map(hex).take(length).collect()
}

/// What the pods of a Job carry. <https://kubernetes.io/docs/reference/labels-annotations-taints/#batch-kubernetes-io-controller-uid>
pub mod job {
    /// The label with the Job's uid.
    pub const UID: &str = "batch.kubernetes.io/controller-uid";
    /// The label with the Job's name.
    pub const NAME: &str = "batch.kubernetes.io/job-name";
    /// The older label with the Job's uid.
    pub const LEGACY_UID: &str = "controller-uid";
    /// The older label with the Job's name.
    pub const LEGACY_NAME: &str = "job-name";
    /// The label and annotation with the pod's index.
    pub const INDEX: &str = "batch.kubernetes.io/job-completion-index";
    /// The annotation with the number of failures of the pod's index before it.
    pub const FAILURES: &str = "batch.kubernetes.io/job-index-failure-count";
    /// The annotation with the number of those before it that do not count.
    pub const IGNORED: &str = "batch.kubernetes.io/job-index-ignored-failure-count";
    /// The finalizer that holds a pod until its end is counted.
    pub const FINALIZER: &str = "batch.kubernetes.io/job-tracking";
    /// The annotation of a Job with the time that its CronJob made it for.
    pub const SCHEDULED: &str = "batch.kubernetes.io/cronjob-scheduled-timestamp";
}

/// Labels of the containers of pods; with [`NODE_LABEL`] they say all that the kubelet must know after a restart.
pub mod container {
    /// The pod's namespace.
    pub const NAMESPACE: &str = "wharf.namespace";
    /// The pod's name.
    pub const POD: &str = "wharf.pod";
    /// The pod's uid.
    pub const UID: &str = "wharf.uid";
    /// The container's name in the pod; absent on sandboxes.
    pub const CONTAINER: &str = "wharf.container";
    /// How often the container was restarted before.
    pub const ATTEMPT: &str = "wharf.attempt";
    /// The hash of what it was created from.
    pub const HASH: &str = "wharf.hash";
}

/// The name of a Docker container of a pod, readable in `docker ps`: `wharf.shop.web-x1.nginx`, and `….2` when it was
/// restarted twice. Without a container's name it is the sandbox: `wharf.shop.web-x1`. Dots in the name of a pod, which
/// no other part may have, become underscores, which no part may have: so no two containers share a name.
#[must_use]
pub fn container_name(node: &str, namespace: &str, pod: &str, container: &str, attempt: u32) -> String {
    let mut name = format!("{node}.{namespace}.{}", pod.replace('.', "_"));
    for part in [container.to_owned(), if attempt == 0 { String::new() } else { attempt.to_string() }] {
        if !part.is_empty() {
            name = format!("{name}.{part}");
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::container_name;

    #[test]
    fn no_two_containers_share_a_name() {
        assert_eq!(container_name("n", "shop", "web", "nginx", 0), "n.shop.web.nginx");
        assert_eq!(container_name("n", "shop", "web", "nginx", 2), "n.shop.web.nginx.2");
        assert_eq!(container_name("n", "shop", "web.nginx", "", 0), "n.shop.web_nginx");
        assert_eq!(container_name("n", "shop", "web.nginx.2", "", 0), "n.shop.web_nginx_2");
    }
}
