//! Jobs and CronJobs.

use serde_json::{Value, json};

use super::{creates, updates};

fn template() -> Value {
    json!({"metadata": {"labels": {"app": "sum"}}, "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}})
}

fn job() -> Value {
    json!({
        "metadata": {"name": "sum", "namespace": "shop", "uid": "u"},
        "spec": {"completions": 3, "parallelism": 3, "completionMode": "Indexed", "template": template()},
    })
}

#[test]
fn jobs() {
    let path = "spec.template.spec.restartPolicy";
    let always = format!("{path}: Required value: valid values: \"OnFailure\", \"Never\"").leak();
    let rule = |rule: Value| json!({"rules": [rule]});
    creates(
        "Job",
        &job(),
        &[
            ("/spec/template/spec/restartPolicy", json!(null), always),
            (
                "/spec/backoffLimit",
                json!(-1),
                "spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0",
            ),
            ("/spec/completions", json!(null), "spec.completions: Required value: when completion mode is Indexed"),
            (
                "/spec/completionMode",
                json!("Some"),
                "spec.completionMode: Unsupported value: \"Some\": supported values: \"NonIndexed\", \"Indexed\"",
            ),
            (
                "/spec/maxFailedIndexes",
                json!(1),
                "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
            ),
            (
                "/spec/podFailurePolicy",
                rule(json!({"action": "FailJob"})),
                "spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required",
            ),
            (
                "/spec/podFailurePolicy",
                rule(json!({"action": "FailIndex", "onExitCodes": {"operator": "In", "values": [1]}})),
                "spec.podFailurePolicy.rules[0].action: Invalid value: \"FailIndex\": requires the backoffLimitPerIndex to be set",
            ),
            (
                "/spec/podFailurePolicy",
                rule(
                    json!({"action": "Ignore", "onExitCodes": {"operator": "In", "values": [3, 0], "containerName": "x"}}),
                ),
                "spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: \"x\": must be one of the container or \
                 initContainer names in the pod template\n\
                 spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator\n\
                 spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: must be ordered",
            ),
            (
                "/spec/successPolicy",
                json!({"rules": [{"succeededIndexes": "0-3"}]}),
                "spec.successPolicy.rules[0].succeededIndexes: Invalid value: \"0-3\": error parsing succeededIndexes: too large index: \"0-3\"",
            ),
            ("/spec/successPolicy", json!({"rules": [{"succeededCount": 2}]}), ""),
        ],
    );
}

#[test]
fn changes_of_jobs() {
    updates(
        "Job",
        &job(),
        &[
            ("/spec/parallelism", json!(1), ""),
            ("/spec/suspend", json!(true), ""),
            ("/spec/completions", json!(4), "spec.completions: Invalid value: 4: field is immutable"),
            (
                "/spec/template/spec/containers/0/image",
                json!("j"),
                "spec.template: Invalid value: field is immutable: delete the Job and apply it again, or give it another name",
            ),
            (
                "/spec/template/spec/nodeSelector",
                json!({"a": "b"}),
                "spec.template: Invalid value: field is immutable: delete the Job and apply it again, or give it another name",
            ),
        ],
    );
    let mut suspended = job();
    suspended["spec"]["suspend"] = json!(true);
    updates("Job", &suspended, &[("/spec/template/spec/nodeSelector", json!({"a": "b"}), "")]);
}

#[test]
fn cron_jobs() {
    let cron = json!({
        "metadata": {"name": "report", "namespace": "shop"},
        "spec": {"schedule": "0 4 * * mon-fri", "timeZone": "Europe/Berlin", "jobTemplate": {"spec": {"template": template()}}},
    });
    let long = "a".repeat(53);
    let too_long = format!("metadata.name: Invalid value: \"{long}\": must be no more than 52 characters").leak();
    creates(
        "CronJob",
        &cron,
        &[
            ("/metadata/name", json!(long), too_long),
            ("/spec/schedule", json!(""), "spec.schedule: Required value"),
            (
                "/spec/schedule",
                json!("61 * * * *"),
                "spec.schedule: Invalid value: \"61 * * * *\": end of range (61) above maximum (59): 61",
            ),
            (
                "/spec/schedule",
                json!("TZ=UTC 0 0 * * *"),
                "spec.schedule: Invalid value: \"TZ=UTC 0 0 * * *\": cannot use TZ or CRON_TZ in schedule, use timeZone field instead",
            ),
            (
                "/spec/timeZone",
                json!("Mars/Base"),
                "spec.timeZone: Invalid value: \"Mars/Base\": unknown time zone Mars/Base",
            ),
            (
                "/spec/concurrencyPolicy",
                json!("Deny"),
                "spec.concurrencyPolicy: Unsupported value: \"Deny\": supported values: \"Allow\", \"Forbid\", \"Replace\"",
            ),
            (
                "/spec/jobTemplate/spec/template/spec/restartPolicy",
                json!("Always"),
                "spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"",
            ),
        ],
    );
}
