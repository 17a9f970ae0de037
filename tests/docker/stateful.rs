//! StatefulSets keep their names, their order and their data, whatever happens to pods, agent and engine.

use std::path::Path;

use crate::harness::workloads::{all, client};
use crate::harness::{Engine, LATER, Node, SOON, eventually};

/// `examples/postgres`: a primary and a standby that follows it.
fn postgres() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/postgres/postgres.yaml")).unwrap()
}

/// What a pod's database answers; none while it does not.
fn sql(node: &Node, pod: &str, text: &str) -> Option<String> {
    let ran = node.wharf(&["exec", pod, "--", "psql", "-U", "postgres", "-Atc", text]);
    (ran.code == 0).then(|| ran.out.trim().to_owned())
}

/// Writes a row at the primary, and insists that both pods have all rows so far.
fn written_and_read(node: &Node, rows: &mut Vec<&str>, row: &'static str) {
    eventually("the primary takes a row", LATER, || {
        sql(node, "postgres-0", &format!("insert into ships values ('{row}') on conflict do nothing"))
    });
    rows.push(row);
    let wanted = rows.join(",");
    for pod in ["postgres-0", "postgres-1"] {
        eventually(&format!("{pod} has {wanted}"), LATER, || {
            sql(node, pod, "select string_agg(name, ',' order by at) from ships").filter(|found| *found == wanted)
        });
    }
    assert_eq!(sql(node, "postgres-1", "select pg_is_in_recovery()").as_deref(), Some("t"), "it only follows");
    let refused =
        node.wharf(&["exec", "postgres-1", "--", "psql", "-U", "postgres", "-c", "insert into ships values ('x')"]);
    assert!(refused.code != 0 && refused.err.contains("read-only transaction"), "{refused}");
}

fn volumes(node: &Node) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    node.list("pvc").iter().map(|c| (text(&c["metadata"]["name"]), text(&c["spec"]["volumeName"]))).collect()
}

#[test]
fn a_replicated_database_keeps_its_rows_over_kill_apply_agent_and_engine() {
    let mut engine = Engine::start("replica");
    engine.load(&["postgres:16"]);
    let node = Node::on(&engine.host(), "replica");
    node.apply(&postgres());
    let mut rows = Vec::new();
    sql(&node, "postgres-0", "create table ships (name text primary key, at serial)").expect("the primary answers");
    written_and_read(&node, &mut rows, "Argo");
    let claims = volumes(&node);
    assert_eq!(
        claims.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["data-postgres-0", "data-postgres-1"]
    );

    let uid = |pod: &str| node.get(&format!("pod {pod}"))["metadata"]["uid"].clone();
    let before = uid("postgres-0");
    node.wharf(&["delete", "pod", "postgres-0"]).ok();
    written_and_read(&node, &mut rows, "Beagle");
    assert_ne!(uid("postgres-0"), before, "another pod has the name and the claim");
    assert_eq!(volumes(&node), claims);

    let told = node.apply(&postgres());
    assert!(told.lines().any(|line| line == "6 unchanged"), "{told}");
    written_and_read(&node, &mut rows, "Cutty");

    for pod in ["postgres-1", "postgres-0"] {
        let container = node.container(pod, "postgres").expect("it runs").id;
        node.docker(&["kill", &container]);
    }
    node.docker(&["restart", "-t", "0", &node.name]);
    written_and_read(&node, &mut rows, "Discovery");

    engine.restart();
    written_and_read(&node, &mut rows, "Endeavour");
    engine.cut_power();
    written_and_read(&node, &mut rows, "Fram");
    assert_eq!(volumes(&node), claims);
    let told = node.apply(&postgres());
    assert!(told.lines().any(|line| line == "6 unchanged"), "{told}");
}

