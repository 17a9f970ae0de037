//! ReplicaSets, mostly a Deployment's: as many pods as asked for, of one template.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/>

use k8s_openapi::api::apps::v1::{ReplicaSet, ReplicaSetStatus};
use k8s_openapi::api::core::v1::PodTemplateSpec;

use super::replicated::{Counts, Replicated, some};
use crate::api::labels::{self, Labels};

impl Replicated for ReplicaSet {
    fn replicas(&self) -> i32 {
        self.spec.as_ref().and_then(|s| s.replicas).unwrap_or(1)
    }

    fn selects(&self, labels: Option<&Labels>) -> bool {
        self.spec.as_ref().is_some_and(|s| labels::matches(&s.selector, labels))
    }

    fn template(&self) -> Option<&PodTemplateSpec> {
        self.spec.as_ref()?.template.as_ref()
    }

    fn min_ready_seconds(&self) -> i32 {
        self.spec.as_ref().and_then(|s| s.min_ready_seconds).unwrap_or(0)
    }

    fn counted(&self, counts: &Counts) -> Option<Self> {
        let old = self.status.clone().unwrap_or_default();
        let new = ReplicaSetStatus {
            replicas: counts.replicas,
            fully_labeled_replicas: some(counts.labelled),
            ready_replicas: some(counts.ready),
            available_replicas: some(counts.available),
            terminating_replicas: some(counts.terminating),
            observed_generation: self.metadata.generation,
            conditions: old.conditions.clone(),
        };
        (new != old).then(|| Self { status: Some(new), ..self.clone() })
    }
}
