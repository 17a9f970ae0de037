//! Jobs, CronJobs, autoscalers, budgets, and what a deleted pod leaves behind.

use std::time::Duration;

use serde_json::Value;

use crate::harness::workloads::web_with;
use crate::harness::{LATER, Node, SOON, eventually};

/// A Job of busybox's shell; `spec` has more of its fields, one to a line.
fn job(name: &str, spec: &str, script: &str) -> String {
    let spec = spec.lines().map(|line| format!("  {line}\n")).collect::<Vec<_>>().concat();
    format!(
        r#"apiVersion: batch/v1
kind: Job
metadata:
  name: {name}
spec:
{spec}  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 1
      containers:
        - name: main
          image: busybox:1.36
          command: [sh, -c, '{script}']
"#
    )
}

fn condition<'a>(object: &'a Value, kind: &str) -> &'a Value {
    let all = object["status"]["conditions"].as_array();
    all.into_iter().flatten().find(|c| c["type"] == kind && c["status"] == "True").unwrap_or(&Value::Null)
}

#[test]
fn a_job_with_indexes_runs_two_at_a_time_until_all_have_succeeded() {
    let node = Node::up("indexed");
    let spec = "completions: 3\nparallelism: 2\ncompletionMode: Indexed";
    let told = node.apply(&job("sum", spec, "echo part $JOB_COMPLETION_INDEX on $(hostname); sleep 1"));
    assert!(told.contains("job.batch/sum: complete, 3 of 3 succeeded"), "{told}");
    let sum = node.get("job sum");
    assert_eq!(condition(&sum, "Complete")["reason"], "CompletionsReached", "{sum}");
    assert_eq!(sum["status"]["completedIndexes"], "0-2", "{sum}");
    let pods = node.list("pods -l job-name=sum");
    let times = |pod: &Value| {
        let end = &pod["status"]["containerStatuses"][0]["state"]["terminated"];
        ["startedAt", "finishedAt"].map(|f| end[f].as_str().unwrap().to_owned())
    };
    let times: Vec<_> = pods.iter().map(times).collect();
    for [began, _] in &times {
        let at_once = times.iter().filter(|[first, last]| first <= began && began < last).count();
        assert!(at_once <= 2, "{at_once} at once: {times:?}");
    }
    let said = node.wharf(&["logs", "job/sum"]).ok();
    for index in 0..3 {
        assert!(said.contains(&format!("part {index} on sum-{index}")), "{said}");
    }
    assert!(pods.iter().all(|p| p["metadata"]["finalizers"].as_array().is_none_or(Vec::is_empty)), "{pods:?}");
    let again = node.apply(&job("sum", spec, "echo part $JOB_COMPLETION_INDEX on $(hostname); sleep 1"));
    assert!(again.contains("1 unchanged"), "{again}");
    let changed = node.try_apply(&job("sum", spec, "echo other"), &[]).fails(3);
    assert!(changed.contains("field is immutable"), "{changed}");
}

#[test]
fn a_job_fails_by_its_limit_and_by_its_policy_and_apply_says_why() {
    let node = Node::up("failing");
    let told = node.try_apply(&job("limit", "backoffLimit: 0", "echo I give up; exit 3"), &[]).fails(3);
    assert!(told.contains("BackoffLimitExceeded: Job has reached the specified backoff limit"), "{told}");
    assert!(told.contains("I give up"), "{told}");
    let policy = "parallelism: 2\ncompletions: 2\ncompletionMode: Indexed\npodFailurePolicy:\n  rules:\n  - action: FailJob\n    onExitCodes: {operator: In, values: [42]}";
    let script = "if [ $JOB_COMPLETION_INDEX = 0 ]; then sleep 2; exit 42; fi; trap exit TERM; sleep 600 & wait";
    let told = node.try_apply(&job("policy", policy, script), &[]).fails(3);
    assert!(told.contains("PodFailurePolicy: Container main for pod default/policy-0-"), "{told}");
    assert!(told.contains("failed with exit code 42 matching FailJob rule at index 0"), "{told}");
    eventually("nothing of it runs any more", SOON, || {
        let policy = node.get("job policy");
        (condition(&policy, "Failed")["reason"] == "PodFailurePolicy" && policy["status"]["active"].is_null())
            .then_some(())
    });
}

#[test]
fn a_job_and_its_containers_go_a_while_after_its_end() {
    let node = Node::up("ttl");
    node.apply(&job("brief", "ttlSecondsAfterFinished: 3", "echo done"));
    eventually("the Job, its pods and their containers are gone", LATER, || {
        let left = node.containers().len();
        (node.names("jobs").is_empty() && node.names("pods").is_empty() && left == 1).then_some(())
    });
}

