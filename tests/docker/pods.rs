//! Pods: their containers, environment, ends and rights.

use std::time::{Duration, Instant};

use crate::harness::{LATER, Node, SOON, eventually, stays};

const FULL: &str = r#"apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {GREETING: hello, COLOUR: blue}
---
apiVersion: v1
kind: Secret
metadata: {name: key}
stringData: {PASSWORD: tide-table}
---
apiVersion: v1
kind: Service
metadata: {name: back-end}
spec: {selector: {app: full}, ports: [{name: http, port: 8080, targetPort: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: full, labels: {app: full, tier: x}, annotations: {note: "a b"}}
spec:
  terminationGracePeriodSeconds: 1
  initContainers:
    - {name: one, image: "busybox:1.36", command: [sh, -c, "sleep 1; echo one >>/work/order"], volumeMounts: [{name: work, mountPath: /work}]}
    - {name: two, image: "busybox:1.36", command: [sh, -c, "echo two >>/work/order"], volumeMounts: [{name: work, mountPath: /work}]}
  containers:
    - name: web
      image: nginx:1.27
      ports: [{name: http, containerPort: 80, hostPort: PORT}]
      resources: {requests: {cpu: 250m}, limits: {cpu: 500m, memory: 128Mi}}
      startupProbe: {tcpSocket: {port: http}, periodSeconds: 1}
      livenessProbe: {httpGet: {path: /, port: http}, periodSeconds: 1}
      readinessProbe: {exec: {command: [test, -f, /etc/nginx/nginx.conf]}, periodSeconds: 1}
    - name: side
      image: busybox:1.36
      command: [sh, -c]
      args: ['echo "$(GREETING) $(NONE) $$(GREETING)" >/work/said; trap exit TERM; while :; do sleep 1 & wait; done']
      envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: key}, prefix: KEY_}]
      env:
        - {name: URL, value: "http://$(BACK_END_SERVICE_HOST):$(BACK_END_SERVICE_PORT_HTTP)/$(GREETING)"}
        - {name: COLOUR, value: red}
        - {name: FROM_MAP, valueFrom: {configMapKeyRef: {name: settings, key: COLOUR}}}
        - {name: FROM_SECRET, valueFrom: {secretKeyRef: {name: key, key: PASSWORD}}}
        - {name: ABSENT, valueFrom: {secretKeyRef: {name: none, key: x, optional: true}}}
        - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
        - {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
        - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
        - {name: TIER, valueFrom: {fieldRef: {fieldPath: "metadata.labels['tier']"}}}
        - {name: NOTE, valueFrom: {fieldRef: {fieldPath: "metadata.annotations['note']"}}}
        - {name: MILLI, valueFrom: {resourceFieldRef: {containerName: web, resource: limits.cpu, divisor: 1m}}}
        - {name: MEBI, valueFrom: {resourceFieldRef: {containerName: web, resource: limits.memory, divisor: 1Mi}}}
      volumeMounts: [{name: work, mountPath: /work}]
  volumes: [{name: work, emptyDir: {}}]
"#;

#[test]
fn a_pods_containers_share_localhost_and_have_the_environment_that_was_declared() {
    let node = Node::up("full");
    let port = node.port();
    node.apply(&FULL.replace("PORT", &port.to_string()));
    let side = |command: &str| node.wharf(&["exec", "full", "-c", "side", "--", "sh", "-c", command]).ok();
    assert_eq!(side("cat /work/order"), "one\ntwo\n");
    assert_eq!(side("cat /work/said"), "hello $(NONE) $(GREETING)\n", "as the shell got them");
    assert!(side("wget -qO- http://localhost/").contains("nginx"));
    assert_eq!(crate::harness::get(&format!("localhost:{port}"), "x", "/").unwrap().code, 200);

    let pod = node.get("pod full");
    let (ip, address) = (pod["status"]["podIP"].as_str().unwrap(), node.service_address("back-end"));
    let printed = node.wharf(&["env", "full", "-c", "side"]).ok();
    for line in [
        &format!("URL=http://{address}:8080/hello"),
        "COLOUR=red",
        "GREETING=hello",
        "KEY_PASSWORD=tide-table",
        "FROM_MAP=blue",
        "FROM_SECRET=tide-table",
        "POD=full",
        &format!("POD_IP={ip}"),
        &format!("NODE={}", node.name),
        "TIER=x",
        "NOTE=a b",
        "MILLI=500",
        "MEBI=128",
        &format!("BACK_END_PORT_8080_TCP_ADDR={address}"),
    ] {
        assert!(printed.lines().any(|l| l == line), "no {line} in:\n{printed}");
    }
    assert!(!printed.contains("ABSENT"));
    let file = std::env::temp_dir().join(&node.name);
    std::fs::write(&file, &printed).unwrap();
    let docker = node.docker(&["run", "--rm", "--env-file", file.to_str().unwrap(), "busybox:1.36", "env"]);
    std::fs::remove_file(&file).unwrap();
    let missing: Vec<_> = printed.lines().filter(|line| !docker.lines().any(|l| l == *line)).collect();
    assert!(missing.is_empty(), "docker does not read {missing:?}");
    let folder = format!("/state/pods/{}/env", pod["metadata"]["uid"].as_str().unwrap());
    let state = format!("{}-state:/state", node.name);
    let modes = node.docker(&[
        "run",
        "--rm",
        "-v",
        &state,
        "busybox:1.36",
        "sh",
        "-c",
        &format!("stat -c %a {folder} {folder}/*"),
    ]);
    assert_eq!(modes.lines().collect::<Vec<_>>(), ["700", "600", "600", "600", "600"]);

    let web = node.container("full", "web").unwrap();
    let limits = "{{.HostConfig.Memory}} {{.HostConfig.CpuShares}} {{.HostConfig.CpuQuota}} {{.HostConfig.NanoCpus}}";
    let limits = node.docker(&["inspect", "-f", limits, &web.id]);
    assert!(limits.starts_with(&format!("{} 256 ", 128 << 20)) && limits.contains("50000"), "{limits}");
    let conditions = pod["status"]["conditions"].as_array().unwrap();
    let is_true = |kind: &str| {
        conditions.iter().any(|c| c["type"] == kind && c["status"] == "True" && c["lastTransitionTime"].is_string())
    };
    for kind in ["PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"] {
        assert!(is_true(kind), "{kind}: {conditions:?}");
    }
    let inits = pod["status"]["initContainerStatuses"].as_array().unwrap();
    assert!(inits.iter().all(|c| c["ready"] == true && c["state"]["terminated"]["reason"] == "Completed"), "{inits:?}");
}

const ENDS: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: polite}
spec:
  containers:
    - {name: c, image: "busybox:1.36", command: [sh, -c, "trap 'echo bye; exit' TERM; while :; do sleep 1 & wait; done"]}
