//! The life of pods: sidecars, hooks, deadlines, last words, resizes, ephemeral containers, gates.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{LATER, Node, SOON, eventually};

/// The state of a container of a pod, from either list of statuses.
fn state(pod: &Value, container: &str) -> Value {
    let lists = ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"];
    let all = lists.iter().flat_map(|list| pod["status"][*list].as_array().into_iter().flatten());
    all.into_iter().find(|c| c["name"] == container).cloned().unwrap_or_default()
}

/// The messages of a pod's events with this reason.
fn events(node: &Node, pod: &str, reason: &str) -> Vec<String> {
    let all = node.list("events").into_iter().filter(|e| e["involvedObject"]["name"] == pod && e["reason"] == reason);
    all.map(|e| e["message"].as_str().unwrap_or_default().to_owned()).collect()
}

const ORDER: &str = r#"apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: log}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: beside}
spec:
  terminationGracePeriodSeconds: 20
  initContainers:
    - name: first
      image: busybox:1.36
      restartPolicy: Always
      command: [sh, -c, "sleep 1; echo first >>/log/up; touch /tmp/up; trap 'echo first >>/log/down; exit' TERM; while :; do sleep 1 & wait; done"]
      startupProbe: {exec: {command: [test, -f, /tmp/up]}, periodSeconds: 1, timeoutSeconds: 5}
      volumeMounts: [{name: log, mountPath: /log}]
    - name: second
      image: busybox:1.36
      restartPolicy: Always
      command: [sh, -c, "echo second >>/log/up; trap 'echo second >>/log/down; exit' TERM; while :; do sleep 1 & wait; done"]
      volumeMounts: [{name: log, mountPath: /log}]
    - {name: once, image: "busybox:1.36", command: [sh, -c, "echo once >>/log/up"], volumeMounts: [{name: log, mountPath: /log}]}
  containers:
    - name: app
      image: busybox:1.36
      command: [sh, -c, "echo app >>/log/up; trap 'sleep 2; echo app >>/log/down; exit' TERM; while :; do sleep 1 & wait; done"]
      lifecycle: {preStop: {exec: {command: [sh, -c, "echo hook >>/log/down"]}}}
      volumeMounts: [{name: log, mountPath: /log}]
  volumes: [{name: log, persistentVolumeClaim: {claimName: log}}]
"#;

#[test]
fn sidecars_start_in_order_before_the_app_and_end_in_reverse_after_it() {
    let node = Node::up("sidecars");
    node.apply(ORDER);
    let read = |what: &str| node.wharf(&["exec", "beside", "-c", "app", "--", "cat", what]).ok();
    assert_eq!(read("/log/up"), "first\nsecond\nonce\napp\n");
    let table = node.wharf(&["get", "pods"]).ok();
    assert!(table.contains("3/3") && table.contains("Running"), "{table}");
    let second = node.container("beside", "second").unwrap();
    node.docker(&["kill", &second.id]);
    eventually("the sidecar is back", SOON, || {
        (state(&node.get("pod beside"), "second")["restartCount"] == 1).then_some(())
    });
    assert_eq!(state(&node.get("pod beside"), "app")["restartCount"], 0);

    node.wharf(&["delete", "pod", "beside"]).ok();
    let reader = "apiVersion: v1\nkind: Pod\nmetadata: {name: reader}\nspec:\n  restartPolicy: Never\n  containers: [{name: c, image: 'busybox:1.36', command: [cat, /log/down], volumeMounts: [{name: log, mountPath: /log}]}]\n  volumes: [{name: log, persistentVolumeClaim: {claimName: log}}]\n";
    node.try_apply(reader, &["--wait=false"]).ok();
    eventually("what they said at the end", SOON, || {
        (node.get("pod reader")["status"]["phase"] == "Succeeded").then_some(())
    });
    assert_eq!(node.wharf(&["logs", "reader"]).ok(), "hook\napp\nsecond\nfirst\n");
}

const ENDS: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: done}
spec:
  restartPolicy: Never
  initContainers:
    - {name: side, image: "busybox:1.36", restartPolicy: Always, command: [sh, -c, "trap exit TERM; while :; do sleep 1 & wait; done"]}
  containers:
    - {name: c, image: "busybox:1.36", command: [sh, -c, "printf 'all is done' >/dev/termination-log"]}
