//! Whether a pod that is to end still gets new connections, so that its containers are stopped after the last of them.
//! <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination-flow>

use std::sync::Arc;

use jiff::SignedDuration;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointSlice};

use super::policy::GRACE;
use crate::api::{Object, Timestamp, View};

/// How long a pod's end may be held up. Whoever leads connections needs a fraction of a second when all is well, and many
/// seconds on a machine that is short of breath. Of the usual grace of 30 s, ten are left to end in.
const LONGEST: SignedDuration = SignedDuration::from_secs(20);

/// Until when a deleted pod's containers keep running because connections are, or soon will be, led to it; `None` if not.
///
/// `followed` are the views that those go by who lead connections; they may be older than `view`. Never longer than the
/// pod's grace period, so that a forced deletion is not held up.
#[must_use]
pub fn hold(pod: &Pod, view: &View, followed: &[Arc<View>]) -> Option<Timestamp> {
    let end = pod.metadata.deletion_timestamp.as_ref()?.0;
    let grace = SignedDuration::from_secs(pod.metadata.deletion_grace_period_seconds.unwrap_or(GRACE));
    let deleted = end.checked_sub(grace).ok()?;
    // Where a view does not have the pod yet, one on the way to nginx may.
    let unknown = |old: &View| endings(view, pod).any(|slice| !endings(old, pod).any(|known| known == slice));
    let led = leads_to(view, pod) || followed.iter().any(|old| leads_to(old, pod) || unknown(old));
    led.then(|| deleted.saturating_add(grace.min(LONGEST)).unwrap_or(end))
}

/// Whether a view has the pod as an endpoint and does not know yet that it is to end.
fn leads_to(view: &View, pod: &Pod) -> bool {
    endpoints(view, pod)
        .any(|(_, e)| e.conditions.as_ref().is_none_or(|c| c.ready != Some(false) && c.terminating != Some(true)))
}

/// The slices in which the pod is on its way out.
fn endings<'a>(view: &'a View, pod: &'a Pod) -> impl Iterator<Item = &'a str> {
    endpoints(view, pod)
        .filter(|(_, e)| e.conditions.as_ref().is_some_and(|c| c.terminating == Some(true)))
        .map(|(slice, _)| slice.name())
}

fn endpoints<'a>(view: &'a View, pod: &'a Pod) -> impl Iterator<Item = (&'a EndpointSlice, &'a Endpoint)> {
    let its = |e: &&Endpoint| e.target_ref.as_ref().is_some_and(|t| t.uid.as_deref() == Some(pod.uid()));
    let slices = view.list::<EndpointSlice>(pod.namespace());
    slices.flat_map(move |s| s.endpoints.iter().flatten().filter(its).map(move |e| (s, e)))
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
    use serde_json::json;

    use super::super::fixture::{at, pod};
    use super::*;

    /// A view in which the pod is an endpoint with these conditions.
    fn view(conditions: &serde_json::Value) -> Arc<View> {
        let endpoint = json!({"addresses": ["10.201.1.7"], "targetRef": {"uid": "u1"}, "conditions": conditions});
        let metadata = json!({"name": "web-1", "namespace": "shop"});
        let slice = json!({"metadata": metadata, "addressType": "IPv4", "endpoints": [endpoint]});
        Arc::new(View::of([serde_json::from_value::<EndpointSlice>(slice).unwrap()]))
    }

    fn deleted(grace: i64) -> Pod {
        let mut pod = pod();
        pod.metadata.deletion_timestamp = Some(Time(at(grace)));
        pod.metadata.deletion_grace_period_seconds = Some(grace);
        pod
    }

    #[test]
    fn a_deleted_pod_waits_for_all_who_lead_connections_to_it() {
        let (leads, knows) = (view(&json!({"ready": true})), view(&json!({"ready": false, "terminating": true})));
        assert_eq!(hold(&deleted(30), &knows, &[knows.clone(), leads.clone()]), Some(at(20)));
        assert_eq!(hold(&deleted(30), &leads, &[]), Some(at(20)), "who leads connections can't know yet");
        assert_eq!(hold(&deleted(30), &knows, &[Arc::default()]), Some(at(20)), "it may be about to lead to it");
        assert_eq!(hold(&deleted(30), &knows, from_ref(&knows)), None);
        assert_eq!(hold(&pod(), &leads, from_ref(&leads)), None, "it is not deleted");
    }

    #[test]
    fn pods_that_nobody_is_led_to_and_short_grace_do_not_wait() {
        let (leads, unready) = (view(&json!({"ready": true})), view(&json!({"ready": false})));
        assert_eq!(hold(&deleted(30), &unready, from_ref(&unready)), None);
        assert_eq!(hold(&deleted(30), &View::default(), &[Arc::default()]), None);
        assert_eq!(hold(&deleted(0), &leads, from_ref(&leads)), Some(at(0)));
        let published_to_the_end = view(&json!({"ready": true, "terminating": true}));
        assert_eq!(hold(&deleted(30), &published_to_the_end, from_ref(&published_to_the_end)), None);
    }
}
