//! Jobs, CronJobs, autoscalers and budgets.

use super::meta::{OBJECT, STATUS};
use super::row::{Table, not, only, yes};

const MEASURED: &str = "only cpu and memory of pods are measured";

pub(super) const TABLE: Table = &[
    ("Job", &[OBJECT, STATUS, yes(&["spec"])]),
    (
        "JobSpec",
        &[
            yes(&["activeDeadlineSeconds", "backoffLimit", "backoffLimitPerIndex", "completionMode", "completions"]),
            yes(&["manualSelector", "maxFailedIndexes", "parallelism", "podFailurePolicy", "podReplacementPolicy"]),
            yes(&["selector", "successPolicy", "suspend", "template", "ttlSecondsAfterFinished"]),
            only(&["managedBy"], &["kubernetes.io/job-controller"], "there is no other controller of Jobs"),
        ],
    ),
    ("PodFailurePolicy", &[yes(&["rules"])]),
    ("PodFailurePolicyRule", &[yes(&["action", "onExitCodes", "onPodConditions"])]),
    ("PodFailurePolicyOnExitCodesRequirement", &[yes(&["containerName", "operator", "values"])]),
    ("PodFailurePolicyOnPodConditionsPattern", &[yes(&["status", "type"])]),
    ("SuccessPolicy", &[yes(&["rules"])]),
    ("SuccessPolicyRule", &[yes(&["succeededCount", "succeededIndexes"])]),
    ("CronJob", &[OBJECT, STATUS, yes(&["spec"])]),
    (
        "CronJobSpec",
        &[
            yes(&["concurrencyPolicy", "failedJobsHistoryLimit", "jobTemplate", "schedule", "startingDeadlineSeconds"]),
            yes(&["successfulJobsHistoryLimit", "suspend", "timeZone"]),
        ],
    ),
    ("JobTemplateSpec", &[yes(&["metadata", "spec"])]),
    ("HorizontalPodAutoscaler", &[OBJECT, STATUS, yes(&["spec"])]),
    ("HorizontalPodAutoscalerSpec", &[yes(&["behavior", "maxReplicas", "metrics", "minReplicas", "scaleTargetRef"])]),
    ("CrossVersionObjectReference", &[yes(&["apiVersion", "kind", "name"])]),
    (
        "MetricSpec",
        &[
            yes(&["containerResource", "resource"]),
            only(&["type"], &["Resource", "ContainerResource"], MEASURED),
            not(&["external", "object", "pods"], MEASURED),
        ],
    ),
    ("ResourceMetricSource", &[yes(&["name", "target"])]),
    ("ContainerResourceMetricSource", &[yes(&["container", "name", "target"])]),
    (
        "MetricTarget",
        &[
            yes(&["averageUtilization", "averageValue"]),
            only(&["type"], &["Utilization", "AverageValue"], "resources are measured as averages over pods"),
            not(&["value"], "resources are measured as averages over pods"),
        ],
    ),
    ("HorizontalPodAutoscalerBehavior", &[yes(&["scaleDown", "scaleUp"])]),
    ("HPAScalingRules", &[yes(&["policies", "selectPolicy", "stabilizationWindowSeconds", "tolerance"])]),
    ("HPAScalingPolicy", &[yes(&["periodSeconds", "type", "value"])]),
    ("PodDisruptionBudget", &[OBJECT, STATUS, yes(&["spec"])]),
    ("PodDisruptionBudgetSpec", &[yes(&["maxUnavailable", "minAvailable", "selector", "unhealthyPodEvictionPolicy"])]),
];