#[test]
fn a_cron_job_runs_by_the_minute_and_waits_for_the_one_before() {
    let node = Node::up("cron");
    let job = job("x", "", "echo tick");
    let lines = job.split_once("spec:\n").unwrap().1.lines().map(|line| format!("    {line}\n"));
    let template = lines.collect::<Vec<_>>().concat();
    node.apply(&format!(
        "apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: tick\nspec:\n  schedule: '* * * * *'\n  timeZone: Europe/Berlin\n  \
         concurrencyPolicy: Forbid\n  jobTemplate:\n    spec:\n{template}"
    ));
    assert!(node.names("jobs").is_empty(), "it never runs because it is applied");
    let uid = node.get("cronjob tick")["metadata"]["uid"].as_str().unwrap().to_owned();
    // A run that is under way when the minute comes.
    let owner = format!(
        "  ownerReferences:\n  - {{apiVersion: batch/v1, kind: CronJob, name: tick, uid: {uid}, controller: true}}\n"
    );
    let busy =
        self::job("busy", "", "trap exit TERM; sleep 600 & wait").replacen("spec:\n", &format!("{owner}spec:\n"), 1);
    node.try_apply(&busy, &["--wait=false"]).ok();
    let bound = Duration::from_secs(75);
    eventually("the minute came while another run was under way", bound, || {
        let events = node.list("events");
        events.iter().any(|e| e["reason"] == "JobAlreadyActive").then_some(())
    });
    assert_eq!(node.names("jobs"), ["busy"]);
    node.wharf(&["delete", "job", "busy"]).ok();
    let run = eventually("the run that was held back begins", SOON, || {
        node.names("jobs").into_iter().find(|name| name.starts_with("tick-"))
    });
    eventually("it has succeeded, and that is told", SOON, || {
        let cron = node.get("cronjob tick");
        let done = cron["status"]["lastSuccessfulTime"].is_string() && cron["status"]["active"].is_null();
        (done && cron["status"]["lastScheduleTime"].is_string()).then_some(())
    });
    let minutes: i64 = run.trim_start_matches("tick-").parse().unwrap();
    assert!(minutes > 28_000_000, "{run}");
}

fn scaler(name: &str, metric: &str) -> String {
    format!(
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: {name}\nspec:\n  maxReplicas: 2\n  \
         scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {name}}}\n  metrics:\n  - type: Resource\n    resource: {metric}\n"
    )
}

fn load(name: &str, script: &str) -> String {
    format!(
        r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: main
          image: busybox:1.36
          command: [sh, -c, '{script}']
          resources:
            requests: {{cpu: 50m, memory: 8Mi}}
            limits: {{cpu: 100m, memory: 64Mi}}
"#
    )
}

#[test]
fn load_on_cpu_and_memory_adds_replicas() {
    let node = Node::up("scale");
    let busy = load("busy", "trap exit TERM; while :; do :; done");
    let heavy = load("heavy", "dd if=/dev/zero of=/dev/shm/hold bs=1M count=24; trap exit TERM; sleep 3600 & wait");
    let by_cpu = scaler("busy", "{name: cpu, target: {type: Utilization, averageUtilization: 80}}");
    let by_memory = scaler("heavy", "{name: memory, target: {type: AverageValue, averageValue: 10Mi}}");
    node.apply(&[busy, heavy, by_cpu, by_memory].join("---\n"));
    for name in ["busy", "heavy"] {
        eventually(&format!("{name} has two replicas"), Duration::from_mins(1), || {
            (node.get(&format!("deployment {name}"))["status"]["readyReplicas"] == 2).then_some(())
        });
        let told = node.get(&format!("hpa {name}"));
        assert_eq!(condition(&told, "ScalingActive")["reason"], "ValidMetricFound", "{told}");
        assert!(told["status"]["lastScaleTime"].is_string(), "{told}");
    }
    let events = node.list("events");
    assert!(events.iter().any(|e| e["reason"] == "SuccessfulRescale"), "{events:?}");
    let top = node.wharf(&["top", "pods"]).ok();
    let cpu = |name: &str| -> i64 {
        let line = top.lines().find(|l| l.starts_with(name)).unwrap_or_else(|| panic!("{top}"));
        line.split_whitespace().nth(1).unwrap().trim_end_matches('m').parse().unwrap()
    };
    assert!((50..=130).contains(&cpu("busy")) && cpu("heavy") < 20, "{top}");
    let nodes = node.wharf(&["top", "nodes"]).ok();
    assert!(nodes.lines().nth(1).is_some_and(|line| line.starts_with(&node.name)), "{nodes}");
    let bad = scaler("other", "{name: cpu, target: {type: Utilization, averageUtilization: 80}}")
        .replace("type: Resource\n    resource:", "type: Pods\n    pods:");
    node.try_apply(&bad, &[]).fails(1);
}

