//! How long a pod bears the taints of its node.
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>

use k8s_openapi::api::core::v1::{Pod, Taint, Toleration};

use crate::api::placement::tolerates;

/// How long a pod bears taints that it is to leave for, in seconds: `None` for ever, 0 where it bears one not at all.
pub fn patience(taints: &[&Taint], pod: &Pod) -> Option<i64> {
    let bears = |taint: &Taint| {
        let fitting: Vec<_> = tolerations(pod).filter(|t| tolerates(t, taint)).collect();
        if fitting.is_empty() { Some(0) } else { fitting.iter().filter_map(|t| t.toleration_seconds).min() }
    };
    taints.iter().filter_map(|taint| bears(taint)).min().map(|seconds| seconds.max(0))
}

fn tolerations(pod: &Pod) -> impl Iterator<Item = &Toleration> {
    pod.spec.iter().flat_map(|s| s.tolerations.iter().flatten())
}