/// A StatefulSet of web servers whose pages are their own names, each with a claim.
fn web(replicas: u32, more: &str) -> String {
    format!(
        r#"apiVersion: v1
kind: Service
metadata: {{name: web}}
spec: {{clusterIP: None, selector: {{app: web}}, ports: [{{name: http, port: 80}}]}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: web}}
spec:
  serviceName: web
  replicas: {replicas}
{more}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      terminationGracePeriodSeconds: 2
      containers:
        - name: web
          image: busybox:1.36
          command: [sh, -c, 'trap exit TERM; hostname >>/www/index.html; httpd -f -p 80 -h /www & wait']
          ports: [{{name: http, containerPort: 80}}]
          readinessProbe: {{httpGet: {{path: /, port: http}}, periodSeconds: 1}}
          volumeMounts: [{{name: www, mountPath: /www}}]
  volumeClaimTemplates:
    - metadata: {{name: www}}
      spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Mi}}}}}}
"#
    )
}

#[test]
fn each_pod_of_a_stateful_set_has_a_name_in_the_dns_and_a_volume_of_its_own() {
    let node = Node::up("stateful");
    let delete = "  persistentVolumeClaimRetentionPolicy: {whenScaled: Delete}";
    node.apply(&all(&[&web(3, delete), &client()]));
    for ordinal in 0..3 {
        let page = |name: &str| {
            eventually("the pod answers under its own name", SOON, || {
                node.get_in_pod("client", &format!("http://{name}/")).ok()
            })
        };
        assert_eq!(page(&format!("web-{ordinal}.web")), format!("web-{ordinal}\n"));
        assert_eq!(page(&format!("web-{ordinal}.web.default.svc.cluster.local")), format!("web-{ordinal}\n"));
    }
    let table = node.wharf(&["get", "sts,ds,rc,controllerrevisions"]).ok();
    assert!(table.contains("statefulset.apps/web") && table.contains("3/3"), "{table}");

    node.apply(&web(1, delete));
    eventually("the volumes of the pods that are scaled away go with them", LATER, || {
        (volumes(&node).len() == 1 && node.names("pods -l app=web") == ["web-0"]).then_some(())
    });
    node.wharf(&["delete", "pod", "web-0"]).ok();
    node.apply(&web(2, delete));
    let first = node.get_in_pod("client", "http://web-0.web/");
    assert_eq!(first.as_deref(), Ok("web-0\nweb-0\n"), "its volume is the one that it had");
    let second = eventually("the second one is back", SOON, || node.get_in_pod("client", "http://web-1.web/").ok());
    assert_eq!(second, "web-1\n", "its volume is new");

    let refused =
        node.wharf_with(&["apply", "-f", "-"], &web(2, &format!("{delete}\n  podManagementPolicy: Parallel")));
    let told = refused.fails(3);
    assert!(told.contains("updates to statefulset spec for fields other than 'replicas'"), "{told}");
    assert!(told.contains("`wharf delete statefulset/web --cascade=orphan`"), "{told}");
}

const DAEMON: &str = r#"apiVersion: apps/v1
kind: DaemonSet
metadata: {name: watch}
spec:
  selector: {matchLabels: {app: watch}}
  updateStrategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  template:
    metadata: {labels: {app: watch}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: c, image: 'busybox:1.36', command: [sh, -c, 'trap exit TERM; sleep 3600 & wait']}]
---
apiVersion: v1
kind: ReplicationController
metadata: {name: old}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: old}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: c, image: 'busybox:1.36', command: [sh, -c, 'trap exit TERM; sleep 3600 & wait']}]
"#;

#[test]
fn a_daemon_set_has_its_pod_on_the_node_and_a_replication_controller_as_many_as_asked_for() {
    let node = Node::up("daemons");
    node.apply(DAEMON);
    let (watch, old) = (node.names("pods -l app=watch"), node.names("pods -l app=old"));
    assert_eq!((watch.len(), old.len()), (1, 2));
    let columns = |what: &str| {
        let table = node.wharf(&["get", what, "--no-headers"]).ok();
        table.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(columns("ds")[..7], ["watch", "1", "1", "1", "1", "1", "<none>"]);
    assert_eq!(columns("rc")[..4], ["old", "2", "2", "2"]);
    node.apply(&DAEMON.replace("sleep 3600 & wait']}]\n---", "sleep 7200 & wait']}]\n---"));
    let after = node.names("pods -l app=watch");
    assert!(after.len() == 1 && after != watch, "{after:?}");
    assert_eq!(node.names("pods -l app=old"), old);
    assert_eq!(node.wharf(&["get", "controllerrevisions", "--no-headers"]).ok().lines().count(), 2);
}