---
apiVersion: v1
kind: Pod
metadata: {name: deaf}
spec:
  terminationGracePeriodSeconds: 3
  containers: [{name: c, image: "busybox:1.36", command: [sh, -c, "trap '' TERM; while :; do sleep 1; done"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: deaf.c}
spec:
  terminationGracePeriodSeconds: 0
  securityContext: {runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000}
  containers:
    - name: c
      image: busybox:1.36
      command: [sleep, "3600"]
      securityContext: {readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
"#;

#[test]
fn a_pod_has_its_grace_to_end_and_not_a_second_more_than_it_needs() {
    let node = Node::up("ends");
    node.apply(ENDS);
    let names: Vec<_> = node.containers().into_iter().map(|c| c.name).collect();
    let expected = [
        "",
        ".default.deaf",
        ".default.deaf.c",
        ".default.deaf_c",
        ".default.deaf_c.c",
        ".default.polite",
        ".default.polite.c",
    ];
    assert_eq!(names, expected.map(|n| format!("{}{n}", node.name)), "a pod's dots are not those between parts");

    let id = node.wharf(&["exec", "deaf.c", "--", "id"]).ok();
    assert!(id.contains("uid=1000") && id.contains("gid=3000") && id.contains("2000"), "{id}");
    assert_ne!(node.wharf(&["exec", "deaf.c", "--", "touch", "/x"]).code, 0, "its root is read-only");
    let rights = node.wharf(&["exec", "deaf.c", "--", "grep", "-E", "CapBnd|NoNewPrivs", "/proc/self/status"]).ok();
    assert!(rights.contains("0000000000000000") && rights.contains("NoNewPrivs:\t1"), "{rights}");

    assert_eq!(node.wharf(&["exec", "polite", "--", "sh", "-c", "exit 42"]).code, 42);
    let echoed = node.wharf_with(&["exec", "-i", "polite", "--", "tr", "a-z", "A-Z"], "standard input\n");
    assert_eq!(echoed.ok(), "STANDARD INPUT\n");
    let terminal = node.wharf(&["exec", "-t", "polite", "--", "tty"]);
    assert!(terminal.out.contains("/dev/pts/"), "{terminal}");

    let began = Instant::now();
    node.wharf(&["delete", "pod", "polite"]).ok();
    assert!(began.elapsed() < Duration::from_secs(15), "half of its grace: {:?}", began.elapsed());
    let began = Instant::now();
    node.wharf(&["delete", "pod", "deaf"]).ok();
    assert!(began.elapsed() >= Duration::from_secs(3), "{:?}", began.elapsed());
    node.wharf(&["delete", "pod", "deaf.c"]).ok();
    assert_eq!(node.containers().len(), 1, "only the node itself is left");
}

const LIVES: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: crash, labels: {said: "yes"}}
spec:
  containers: [{name: c, image: "busybox:1.36", command: [sh, -c, "echo this is the end; exit 7"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: done, labels: {said: "yes"}}
spec:
  restartPolicy: OnFailure
  containers: [{name: c, image: "busybox:1.36", command: [sh, -c, "echo all done"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: failed}
spec:
  restartPolicy: Never
  containers: [{name: c, image: "busybox:1.36", command: [sh, -c, "echo no; exit 3"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: sick}
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: c
      image: busybox:1.36
      command: [sh, -c, "date; touch /tmp/alive /tmp/ready; exec sleep 3600"]
      livenessProbe: {exec: {command: [cat, /tmp/alive]}, periodSeconds: 1, failureThreshold: 2}
      readinessProbe: {exec: {command: [cat, /tmp/ready]}, periodSeconds: 1, failureThreshold: 1}
"#;

#[test]
fn containers_start_again_as_their_policy_and_their_probes_say() {
    let node = Node::up("lives");
    node.wharf_with(&["apply", "-f", "-", "--wait=false"], LIVES).ok();
    let status = |pod: &str| node.get(&format!("pod {pod}"))["status"].clone();
    let container = |pod: &str| status(pod)["containerStatuses"][0].clone();
    let phase = |pod: &str, wanted: &str| (status(pod)["phase"] == wanted).then_some(());
    eventually("one succeeds", SOON, || phase("done", "Succeeded"));
    eventually("one fails for good", SOON, || phase("failed", "Failed"));
    let end = &container("failed")["state"]["terminated"];
    assert_eq!((&end["exitCode"], &end["reason"]), (&3.into(), &"Error".into()));

    let backs_off = |wait: &str| {
        let waiting = container("crash")["state"]["waiting"].clone();
        let said = waiting["message"].as_str().unwrap_or_default().starts_with(&format!("back-off {wait} "));
        (waiting["reason"] == "CrashLoopBackOff" && said).then_some(())
    };
    eventually("the first wait", SOON, || backs_off("10s"));
    eventually("a longer wait", LATER, || backs_off("20s"));
    assert_eq!(node.wharf(&["logs", "crash", "--previous"]).ok(), "this is the end\n");
    let said = node.wharf(&["logs", "-l", "said=yes"]).ok();
    assert!(said.contains("this is the end") && said.contains("all done"), "{said}");
    assert_eq!(container("done")["restartCount"], 0);

    let is_ready = |wanted: bool| (container("sick")["ready"] == wanted).then_some(());
    eventually("ready", SOON, || is_ready(true));
    node.wharf(&["exec", "sick", "--", "rm", "/tmp/ready"]).ok();
    eventually("not ready", SOON, || is_ready(false));
    assert_eq!(container("sick")["restartCount"], 0, "readiness restarts nothing");
    let first = node.wharf(&["logs", "sick"]).ok();
    node.wharf(&["exec", "sick", "--", "rm", "/tmp/alive"]).ok();
    eventually("restarted and ready", SOON, || {
        let now = container("sick");
        (now["restartCount"] == 1 && now["ready"] == true).then_some(())
    });
    assert_eq!(node.wharf(&["logs", "sick", "--previous"]).ok(), first);
    stays("well again", Duration::from_secs(4), || container("sick")["restartCount"] == 1);
}
