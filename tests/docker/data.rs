//! Data stays where it is promised to stay, and nothing else does.

use crate::harness::workloads::{all, client};
use crate::harness::{LATER, Node, eventually};

const POSTGRES: &str = r#"apiVersion: v1
kind: Secret
metadata: {name: postgres}
stringData: {POSTGRES_PASSWORD: tide-table, POSTGRES_DB: harbour}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: postgres}
spec:
  strategy: {type: Recreate}
  selector: {matchLabels: {app: postgres}}
  template:
    metadata: {labels: {app: postgres}}
    spec:
      containers:
        - name: postgres
          image: postgres:16
          envFrom: [{secretRef: {name: postgres}}]
          ports: [{containerPort: 5432}]
          readinessProbe:
            exec: {command: [pg_isready, -h, 127.0.0.1, -U, postgres]}
            periodSeconds: 1
          volumeMounts: [{name: data, mountPath: /var/lib/postgresql/data, subPath: pgdata}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: postgres}}]
"#;

const CLAIM: &str = r#"apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: postgres}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"#;

fn sql(node: &Node, text: &str) -> String {
    let psql = "PGPASSWORD=$POSTGRES_PASSWORD exec psql -h 127.0.0.1 -U postgres -Atc \"$0\" $POSTGRES_DB";
    let command = ["exec", "deployment/postgres", "--", "sh", "-c", psql, text];
    node.wharf(&command).ok().trim().to_owned()
}

#[test]
fn data_in_a_claim_survives_deletion_of_the_app_and_of_the_node() {
    let node = Node::up("data");
    node.apply(&all(&[CLAIM, POSTGRES]));
    sql(&node, "create table ships (name text); insert into ships values ('Thetis'), ('Argo')");
    let ships = |node: &Node| sql(node, "select count(*), min(name) from ships");
    assert_eq!(ships(&node), "2|Argo");

    node.wharf_with(&["delete", "-f", "-"], POSTGRES).ok();
    assert_eq!(node.containers().len(), 1, "only the node itself is left");
    node.apply(POSTGRES);
    assert_eq!(ships(&node), "2|Argo");

    let volumes = node.labelled("volume");
    let down = node.wharf(&["down"]);
    assert_eq!(down.code, 0, "{down}");
    assert!(down.err.contains("kept, with their data"), "{down}");
    assert_eq!((node.containers(), node.labelled("network"), node.labelled("volume")), (vec![], vec![], volumes));
    node.bring_up();
    eventually("the database is back with its data", LATER, || {
        let status = &node.get("deployment postgres")["status"];
        (status["readyReplicas"] == 1 && ships(&node) == "2|Argo").then_some(())
    });
}

#[test]
fn down_keeps_data_only_where_it_is_asked_to() {
    let node = Node::up("down");
    let memory = "apiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData: {key: xyz}\n";
    let volumes = "spec:\n  volumes:\n    - {name: key, secret: {secretName: key}}\n    - {name: scratch, emptyDir: {}}\n    \
                   - {name: fast, emptyDir: {medium: Memory}}\n";
    let mounts = "      volumeMounts:\n        - {name: key, mountPath: /key}\n        - {name: scratch, mountPath: /scratch}\n        \
                  - {name: fast, mountPath: /fast}\n";
    let pod = client().replacen("spec:\n", volumes, 1) + mounts;
    node.apply(&all(&[memory, &pod]));
    assert_eq!(node.wharf(&["exec", "client", "--", "cat", "/key/key"]).ok(), "xyz");
    node.wharf(&["down"]).ok();
    assert_eq!(node.left(), [format!("{}-state", node.name)], "what is in memory is no data");
    let again = node.wharf(&["down", "--volumes"]);
    assert!(again.code == 0 && again.err.contains("1 volumes"), "{again}");
    assert_eq!(node.left(), [""; 0]);
    let nothing = node.wharf(&["down", "--volumes"]);
    assert!(nothing.code == 0, "{nothing}");
}