---
apiVersion: v1
kind: Pod
metadata: {name: late}
spec:
  activeDeadlineSeconds: 12
  terminationGracePeriodSeconds: 1
  containers: [{name: c, image: "busybox:1.36", command: [sh, -c, "trap '' TERM; while :; do sleep 1; done"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: hungry}
spec:
  restartPolicy: Never
  containers:
    - name: c
      image: busybox:1.36
      command: [sh, -c, "tail /dev/zero"]
      resources: {limits: {memory: 16Mi}}
---
apiVersion: v1
kind: Pod
metadata: {name: speaks}
spec:
  restartPolicy: Never
  containers:
    - {name: c, image: "busybox:1.36", command: [sh, -c, "echo on the way; echo no money left; exit 7"], terminationMessagePolicy: FallbackToLogsOnError}
---
apiVersion: v1
kind: Pod
metadata: {name: typo}
spec:
  restartPolicy: Never
  containers: [{name: c, image: "busybox:1.36", command: [/no/such/program]}]
---
apiVersion: v1
kind: Pod
metadata: {name: ruled}
spec:
  restartPolicy: Never
  containers:
    - name: c
      image: busybox:1.36
      command: [sh, -c, "[ -f /state/once ] && exit 5; touch /state/once; exit 42"]
      restartPolicy: Never
      restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}]
      volumeMounts: [{name: state, mountPath: /state}]
  volumes: [{name: state, emptyDir: {}}]
"#;

#[test]
fn a_pods_end_is_told_with_its_reason_its_code_and_its_last_words() {
    let node = Node::up("last-words");
    node.try_apply(ENDS, &["--wait=false"]).ok();
    let ended = |pod: &str, phase: &str| {
        let found = eventually(&format!("{pod} {phase}"), LATER, || {
            let found = node.get(&format!("pod {pod}"));
            (found["status"]["phase"] == phase).then_some(found)
        });
        let end = &state(&found, "c")["state"]["terminated"];
        format!("{} {} {}", end["exitCode"], end["reason"].as_str().unwrap(), end["message"].as_str().unwrap_or("-"))
    };
    assert_eq!(ended("done", "Succeeded"), "0 Completed all is done");
    assert_eq!(ended("speaks", "Failed"), "7 Error on the way\nno money left\n");
    assert_eq!(ended("hungry", "Failed"), "137 OOMKilled -");
    assert_eq!(ended("ruled", "Failed"), "5 Error -");
    assert_eq!(state(&node.get("pod ruled"), "c")["restartCount"], 1);
    let typo = ended("typo", "Failed");
    assert!(typo.starts_with("128 StartError ") && typo.contains("/no/such/program"), "{typo}");
    assert_eq!(ended("late", "Failed"), "137 Error -");
    let late = node.get("pod late");
    assert_eq!(late["status"]["reason"], "DeadlineExceeded");
    assert_eq!(events(&node, "late", "DeadlineExceeded").len(), 1);
    assert!(node.container("done", "side").is_none_or(|c| !c.running), "the sidecar has ended too");
}

const HOOKS: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  terminationGracePeriodSeconds: 30
  containers:
    - name: web
      image: nginx:1.27
      lifecycle:
        postStart: {exec: {command: [sh, -c, "sleep 2; echo warm >/usr/share/nginx/html/warm"]}}
        preStop: {httpGet: {path: /bye, port: 80}}
    - {name: after, image: "busybox:1.36", command: [sh, -c, "wget -qO- http://localhost/warm; trap exit TERM; while :; do sleep 1 & wait; done"]}
---
apiVersion: v1
kind: Pod
metadata: {name: naps}
spec:
  containers:
    - name: c
      image: busybox:1.36
      command: [sh, -c, "trap exit TERM; while :; do sleep 1 & wait; done"]
      lifecycle: {preStop: {sleep: {seconds: 3}}}
"#;

const BROKEN: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: broken}
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - name: c
      image: busybox:1.36
      command: [sh, -c, "trap exit TERM; while :; do sleep 1 & wait; done"]
      lifecycle: {postStart: {exec: {command: [sh, -c, "echo no; exit 3"]}}, preStop: {tcpSocket: {port: 80}}}
"#;

#[test]
fn hooks_run_after_the_start_and_before_the_end() {
    let node = Node::up("hooks");
    node.apply(HOOKS);
    assert_eq!(node.wharf(&["logs", "web", "-c", "after"]).ok(), "warm\n", "it starts when the hook is over");
    let began = Instant::now();
    node.wharf(&["delete", "pod", "naps"]).ok();
    assert!(began.elapsed() >= Duration::from_secs(3), "{:?}", began.elapsed());
    let web = node.container("web", "web").unwrap();
    let mut log = std::process::Command::new("docker");
    let log = log
        .args(["logs", "-f", &web.id])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    node.wharf(&["delete", "pod", "web"]).ok();
    let said = String::from_utf8(log.wait_with_output().unwrap().stdout).unwrap();
    assert!(said.contains("GET /bye") && said.contains("kube-lifecycle/"), "{said}");

    node.try_apply(BROKEN, &["--wait=false"]).ok();
    eventually("a crash loop", LATER, || {
        (state(&node.get("pod broken"), "c")["state"]["waiting"]["reason"] == "CrashLoopBackOff").then_some(())
    });
    assert_eq!(events(&node, "broken", "FailedPostStartHook"), ["PostStartHook failed"]);
    assert_eq!(events(&node, "broken", "FailedPreStopHook"), ["PreStopHook failed"]);
}

