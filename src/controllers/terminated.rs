//! Pods that have ended: when there are many, the oldest go. Each leaves containers on the Docker host until then.
//! <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection>

use k8s_openapi::api::core::v1::Pod;

use super::pod;
use crate::api::{Key, Kind, Object, Plan, Timestamp, View};

/// So many stay. Kubernetes' default is 12,500, for a whole cluster; one host has room for fewer stopped containers.
const KEPT: usize = 500;

/// One key for all, when a pod has ended.
pub fn keys(view: &View, changed: &Key) -> Vec<Key> {
    let ended = view.get::<Pod>(&changed.namespace, &changed.name).is_some_and(pod::is_finished);
    if ended { vec![Key::new(Kind::of::<Pod>(), "", "")] } else { vec![] }
}

/// Deletes the oldest of those that are too many.
pub fn plan(view: &View, _: &Key, _: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let mut ended: Vec<&Pod> = view.all::<Pod>().filter(|p| pod::is_finished(p) && !p.is_deleting()).collect();
    ended.sort_by_key(|p| (p.metadata.creation_timestamp.clone(), p.key()));
    for pod in &ended[..ended.len().saturating_sub(KEPT)] {
        plan.delete(*pod, format!("{} pods have ended, and {KEPT} are kept", ended.len()));
    }
    plan
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(number: usize, phase: &str) -> Pod {
        let created = Timestamp::from_second(i64::try_from(number).unwrap()).unwrap();
        let pod = json!({
            "metadata": {"name": format!("p{}", 9999 - number), "namespace": "shop", "creationTimestamp": created},
            "status": {"phase": phase},
        });
        serde_json::from_value(pod).unwrap()
    }

    #[test]
    fn the_oldest_go_and_none_that_runs() {
        let ended = (0..KEPT + 2).map(|n| pod(n + 10, if n % 2 == 0 { "Failed" } else { "Succeeded" }));
        let mut view = View::of(ended);
        view.extend((0..5).map(|n| pod(n, "Running")));
        let key = keys(&view, &pod(10, "").key()).remove(0);
        let text = plan(&view, &key, Timestamp::UNIX_EPOCH).to_string();
        assert_eq!(
            text,
            "delete Pod shop/p9989: 502 pods have ended, and 500 are kept\ndelete Pod shop/p9988: 502 pods have ended, and 500 are kept\n"
        );
        assert_eq!(keys(&view, &pod(0, "").key()), []);
    }
}
