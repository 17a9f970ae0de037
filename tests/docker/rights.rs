//! What pods share with their host and with each other, and what their containers may do, looked at from inside.

use crate::harness::{Node, SOON, eventually, get};

const IDLE: &str = r#"command: [sh, -c, "trap exit TERM; while :; do sleep 1 & wait; done"]"#;

#[test]
fn pods_share_the_hosts_namespaces_where_they_ask_for_them() {
    let node = Node::up("shares");
    let port = node.port();
    node.apply(&format!(
        r#"apiVersion: v1
kind: Pod
metadata: {{name: hosted, labels: {{app: hosted}}}}
spec:
  hostNetwork: true
  dnsPolicy: ClusterFirstWithHostNet
  hostAliases: [{{ip: 10.9.8.7, hostnames: [far.example.org]}}]
  terminationGracePeriodSeconds: 0
  containers:
    - name: c
      image: busybox:1.36
      command: [sh, -c, "mkdir /www; echo from the host >/www/index.html; exec httpd -f -p {port} -h /www"]
      ports: [{{name: http, containerPort: {port}}}]
---
apiVersion: v1
kind: Service
metadata: {{name: hosted}}
spec: {{selector: {{app: hosted}}, ports: [{{port: 80, targetPort: http}}]}}
---
apiVersion: v1
kind: Pod
metadata: {{name: watcher}}
spec:
  hostPID: true
  hostIPC: true
  terminationGracePeriodSeconds: 0
  containers: [{{name: c, image: "busybox:1.36", {IDLE}}}]
---
apiVersion: v1
kind: Pod
metadata: {{name: together}}
spec:
  shareProcessNamespace: true
  terminationGracePeriodSeconds: 0
  containers:
    - {{name: a, image: "busybox:1.36", {IDLE}}}
    - {{name: b, image: "busybox:1.36", {IDLE}}}
"#
    ));
    let run = |pod: &str, command: &str| node.wharf(&["exec", pod, "--", "sh", "-c", command]).ok();
    let pod = node.get("pod hosted");
    assert_eq!(pod["status"]["podIP"], pod["status"]["hostIP"]);
    assert_eq!(get(&format!("localhost:{port}"), "x", "/").unwrap().body, "from the host\n");
    // Names of the cluster, and through one a Service that leads back to the host.
    let asked = || {
        (node.wharf(&["exec", "hosted", "--", "wget", "-qO-", "http://hosted.default"]).out == "from the host\n")
            .then_some(())
    };
    eventually("the service leads to the host", SOON, asked);
    let hosts = run("hosted", "cat /etc/hosts");
    let of_host = std::fs::read_to_string("/etc/hosts").unwrap();
    assert!(hosts.contains("10.9.8.7 far.example.org") && of_host.lines().all(|l| hosts.contains(l)), "{hosts}");
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    assert_eq!(run("hosted", "hostname"), name);

    let namespace = |pod: &str, sort: &str| run(pod, &format!("readlink /proc/self/ns/{sort}")).trim().to_owned();
    for sort in ["pid", "ipc"] {
        let own = std::fs::read_link(format!("/proc/self/ns/{sort}")).unwrap();
        assert_eq!(namespace("watcher", sort), own.to_string_lossy(), "{sort}");
        assert_ne!(namespace("hosted", sort), own.to_string_lossy(), "{sort}");
    }
    let processes = node.wharf(&["exec", "together", "-c", "a", "--", "ps"]).ok();
    assert!(processes.contains("pause") && processes.matches("sleep 1 & wait").count() >= 2, "{processes}");
}