#[test]
fn a_budget_holds_an_eviction_back() {
    let node = Node::up("budget");
    let budget = |least: u32| {
        format!(
            "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: web\nspec:\n  minAvailable: {least}\n  \
             selector:\n    matchLabels: {{app: web}}\n"
        )
    };
    let allows = |count: u32| {
        eventually(&format!("{count} may go"), SOON, || {
            let status = node.get("pdb web")["status"].clone();
            (status["disruptionsAllowed"] == count && status["currentHealthy"] == 2).then_some(())
        });
    };
    node.apply(&[web_with("web", 2, "", ""), budget(2)].join("---\n"));
    allows(0);
    let pod = node.names("pods -l app=web").remove(0);
    let evict = || {
        let body = format!(r#"{{"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {{"name": "{pod}"}}}}"#);
        node.api("POST", &format!("/api/v1/namespaces/default/pods/{pod}/eviction"), "application/json", &body)
    };
    let (code, told) = evict();
    assert_eq!((code, &told["reason"]), (429, &Value::from("TooManyRequests")), "{told}");
    assert_eq!(told["details"]["causes"][0]["reason"], "DisruptionBudget", "{told}");
    assert!(node.names("pods -l app=web").contains(&pod));
    node.apply(&budget(1));
    allows(1);
    assert_eq!(evict().0, 201);
    eventually("it is gone", SOON, || (!node.names("pods -l app=web").contains(&pod)).then_some(()));
    allows(1);
}

#[test]
fn a_deleted_pod_leaves_nothing_on_the_docker_host() {
    let node = Node::up("remains");
    let before = node.left();
    let pod = "
      spec:
        terminationGracePeriodSeconds: 0
        containers:
        - name: main
          image: busybox:1.36
          command: [sh, -c, 'trap exit TERM; sleep 3600 & wait']
          envFrom: [{secretRef: {name: s}}]
          volumeMounts: [{name: a, mountPath: /a}, {name: b, mountPath: /b}, {name: c, mountPath: /c}, {name: d, mountPath: /d}]
        volumes: [{name: a, emptyDir: {}}, {name: b, emptyDir: {medium: Memory}}, {name: c, configMap: {name: c}}, {name: d, secret: {secretName: s}}]
";
    let plain = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {KEY: value}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {file: text}\n";
    let pod =
        format!("{plain}---\napiVersion: v1\nkind: Pod\nmetadata: {{name: full}}{}", pod.replace("\n      ", "\n"));
    node.apply(&pod);
    let full = node.get("pod full");
    let (uid, address) =
        (full["metadata"]["uid"].as_str().unwrap(), full["status"]["podIP"].as_str().unwrap().to_owned());
    let state = format!("{}-state:/state", node.name);
    let files = || node.docker(&["run", "--rm", "-v", &state, "busybox:1.36", "find", "/state/pods"]);
    assert!(files().contains(uid));
    node.wharf(&["delete", "pod", "full"]).ok();
    eventually("containers and volumes are gone", SOON, || (node.left() == before).then_some(()));
    eventually("files are gone", SOON, || (!files().contains(uid)).then_some(()));
    node.apply(&pod);
    assert_ne!(node.get("pod full")["metadata"]["uid"], uid);
    node.note(&format!("the addresses of both: {address}, {}", node.get("pod full")["status"]["podIP"]));
}

#[test]
fn owners_go_before_after_or_without_what_they_own() {
    let node = Node::up("owners");
    node.apply(&[web_with("fore", 1, "", ""), web_with("orphan", 1, "", "")].join("---\n"));
    let delete = |name: &str, propagation: &str| {
        let path = format!("/apis/apps/v1/namespaces/default/deployments/{name}");
        let body = format!(r#"{{"propagationPolicy": "{propagation}"}}"#);
        assert_eq!(node.api("DELETE", &path, "application/json", &body).0, 200);
    };
    delete("orphan", "Orphan");
    eventually("the Deployment is gone", SOON, || {
        (!node.names("deployments").contains(&"orphan".to_owned())).then_some(())
    });
    let sets = node.list("replicasets -l app=orphan");
    assert_eq!(sets.len(), 1);
    assert!(sets[0]["metadata"]["ownerReferences"].as_array().is_none_or(Vec::is_empty), "{sets:?}");
    assert_eq!(node.list("pods -l app=orphan").len(), 1);
    delete("fore", "Foreground");
    eventually("it is gone with all that it owned", SOON, || {
        let left = node.names("deployments,replicasets,pods");
        left.iter().all(|name| !name.starts_with("fore")).then_some(())
    });
    // A finalizer that nobody serves holds an object, and its namespace, until somebody takes it away.
    node.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: held}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: held, finalizers: [example.org/hold]}\n");
    node.wharf(&["delete", "namespace", "held", "--wait=false"]).ok();
    eventually("it is told what holds the namespace", SOON, || {
        let told = node.get("namespace held");
        let why = condition(&told, "NamespaceFinalizersRemaining")["message"].to_string();
        why.contains("example.org/hold in 1 resource instances").then_some(())
    });
}
