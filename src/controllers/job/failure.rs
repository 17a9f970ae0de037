//! What a pod's failure means for its Job: the rules of its `podFailurePolicy`.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy>

use k8s_openapi::api::batch::v1::{
    PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyOnPodConditionsPattern,
};
use k8s_openapi::api::core::v1::{ContainerStatus, Pod, PodCondition};

use super::pods;
use crate::api::Object;

/// What a failure means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// It counts.
    Counts,
    /// It does not count, and the pod is replaced.
    Ignored,
    /// The pod's index has failed for good.
    FailsIndex,
    /// The Job has failed; why.
    FailsJob(String),
}

/// What the first rule that fits says of a pod that has failed; without one the failure counts.
pub fn meaning(policy: Option<&PodFailurePolicy>, pod: &Pod) -> Meaning {
    for (index, rule) in policy.iter().flat_map(|p| &p.rules).enumerate() {
        let name = format!("{}/{}", pod.namespace(), pod.name());
        let by_code = rule.on_exit_codes.as_ref().and_then(|codes| ended_so(pod, codes)).map(|(container, code)| {
            format!(
                "Container {container} for pod {name} failed with exit code {code} matching {} rule at index {index}",
                rule.action
            )
        });
        let mut patterns = rule.on_pod_conditions.iter().flatten();
        let by_condition = patterns.find_map(|pattern| condition(pod, pattern)).map(|condition| {
            format!("Pod {name} has condition {} matching {} rule at index {index}", condition.type_, rule.action)
        });
        if let Some(why) = by_code.or(by_condition) {
            return match rule.action.as_str() {
                "Ignore" => Meaning::Ignored,
                "FailIndex" => Meaning::FailsIndex,
                "FailJob" => Meaning::FailsJob(why),
                _ => Meaning::Counts,
            };
        }
    }
    Meaning::Counts
}

/// The container that failed with one of the codes, or with none of them.
fn ended_so<'a>(pod: &'a Pod, codes: &PodFailurePolicyOnExitCodesRequirement) -> Option<(&'a str, i32)> {
    let named = |c: &&ContainerStatus| codes.container_name.as_ref().is_none_or(|name| *name == c.name);
    let failed = pods::statuses(pod).filter(named).filter_map(|c| {
        let code = c.state.as_ref()?.terminated.as_ref()?.exit_code;
        (code != 0).then_some((c.name.as_str(), code))
    });
    let mut fitting = failed.filter(|(_, code)| codes.values.contains(code) == (codes.operator == "In"));
    fitting.next()
}

fn condition<'a>(pod: &'a Pod, pattern: &PodFailurePolicyOnPodConditionsPattern) -> Option<&'a PodCondition> {
    let mut all = pod.status.as_ref()?.conditions.as_ref()?.iter();
    let wanted = pattern.status.as_deref().unwrap_or("True");
    all.find(|c| c.type_ == pattern.type_ && c.status == wanted)
}
