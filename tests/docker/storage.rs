//! Storage of pods: whose it is, how much of it there may be, and where on the host or in a claim it is.

use crate::harness::{LATER, Node, SOON, eventually};

/// A pod of one container `a` that sleeps, with these mounts and volumes; `spec` is more of the pod, one field to a line.
fn pod(name: &str, spec: &str, mounts: &str, volumes: &str) -> String {
    let spec = spec.lines().map(|line| format!("  {line}\n")).collect::<Vec<_>>().concat();
    format!(
        "apiVersion: v1
kind: Pod
metadata: {{name: {name}}}
spec:
  terminationGracePeriodSeconds: 0
{spec}  containers:
    - {{name: a, image: \"busybox:1.36\", command: [sleep, \"3600\"], volumeMounts: [{mounts}]}}
  volumes: [{volumes}]
"
    )
}

fn claim(name: &str, more: &str) -> String {
    format!(
        "apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: {name}}}
spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}{more}}}
"
    )
}

fn sh(node: &Node, pod: &str, command: &str) -> String {
    node.wharf(&["exec", pod, "--", "sh", "-c", command]).ok()
}

/// The message of the newest event of this reason.
fn told(node: &Node, reason: &str) -> Option<String> {
    let events = node.list("events");
    let found = events.iter().rev().find(|e| e["reason"] == reason)?;
    Some(found["message"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_program_that_is_not_root_writes_what_is_its_groups() {
    let node = Node::up("group");
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData: {password: x}\n";
    let mounts = "{name: disk, mountPath: /disk}, {name: memory, mountPath: /memory}, {name: data, mountPath: /data}, \
                  {name: key, mountPath: /key}";
    let volumes = "{name: disk, emptyDir: {}}, {name: memory, emptyDir: {medium: Memory}}, \
                   {name: data, persistentVolumeClaim: {claimName: data}}, {name: key, secret: {secretName: key, defaultMode: 0400}}";
    let of = |name: &str, user: u32, group: u32, policy: &str| {
        let context =
            format!("securityContext: {{runAsUser: {user}, fsGroup: {group}, fsGroupChangePolicy: {policy}}}");
        pod(name, &context, mounts, volumes)
    };
    node.apply(&[secret.to_owned(), claim("data", ""), of("first", 1000, 2000, "Always")].join("---\n"));
    assert_eq!(sh(&node, "first", "cat /key/password; stat -Lc ' %g %a' /key/password"), "x 2000 440\n");
    for volume in ["disk", "memory", "data"] {
        let done = sh(
            &node,
            "first",
            &format!("mkdir /{volume}/dir; echo 1 >/{volume}/dir/file; stat -c '%u %g' /{volume}/dir/file"),
        );
        assert_eq!(done, "1000 2000\n", "{volume}: directories hand their group on");
    }
    // The next pod is of another group, and of another user who could not write these files.
    sh(&node, "first", "chmod 0600 /data/dir/file");
    node.wharf(&["delete", "pod", "first"]).ok();
    node.apply(&of("second", 1001, 3000, "Always"));
    let second = "echo 2 >>/data/dir/file; cat /data/dir/file; stat -c '%u %g %a' /data/dir/file /data";
    assert_eq!(sh(&node, "second", second), "1\n2\n1000 3000 660\n0 3000 2775\n");
    sh(&node, "second", "touch /data/own; chmod 0600 /data/own");
    node.wharf(&["delete", "pod", "second"]).ok();
    node.apply(&of("third", 1001, 3000, "OnRootMismatch"));
    assert_eq!(sh(&node, "third", "stat -c %a /data/own"), "600\n", "the volume itself was right already");
    let sandbox = node.sandbox("third").unwrap();
    let rights = node.docker(&["inspect", "-f", "{{.HostConfig.CapDrop}} {{.HostConfig.CapAdd}}", &sandbox.id]);
    assert_eq!(rights.trim(), "[ALL] [CHOWN DAC_OVERRIDE FOWNER]");
}

#[test]
fn a_pod_that_outgrows_its_room_on_the_disk_is_ended() {
    let node = Node::up("limit");
    node.apply(&pod("eater", "", "{name: disk, mountPath: /disk}", "{name: disk, emptyDir: {sizeLimit: 1Mi}}"));
    sh(&node, "eater", "dd if=/dev/zero of=/disk/some bs=1k count=512 2>/dev/null");
    node.apply(&pod("frugal", "", "{name: disk, mountPath: /disk}", "{name: disk, emptyDir: {sizeLimit: 1Mi}}"));
    sh(&node, "eater", "dd if=/dev/zero of=/disk/more bs=1k count=2048 2>/dev/null");
    let status = eventually("the pod is evicted", LATER, || {
        let status = node.get("pod eater")["status"].clone();
        (status["phase"] == "Failed" && node.container("eater", "a").is_none()).then_some(status)
    });
    assert_eq!(status["reason"], "Evicted");
    assert_eq!(status["message"], "Usage of EmptyDir volume \"disk\" exceeds the limit \"1Mi\". ");
    assert_eq!(node.get("pod frugal")["status"]["phase"], "Running");
}

#[test]
fn paths_of_the_host_are_what_they_must_be() {
    let node = Node::up("paths");
    let host = std::env::temp_dir().join(&node.name);
    std::fs::create_dir_all(host.join("dir")).unwrap();
    std::fs::write(host.join("file"), "here\n").unwrap();
    let host = host.to_str().unwrap();
    let good = format!(
        "{{name: dir, hostPath: {{path: {host}/dir, type: Directory}}}}, {{name: file, hostPath: {{path: {host}/file, type: File}}}}, \
         {{name: new, hostPath: {{path: {host}/new, type: FileOrCreate}}}}, {{name: made, hostPath: {{path: {host}/made, type: DirectoryOrCreate}}}}, \
         {{name: socket, hostPath: {{path: /var/run/docker.sock, type: Socket}}}}, {{name: zero, hostPath: {{path: /dev/zero, type: CharDevice}}}}, \
         {{name: part, hostPath: {{path: {host}/dir, type: Directory}}}}"
    );
    let mounts = "{name: dir, mountPath: /dir}, {name: file, mountPath: /file}, {name: new, mountPath: /new}, {name: made, mountPath: /made}, \
                  {name: socket, mountPath: /socket}, {name: zero, mountPath: /zero}, {name: part, mountPath: /part, subPath: a/b}";
    node.apply(&pod("good", "", mounts, &good));
    let looks =
        "test -S /socket && test -c /zero && cat /file && echo new >/new && echo 1 >/part/file && cat /dir/a/b/file";
    assert_eq!(sh(&node, "good", looks), "here\n1\n");
    assert_eq!(std::fs::read_to_string(format!("{host}/new")).unwrap(), "new\n");
    assert!(std::path::Path::new(&format!("{host}/made")).is_dir());

    let bad = format!("{{name: v, hostPath: {{path: {host}/file, type: Socket}}}}");
    node.wharf_with(&["apply", "-f", "-", "--timeout", "1s"], &pod("bad", "", "{name: v, mountPath: /v}", &bad));
    let message = eventually("the mount fails", SOON, || told(&node, "FailedMount"));
    let words = "MountVolume.SetUp failed for volume \"v\" : hostPath type check failed:";
    assert_eq!(message, format!("{words} {host}/file is not a socket file"));
    assert_eq!(node.get("pod bad")["status"]["phase"], "Pending");
    std::fs::remove_dir_all(host).unwrap();
}

#[test]
fn a_path_of_the_host_that_is_not_there_is_waited_for() {
    let node = Node::up("absent");
    let host = std::env::temp_dir().join(&node.name);
    let volume = format!("{{name: v, hostPath: {{path: {}, type: Directory}}}}", host.display());
    let manifest = pod("late", "", "{name: v, mountPath: /v}", &volume);
    node.wharf_with(&["apply", "-f", "-", "--timeout", "1s"], &manifest);
    let message = eventually("the mount fails", SOON, || told(&node, "FailedMount"));
    let words = "MountVolume.SetUp failed for volume \"v\" : hostPath type check failed:";
    assert_eq!(message, format!("{words} {} is not a directory", host.display()));
    std::fs::create_dir_all(&host).unwrap();
    eventually("it runs", LATER, || node.container("late", "a"));
    std::fs::remove_dir_all(&host).unwrap();
}

#[test]
fn an_ephemeral_volume_lives_with_its_pod_and_takes_no_others_claim() {
    let node = Node::up("ephemeral");
    let template = "{spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}";
    let volume = format!("{{name: scratch, ephemeral: {{volumeClaimTemplate: {template}}}}}");
    node.apply(&pod("own", "", "{name: scratch, mountPath: /scratch}", &volume));
    sh(&node, "own", "echo 1 >/scratch/file");
    let claim_of = node.get("pvc own-scratch");
    assert_eq!(claim_of["metadata"]["ownerReferences"][0]["name"], "own");
    let of_claims = || node.labelled("volume").into_iter().filter(|v| v.contains("own-scratch")).count();
    assert_eq!(of_claims(), 1);
    node.wharf(&["delete", "pod", "own"]).ok();
    eventually("claim and data go with the pod", SOON, || {
        (node.list("pvc").is_empty() && of_claims() == 0).then_some(())
    });

    node.apply(&claim("other-scratch", ""));
    let other = pod("other", "", "{name: scratch, mountPath: /scratch}", &volume);
    node.wharf_with(&["apply", "-f", "-", "--timeout", "1s"], &other);
    let message = eventually("it is refused", SOON, || told(&node, "FailedMount"));
    let words = "PVC default/other-scratch was not created for pod default/other (pod is not owner)";
    assert!(message.contains(words), "{message}");
}

#[test]
fn an_export_of_a_server_is_a_docker_volume_with_its_options() {
    let node = Node::up("nfs");
    let volume = "{name: far, nfs: {server: 127.0.0.1, path: /not/there, readOnly: true}}";
    node.wharf_with(&["apply", "-f", "-", "--timeout", "1s"], &pod("far", "", "{name: far, mountPath: /far}", volume));
    let name =
        eventually("the volume is made", SOON, || node.labelled("volume").into_iter().find(|v| v.contains(".nfs.")));
    let options = node.docker(&["volume", "inspect", "-f", "{{.Options}}", &name]);
    assert_eq!(options.trim(), "map[device::/not/there o:addr=127.0.0.1,ro type:nfs]");
    let waiting = eventually("Docker says why", LATER, || {
        let waiting = node.get("pod far")["status"]["containerStatuses"][0]["state"]["waiting"].clone();
        (waiting["reason"] == "RunContainerError").then_some(waiting)
    });
    assert!(
        waiting["message"].as_str().unwrap().contains("nfs") || waiting["message"].as_str().unwrap().contains("mount"),
        "{waiting}"
    );
}

#[test]
fn a_claim_grows_and_is_for_one_pod_at_a_time_where_it_says_so() {
    let node = Node::up("modes");
    let single = claim("data", "").replace("ReadWriteOnce", "ReadWriteOncePod");
    let volume = "{name: data, persistentVolumeClaim: {claimName: data}}";
    let user = |name: &str| pod(name, "", "{name: data, mountPath: /data}", volume);
    node.apply(&[single.clone(), user("first")].join("---\n"));
    node.wharf_with(&["apply", "-f", "-", "--timeout", "1s"], &user("second"));
    let words = "0/1 nodes are available: 1 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode.";
    eventually("the second waits", SOON, || {
        (node.get("pod second")["status"]["conditions"][0]["message"] == words).then_some(())
    });
    node.wharf(&["delete", "pod", "first"]).ok();
    eventually("it is its turn", LATER, || node.container("second", "a"));

    node.apply(&single.replace("1Gi", "2Gi"));
    eventually("it has grown", SOON, || (node.get("pvc data")["status"]["capacity"]["storage"] == "2Gi").then_some(()));
    let shrunk = node.wharf_with(&["apply", "-f", "-"], &single);
    assert!(shrunk.code != 0 && shrunk.err.contains("field can not be less than status.capacity"), "{shrunk}");
}

#[test]
fn an_image_is_mounted_as_it_is_and_its_copy_goes_with_the_last_pod() {
    let node = Node::up("image");
    let volume = "{name: tools, image: {reference: 'busybox:1.36'}}, {name: again, image: {reference: 'busybox:1.36', pullPolicy: Never}}";
    let mounts = "{name: tools, mountPath: /tools}, {name: again, mountPath: /again, subPath: bin}";
    let copies = || node.labelled("volume").into_iter().filter(|v| v.contains(".image.")).count();
    node.apply(&[pod("one", "", mounts, volume), pod("two", "", mounts, volume)].join("---\n"));
    assert_eq!(copies(), 1, "pods share it");
    assert_eq!(sh(&node, "one", "cmp /tools/bin/busybox /bin/busybox && ls /again/busybox"), "/again/busybox\n");
    let refused = node.wharf(&["exec", "one", "--", "touch", "/tools/x"]);
    assert!(refused.err.contains("Read-only file system"), "{refused}");

    let bad =
        pod("bad", "", "{name: v, mountPath: /v}", "{name: v, image: {reference: 'not/there:1', pullPolicy: Never}}");
    node.wharf_with(&["apply", "-f", "-", "--timeout", "1s"], &bad);
    eventually("it says why it waits", SOON, || {
        let waiting = node.get("pod bad")["status"]["containerStatuses"][0]["state"]["waiting"].clone();
        (waiting["reason"] == "ErrImageNeverPull").then_some(())
    });
    node.wharf(&["delete", "pod", "one", "two", "bad"]).ok();
    eventually("the copy goes too", LATER, || (copies() == 0).then_some(()));
}
