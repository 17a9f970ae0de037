//! Which taints of the node a pod bears, and until when.
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>

use k8s_openapi::api::core::v1::{Pod, Taint, Toleration};

/// The taint that a cordoned node has for those that tolerate it.
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

/// The first of the taints that keeps the pod from the node.
pub fn untolerated<'a>(taints: &'a [Taint], pod: &Pod) -> Option<&'a Taint> {
    let keeps_off = |t: &&Taint| t.effect != "PreferNoSchedule" && !tolerations(pod).any(|x| tolerates(x, t));
    taints.iter().find(keeps_off)
}

/// Whether the pod goes to a node that is cordoned all the same.
pub fn ignores_cordon(pod: &Pod) -> bool {
    let taint = Taint { key: UNSCHEDULABLE.to_owned(), effect: "NoSchedule".to_owned(), value: None, time_added: None };
    tolerations(pod).any(|t| tolerates(t, &taint))
}

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

fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    let empty = |text: &Option<String>| text.as_ref().is_none_or(String::is_empty);
    let exists = toleration.operator.as_deref() == Some("Exists");
    let key = (empty(&toleration.key) && exists) || toleration.key.as_ref() == Some(&taint.key);
    let (wanted, found) = (toleration.value.as_deref().unwrap_or_default(), taint.value.as_deref().unwrap_or_default());
    let number = |text: &str| text.parse::<i64>().ok();
    let compared = |holds: fn(i64, i64) -> bool| number(found).zip(number(wanted)).is_some_and(|(a, b)| holds(a, b));
    let value = match toleration.operator.as_deref() {
        Some("Exists") => true,
        Some("Gt") => compared(|found, wanted| found > wanted),
        Some("Lt") => compared(|found, wanted| found < wanted),
        _ => wanted == found,
    };
    key && value && (empty(&toleration.effect) || toleration.effect.as_ref() == Some(&taint.effect))
}
