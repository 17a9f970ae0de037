//! What Kubernetes refuses in a DaemonSet.

use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetUpdateStrategy};

use super::field::{json, not_negative, one_of};
use super::{amount, meta, name, pod_template, selector};
use crate::api::Problem;

/// The problems of a daemon set.
pub fn daemon_set(set: &DaemonSet, old: Option<&DaemonSet>) -> Vec<Problem> {
    let mut problems = meta::meta(&set.metadata, name::subdomain);
    let Some(spec) = &set.spec else {
        problems.push(Problem::required("spec", ""));
        return problems;
    };
    let old = old.and_then(|o| o.spec.as_ref()).map(|s| &s.selector);
    problems.extend(not_negative("spec.minReadySeconds", spec.min_ready_seconds));
    problems.extend(not_negative("spec.revisionHistoryLimit", spec.revision_history_limit));
    problems.extend(selector::selector("daemonset", &spec.selector, Some(&spec.template), old));
    problems.extend(pod_template::always("spec.template", &spec.template));
    problems.extend(spec.update_strategy.as_ref().map(strategy).unwrap_or_default());
    problems
}

/// Either old pods go first, or new ones come first: one of both budgets, and not both, is more than none.
fn strategy(strategy: &DaemonSetUpdateStrategy) -> Vec<Problem> {
    let kind = strategy.type_.as_deref();
    let mut problems: Vec<_> =
        one_of("spec.updateStrategy.type", kind, &["RollingUpdate", "OnDelete"]).into_iter().collect();
    if kind != Some("RollingUpdate") {
        return problems;
    }
    let path = |field: &str| format!("spec.updateStrategy.rollingUpdate{field}");
    let Some(update) = &strategy.rolling_update else {
        problems.push(Problem::required(path(""), ""));
        return problems;
    };
    let (unavailable, surge) = (update.max_unavailable.as_ref(), update.max_surge.as_ref());
    let fields = [(path(".maxUnavailable"), unavailable), (path(".maxSurge"), surge)];
    let amounts = fields.each_ref().map(|(path, given)| {
        problems.extend(amount::not_over_all(path, *given));
        amount::of(path, *given, &mut problems).unwrap_or(0)
    });
    match amounts {
        [0, 0] => problems.push(Problem::required(path(".maxUnavailable"), "cannot be 0 when maxSurge is 0")),
        [0, _] | [_, 0] => {}
        _ => {
            let message = format!("{}: may not be set when maxUnavailable is non-zero", json(&surge));
            problems.push(Problem::invalid(path(".maxSurge"), message));
        }
    }
    problems
}