const NAMED: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: web-0}
spec:
  hostname: web-0
  subdomain: web
  terminationGracePeriodSeconds: 0
  containers: [{name: c, image: "busybox:1.36", command: [sh, -c, "trap exit TERM; sleep 3600 & wait"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: web-1}
spec:
  subdomain: web
  setHostnameAsFQDN: true
  terminationGracePeriodSeconds: 0
  securityContext:
    sysctls: [{name: net.ipv4.ip_unprivileged_port_start, value: "81"}]
  containers: [{name: c, image: "busybox:1.36", command: [sh, -c, "trap exit TERM; sleep 3600 & wait"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: other}
spec:
  hostnameOverride: other.example.org
  dnsPolicy: Default
  dnsConfig: {nameservers: [192.0.2.1], searches: [example.org], options: [{name: edns0}]}
  terminationGracePeriodSeconds: 0
  containers: [{name: c, image: "busybox:1.36", command: [sh, -c, "trap exit TERM; sleep 3600 & wait"]}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: None, selector: {app: web}}
"#;

#[test]
fn host_names_resolvers_and_kernel_parameters_are_as_declared() {
    let node = Node::up("names");
    node.apply(NAMED);
    let run = |pod: &str, command: &str| node.wharf(&["exec", pod, "--", "sh", "-c", command]).ok();
    assert_eq!(run("web-0", "hostname; hostname -f"), "web-0\nweb-0.web.default.svc.cluster.local\n");
    assert_eq!(run("web-1", "hostname"), "web-1.web.default.svc.cluster.local\n");
    assert_eq!(run("web-1", "cat /proc/sys/net/ipv4/ip_unprivileged_port_start"), "81\n");
    assert_eq!(run("other", "hostname"), "other.example.org\n");
    let resolver = run("other", "cat /etc/resolv.conf");
    assert!(
        resolver.lines().filter(|l| l.starts_with("nameserver ")).count() >= 2,
        "the host's and its own: {resolver}"
    );
    assert!(resolver.contains("192.0.2.1") && resolver.contains("edns0"), "{resolver}");

    let unsafe_one = NAMED.split("---\n").nth(1).unwrap().replace("web-1", "greedy");
    let unsafe_one = unsafe_one.replace("net.ipv4.ip_unprivileged_port_start", "net.core.somaxconn");
    node.wharf_with(&["apply", "-f", "-", "--wait=false"], &unsafe_one).ok();
    let told = || {
        let events = node.list("events").into_iter().filter(|e| e["reason"] == "SysctlForbidden");
        events.map(|e| e["message"].as_str().unwrap_or_default().to_owned()).next()
    };
    let why = eventually("the unsafe one is refused", SOON, told);
    assert_eq!(why, "forbidden sysctl: \"net.core.somaxconn\" not allowlisted");
    node.wharf(&["up", "--allowed-unsafe-sysctls", "net.core.*"]).ok();
    let running = || (node.get("pod greedy")["status"]["phase"] == "Running").then_some(());
    eventually("and set once the node allows it", SOON, running);
    assert_eq!(run("greedy", "cat /proc/sys/net/core/somaxconn"), "81\n");
}

const RIGHTS: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: tight}
spec:
  terminationGracePeriodSeconds: 0
  securityContext: {runAsUser: 1000, runAsGroup: 3000, supplementalGroups: [2000], supplementalGroupsPolicy: Strict, runAsNonRoot: true}
  containers:
    - name: c
      image: busybox:1.36
      command: [sleep, "3600"]
      securityContext:
        allowPrivilegeEscalation: false
        capabilities: {drop: [ALL]}
        seccompProfile: {type: Localhost, localhostProfile: no-mkdir.json}
---
apiVersion: v1
kind: Pod
metadata: {name: loose}
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: c
      image: busybox:1.36
      command: [sleep, "3600"]
      securityContext: {procMount: Unmasked, seccompProfile: {type: Unconfined}, capabilities: {add: [NET_ADMIN]}}
---
apiVersion: v1
kind: Pod
metadata: {name: rooted}
spec:
  terminationGracePeriodSeconds: 0
  securityContext: {runAsNonRoot: true}
  containers: [{name: c, image: "busybox:1.36", command: [sleep, "3600"]}]
---
apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: box}
handler: no-such-runtime
---
apiVersion: v1
kind: Pod
metadata: {name: boxed}
spec:
  runtimeClassName: box
  containers: [{name: c, image: "busybox:1.36", command: [sleep, "3600"]}]
"#;

#[test]
fn containers_may_do_what_they_are_allowed_and_no_more() {
    let node = Node::up("rights");
    node.wharf_with(&["apply", "-f", "-", "--wait=false"], RIGHTS).ok();
    let waiting =
        |pod: &str| node.get(&format!("pod {pod}"))["status"]["containerStatuses"][0]["state"]["waiting"].clone();
    let waits = |pod: &str, reason: &str| {
        let found = || Some(waiting(pod)).filter(|w| w["reason"] == reason);
        eventually(reason, SOON, found)["message"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(waits("rooted", "CreateContainerConfigError"), "container has runAsNonRoot and image will run as root");
    let why = waits("tight", "CreateContainerError");
    assert!(why.contains("cannot load seccomp profile \"/var/lib/wharf/seccomp/no-mkdir.json\""), "{why}");
    let told = || node.list("events").into_iter().find(|e| e["reason"] == "FailedCreatePodSandBox");
    let why = eventually("no such runtime", SOON, told)["message"].as_str().unwrap_or_default().to_owned();
    assert!(why.starts_with("no runtime for \"no-such-runtime\" is configured: the Docker engine has "), "{why}");

    // The profile comes in as any file does.
    let folder = std::env::temp_dir().join(format!("{}-seccomp/seccomp", node.name));
    std::fs::create_dir_all(&folder).unwrap();
    let forbids = r#"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}"#;
    std::fs::write(folder.join("no-mkdir.json"), forbids).unwrap();
    node.docker(&["cp", folder.to_str().unwrap(), &format!("{}:/var/lib/wharf/", node.name)]);
    std::fs::remove_dir_all(folder.parent().unwrap()).unwrap();
    for pod in ["tight", "loose"] {
        let running = || (node.get(&format!("pod {pod}"))["status"]["phase"] == "Running").then_some(());
        eventually("it runs", crate::harness::LATER, running);
    }
    let run = |pod: &str, command: &str| node.wharf(&["exec", pod, "--", "sh", "-c", command]);
    assert_eq!(run("tight", "id -u; id -g; id -G").ok(), "1000\n3000\n3000 2000\n");
    let status = run("tight", "cat /proc/self/status").ok();
    for line in ["CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"] {
        assert!(status.contains(line), "{status}");
    }
    assert_ne!(run("tight", "mkdir /tmp/x").code, 0, "the profile forbids it");
    let status = run("loose", "cat /proc/self/status").ok();
    assert!(status.contains("Seccomp:\t0"), "{status}");
    let bounds = status.lines().find_map(|l| l.strip_prefix("CapBnd:\t")).unwrap();
    assert_ne!(u64::from_str_radix(bounds, 16).unwrap() & (1 << 12), 0, "NET_ADMIN: {bounds}");
    assert_eq!(run("loose", "grep -c ' /proc/' /proc/mounts").out, "0\n", "nothing of /proc is covered");
}