const SIZED: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: sized}
spec:
  terminationGracePeriodSeconds: 1
  readinessGates: [{conditionType: example.org/checked}]
  containers:
    - name: c
      image: busybox:1.36
      command: [sh, -c, "trap exit TERM; while :; do sleep 1 & wait; done"]
      resources: {requests: {cpu: 100m, memory: 32Mi}, limits: {cpu: 200m, memory: 64Mi}}
    - name: again
      image: busybox:1.36
      command: [sh, -c, "trap exit TERM; while :; do sleep 1 & wait; done"]
      resources: {limits: {memory: 64Mi}}
      resizePolicy: [{resourceName: memory, restartPolicy: RestartContainer}]
"#;

#[test]
fn a_running_pod_is_resized_and_joined_and_waits_for_its_gate() {
    let node = Node::up("resize");
    node.try_apply(SIZED, &["--wait=false"]).ok();
    eventually("both run", SOON, || {
        let pod = node.get("pod sized");
        ["c", "again"].iter().all(|c| state(&pod, c)["state"]["running"].is_object()).then_some(())
    });
    let ready = || {
        let pod = node.get("pod sized");
        let all = pod["status"]["conditions"].as_array().cloned().unwrap_or_default();
        all.into_iter().find(|c| c["type"] == "Ready").unwrap_or_default()
    };
    assert_eq!(
        (ready()["status"].as_str(), ready()["reason"].as_str()),
        (Some("False"), Some("ReadinessGatesNotReady"))
    );
    let (c, again) = (node.container("sized", "c").unwrap(), node.container("sized", "again").unwrap());
    let path = "/api/v1/namespaces/default/pods/sized";
    let checked = json!([{"op": "add", "path": "/status/conditions/-", "value": {"type": "example.org/checked", "status": "True"}}]);
    assert_eq!(
        node.api("PATCH", &format!("{path}/status"), "application/json-patch+json", &checked.to_string()).0,
        200
    );
    eventually("ready", SOON, || (ready()["status"] == "True").then_some(()));

    let mut size = node.get("pod sized");
    size["spec"]["containers"][0]["resources"]["limits"]["memory"] = "96Mi".into();
    size["spec"]["containers"][1]["resources"] = json!({"limits": {"memory": "80Mi"}, "requests": {"memory": "80Mi"}});
    assert_eq!(node.api("PUT", &format!("{path}/resize"), "application/json", &size.to_string()).0, 200);
    let memory = |id: &str| node.docker(&["inspect", "-f", "{{.HostConfig.Memory}}", id]).trim().to_owned();
    eventually("the new limit", SOON, || (memory(&c.id) == (96 << 20).to_string()).then_some(()));
    let cgroup = node.wharf(&[
        "exec",
        "sized",
        "-c",
        "c",
        "--",
        "sh",
        "-c",
        "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null",
    ]);
    assert_eq!(cgroup.out.trim(), (96 << 20).to_string(), "{cgroup}");
    assert_eq!(node.container("sized", "c").unwrap().id, c.id, "it is the same container");
    let resized = eventually("the other one is new", SOON, || {
        let now = node.container("sized", "again").filter(|now| now.id != again.id && now.running)?;
        (memory(&now.id) == (80 << 20).to_string()).then(|| node.get("pod sized"))
    });
    assert_eq!(state(&resized, "c")["restartCount"], 0);
    eventually("the status tells", SOON, || {
        (state(&node.get("pod sized"), "c")["resources"]["limits"]["memory"] == "96Mi").then_some(())
    });

    let mut debug = node.get("pod sized");
    debug["spec"]["ephemeralContainers"] = json!([{
        "name": "debug", "image": "busybox:1.36", "targetContainerName": "c",
        "command": ["sh", "-c", "echo I see $(ps | grep -c 'trap exit'); sleep 600"],
    }]);
    assert_eq!(node.api("PUT", &format!("{path}/ephemeralcontainers"), "application/json", &debug.to_string()).0, 200);
    eventually("it sees the other's processes", SOON, || {
        let said = node.wharf(&["logs", "sized", "-c", "debug"]);
        (said.code == 0 && said.out.starts_with("I see ") && said.out != "I see 0\n").then_some(())
    });
    assert!(state(&node.get("pod sized"), "debug")["state"]["running"].is_object());
}
