//! The eviction subresource: deletes a pod, if the budgets over it allow that.
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/>

use k8s_openapi::api::core::v1::{Pod, PodCondition};
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::{Value, json};

use super::Subresource;
use super::server::Rest;
use crate::api::{Key, Kind, Object, Timestamp, conditions, labels};
use crate::apiserver::{DeleteOptions, Error, ListOptions};

impl Rest {
    /// Evicts a pod; the options are those of the deletion.
    ///
    /// # Errors
    /// [`Error::TooManyRequests`] where a budget does not allow it now; else as [`Rest::delete`].
    pub fn evict(&self, key: &Key, options: &DeleteOptions) -> Result<Value, Error> {
        let writing = self.writing();
        let stored = self.get(key)?;
        let pod: Pod = read(key, &stored)?;
        if !may_always_go(&pod) {
            let budget = self.budget_of(key, &pod)?;
            if let Some(budget) = budget {
                self.spend(&pod, &budget)?;
            }
        }
        self.mark(key, &stored, pod)?;
        drop(writing);
        self.delete(key, options)?;
        Ok(json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}))
    }

    /// The budget over a pod.
    fn budget_of(&self, key: &Key, pod: &Pod) -> Result<Option<PodDisruptionBudget>, Error> {
        let kind = Kind::of::<PodDisruptionBudget>();
        let options = ListOptions { namespace: Some(key.namespace.clone()), ..ListOptions::default() };
        let mut found = Vec::new();
        for value in self.list(kind, &options)?.items {
            let budget: PodDisruptionBudget = read(&Key::of(kind, &value), &value)?;
            let selector = budget.spec.as_ref().and_then(|s| s.selector.as_ref());
            if selector.is_some_and(|s| labels::matches(s, pod.metadata.labels.as_ref())) {
                found.push(budget);
            }
        }
        if found.len() > 1 {
            let why =
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
            return Err(Error::Unable(why.to_owned()));
        }
        Ok(found.pop())
    }

    /// Takes one eviction off the budget.
    fn spend(&self, pod: &Pod, budget: &PodDisruptionBudget) -> Result<(), Error> {
        let status = budget.status.clone().unwrap_or_default();
        let (healthy, desired) = (status.current_healthy.unwrap_or(0), status.desired_healthy.unwrap_or(0));
        let policy = budget.spec.as_ref().and_then(|s| s.unhealthy_pod_eviction_policy.as_deref());
        if !is_ready(pod) && (policy == Some("AlwaysAllow") || (healthy >= desired && desired > 0)) {
            return Ok(());
        }
        let refused = |why: String| Err(Error::TooManyRequests(why));
        if status.observed_generation.unwrap_or(0) < budget.metadata.generation.unwrap_or(0) {
            return refused(format!("The disruption budget {} is still being processed by the server.", budget.name()));
        }
        let allowed = status.disruptions_allowed.unwrap_or(0);
        if allowed < 1 {
            let name = budget.name();
            return refused(format!(
                "The disruption budget {name} needs {desired} healthy pods and has {healthy} currently"
            ));
        }
        let mut disrupted = status.disrupted_pods.clone().unwrap_or_default();
        disrupted.insert(pod.name().to_owned(), Time(Timestamp::now()));
        let status = PodDisruptionBudgetStatus {
            disruptions_allowed: Some(allowed - 1),
            disrupted_pods: Some(disrupted),
            ..status
        };
        let new = PodDisruptionBudget { status: Some(status), ..budget.clone() };
        self.update_locked(&budget.key(), Subresource::Status, new.to_value(), &budget.to_value()).map(drop)
    }

    /// Tells on the pod why it goes.
    fn mark(&self, key: &Key, stored: &Value, mut pod: Pod) -> Result<(), Error> {
        let condition = PodCondition {
            type_: "DisruptionTarget".to_owned(),
            status: "True".to_owned(),
            reason: Some("EvictionByEvictionAPI".to_owned()),
            message: Some("Eviction API: evicting".to_owned()),
            ..PodCondition::default()
        };
        let all = pod.status.get_or_insert_default().conditions.get_or_insert_default();
        conditions::set(all, condition, Timestamp::now());
        self.update_locked(key, Subresource::Status, pod.to_value(), stored).map(drop)
    }
}

/// A pod that has ended, or never started, or goes already, serves nobody.
fn may_always_go(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|s| s.phase.as_deref()).unwrap_or_default();
    matches!(phase, "Succeeded" | "Failed" | "Pending") || pod.is_deleting()
}

fn is_ready(pod: &Pod) -> bool {
    conditions::is_true(pod.status.as_ref().and_then(|s| s.conditions.as_ref()), "Ready")
}

fn read<T: Object>(key: &Key, value: &Value) -> Result<T, Error> {
    T::deserialize(value).map_err(|e| Error::Unreadable(key.clone(), e))
}
