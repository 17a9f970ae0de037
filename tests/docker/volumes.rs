//! Volumes of pods: what is shared, what is kept, what is updated, and what is never written to a disk.

use std::path::Path;

use crate::harness::{Container, Node, SOON, eventually};

const PODS: &str = r#"apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: blue, app.conf: "a=1"}
---
apiVersion: v1
kind: Secret
metadata: {name: key}
stringData: {password: tide-table-of-1899}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: all}
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: a
      image: busybox:1.36
      command: [sleep, "3600"]
      volumeMounts: &mounts
        - {name: disk, mountPath: /disk}
        - {name: disk, mountPath: /disk-part, subPath: x/y}
        - {name: memory, mountPath: /memory}
        - {name: memory, mountPath: /memory-part, subPath: x/y}
        - {name: data, mountPath: /data}
        - {name: data, mountPath: /data-part, subPath: x/y}
        - {name: host, mountPath: /host}
        - {name: host, mountPath: /host-part, subPath: x/y}
        - {name: settings, mountPath: /settings}
        - {name: settings, mountPath: /etc/app.conf, subPath: app.conf}
        - {name: key, mountPath: /key}
        - {name: key, mountPath: /etc/password, subPath: password}
    - {name: b, image: "busybox:1.36", command: [sleep, "3600"], volumeMounts: *mounts}
  volumes:
    - {name: disk, emptyDir: {}}
    - {name: memory, emptyDir: {medium: Memory, sizeLimit: 8Mi}}
    - {name: data, persistentVolumeClaim: {claimName: data}}
    - {name: host, hostPath: {path: HOST, type: DirectoryOrCreate}}
    - {name: settings, configMap: {name: settings}}
    - {name: key, secret: {secretName: key, defaultMode: 0400}}
"#;

fn sh(node: &Node, container: &str, command: &str) -> String {
    node.wharf(&["exec", "all", "-c", container, "--", "sh", "-c", command]).ok()
}

#[test]
fn volumes_are_shared_and_outlive_a_container_and_files_follow_their_objects() {
    let node = Node::up("volumes");
    let host = std::env::temp_dir().join(&node.name);
    let manifests = PODS.replace("HOST", host.to_str().unwrap());
    node.apply(&manifests);
    for volume in ["disk", "memory", "data", "host"] {
        sh(&node, "a", &format!("echo {volume} >/{volume}-part/file"));
        assert_eq!(sh(&node, "b", &format!("cat /{volume}/x/y/file")), format!("{volume}\n"));
    }
    assert_eq!(std::fs::read_to_string(host.join("x/y/file")).unwrap(), "host\n");
    assert_eq!(sh(&node, "a", "df -m /memory | tail -1 | awk '{print $1, $2}'"), "tmpfs 8\n");
    assert_eq!(sh(&node, "a", "cat /etc/app.conf /etc/password /settings/colour"), "a=1tide-table-of-1899blue");
    assert_eq!(sh(&node, "a", "stat -Lc %a /key/password /settings/colour"), "400\n644\n");
    let refused = node.wharf(&["exec", "all", "-c", "a", "--", "touch", "/settings/x"]);
    assert!(refused.code == 1 && refused.err.contains("Read-only file system"), "{refused}");

    node.docker(&["kill", &node.container("all", "a").unwrap().id]);
    eventually("restarted", SOON, || {
        (node.get("pod all")["status"]["containerStatuses"][0]["restartCount"] == 1).then_some(())
    });
    eventually("up", SOON, || node.container("all", "a"));
    assert_eq!(sh(&node, "a", "cat /disk/x/y/file /memory/x/y/file /data-part/file"), "disk\nmemory\ndata\n");

    let before: Vec<Container> = node.containers();
    let changed =
        manifests.replace("colour: blue", "colour: green").replace("tide-table-of-1899", "tide-table-of-1900");
    node.apply(&changed);
    eventually("the files follow", SOON, || {
        (sh(&node, "b", "cat /settings/colour /key/password") == "greentide-table-of-1900").then_some(())
    });
    assert_eq!(node.containers(), before, "no container was touched");

    in_no_disk(&node, "tide-table-of-1900");
    node.wharf(&["delete", "pod", "all"]).ok();
    eventually("nothing is left but the claim's data", SOON, || {
        let left = node.labelled("volume");
        (left.len() == 2 && left[0].starts_with(&format!("{}-default-data-", node.name))).then_some(())
    });
    assert_eq!(state(&node, "ls -A /state/pods"), "");
    std::fs::remove_dir_all(&host).unwrap();
}

/// Runs a shell command that sees the state volume.
fn state(node: &Node, command: &str) -> String {
    let volume = format!("{}-state:/state", node.name);
    node.docker(&["run", "--rm", "-v", &volume, "busybox:1.36", "sh", "-c", command])
}

/// The text is in no file of the state volume and in no label.
fn in_no_disk(node: &Node, text: &str) {
    assert_eq!(state(node, &format!("grep -rlF {text} /state || true")), "");
    let ids: Vec<String> = node.containers().into_iter().map(|c| c.id).collect();
    let args: Vec<&str> = std::iter::once("inspect").chain(ids.iter().map(String::as_str)).collect();
    assert!(!node.docker(&args).contains(text));
    for volume in node.labelled("volume") {
        assert!(!node.docker(&["volume", "inspect", &volume]).contains(text));
    }
    let memory = node.labelled("volume").into_iter().find(|v| v.contains(".default.all.key.")).unwrap();
    let options = node.docker(&["volume", "inspect", "-f", "{{.Options.type}} {{.Mountpoint}}", &memory]);
    assert_eq!(options.split(' ').next(), Some("tmpfs"));
    assert!(Path::new(options.split(' ').nth(1).unwrap()).is_absolute());
}

const CLAIM: &str = r#"apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"#;

const USER: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: all}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: a, image: "busybox:1.36", command: [sleep, "3600"], volumeMounts: [{name: data, mountPath: /data}]}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
"#;

#[test]
fn the_data_of_a_claim_go_with_it_and_never_come_to_another() {
    let node = Node::up("claims");
    let both = format!("{CLAIM}---\n{USER}");
    let of_claims = || {
        let volumes = node.labelled("volume").into_iter().filter(|v| !v.ends_with("-state"));
        volumes.collect::<Vec<_>>()
    };
    node.apply(&both);
    assert_eq!(node.get("pvc data")["spec"]["storageClassName"], "standard");
    let volume = node.get("pvc data")["spec"]["volumeName"].as_str().unwrap().to_owned();
    let first = of_claims();
    let label = node.docker(&["volume", "inspect", "-f", "{{index .Labels \"wharf.volume\"}}", &first[0]]);
    assert_eq!((first.len(), label), (1, volume));
    sh(&node, "a", "echo old >/data/file");
    node.wharf_with(&["delete", "-f", "-"], USER).ok();
    node.apply(USER);
    assert_eq!(sh(&node, "a", "cat /data/file"), "old\n", "the claim was not deleted");

    node.wharf_with(&["delete", "-f", "-"], &both).ok();
    eventually("the Docker volume is gone", SOON, || of_claims().is_empty().then_some(()));
    assert_eq!(node.list("pv").len(), 0);
    node.apply(&both);
    assert_eq!(sh(&node, "a", "ls -A /data"), "");
    assert_ne!(of_claims(), first);
}
