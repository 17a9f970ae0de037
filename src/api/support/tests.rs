//! The table fits the types, and decides as it says.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::row::{Rule, TABLES, find, rows};
use crate::api::{KINDS, Kind, Schema};

/// All structs of all kinds, and those that are reached through fields that are honoured.
fn structs(
    schema: &Schema,
    honoured: bool,
    all: &mut BTreeMap<&'static str, BTreeSet<&'static str>>,
    reached: &mut BTreeSet<&'static str>,
) {
    match schema {
        Schema::List(item) | Schema::Map(item) => structs(item, honoured, all, reached),
        Schema::Struct { name, fields } => {
            all.insert(name, fields.keys().copied().collect());
            if honoured {
                reached.insert(name);
            }
            for (field, schema) in fields {
                let honoured = honoured && find(name, field).rule == Rule::Honoured;
                structs(schema, honoured, all, reached);
            }
        }
        _ => {}
    }
}

#[test]
fn the_table_fits_the_types() {
    let (mut all, mut reached) = (BTreeMap::new(), BTreeSet::new());
    for kind in KINDS {
        structs((kind.schema)(), true, &mut all, &mut reached);
    }
    for (name, table_rows) in TABLES.iter().copied().flatten() {
        let fields = all.get(name).unwrap_or_else(|| panic!("no type is named {name}"));
        for field in table_rows.iter().flat_map(|row| row.fields).filter(|field| **field != "*") {
            assert!(fields.contains(field), "{name} has no field {field}");
        }
        assert!(reached.contains(name), "{name} is listed, but no honoured field leads to it");
    }
    let unlisted = reached.iter().filter(|name| rows(name).is_none()).collect::<Vec<_>>();
    assert!(unlisted.is_empty(), "honoured fields lead to {unlisted:?}, of which nothing is honoured");
}

#[test]
fn every_unsupported_field_is_named() {
    let object = json!({
        "metadata": { "name": "a", "uid": "x", "creationTimestamp": null },
        "spec": {
            "hostUsers": false, "hostPID": false, "resources": {}, "imagePullSecrets": [],
            "affinity": { "podAffinity": { "preferredDuringSchedulingIgnoredDuringExecution": [{}] } },
            "serviceAccountName": "default",
            "securityContext": { "seccompProfile": { "type": "RuntimeDefault" }, "fsGroup": 1 },
            "containers": [{
                "name": "a", "lifecycle": {"preStop": {}}, "ports": [{ "containerPort": 1, "protocol": "SCTP" }],
                "resources": { "limits": { "cpu": 1, "nvidia.com/gpu": 1 } },
                "securityContext": { "windowsOptions": {} },
            }],
            "volumes": [
                { "name": "a", "emptyDir": { "medium": "Memory", "sizeLimit": "1Mi" } },
                { "name": "b", "emptyDir": { "medium": "HugePages" } },
                { "name": "c", "projected": { "sources": [{ "podCertificate": {} }] } },
                { "name": "d", "iscsi": {} },
            ],
        },
        "status": {},
    });
    insta::assert_snapshot!(text("v1", "Pod", &object), @r#"
    warning metadata.uid: has no effect: the node sets it itself
    warning spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution: has no effect: there is one node
    error spec.containers[0].ports[0].protocol: "SCTP" is not honoured yet
    error spec.containers[0].resources.limits[nvidia.com/gpu]: "nvidia.com/gpu" is not honoured: Docker limits cpu and memory
    error spec.containers[0].securityContext.windowsOptions: is not honoured: containers run on Linux
    error spec.hostUsers: "false" is not honoured: Docker maps users for all containers of an engine or for none
    error spec.resources: is not honoured: Docker limits containers, not groups of them: limit the containers
    error spec.volumes[1].emptyDir.medium: "HugePages" is not honoured: the Docker host's huge pages are not shared out
    error spec.volumes[2].projected.sources[0].podCertificate: is not honoured: the node signs no certificates of pods
    error spec.volumes[3].iscsi: is not honoured: it is a cloud's or a storage system's own; make a PersistentVolume or a StorageClass of Docker volumes
    "#);
}

#[test]
fn snippets_are_refused_and_other_nginx_annotations_warned_about() {
    let annotations = json!({
        "nginx.ingress.kubernetes.io/server-snippet": "x", "nginx.ingress.kubernetes.io/rewrite-target": "/", "team": "a",
    });
    insta::assert_snapshot!(text("networking.k8s.io/v1", "Ingress", &json!({ "metadata": { "annotations": annotations } })), @"
    warning metadata.annotations[nginx.ingress.kubernetes.io/rewrite-target]: has no effect yet
    error metadata.annotations[nginx.ingress.kubernetes.io/server-snippet]: is not honoured: raw nginx configuration would reach every site of the node
    ");
}

#[test]
fn a_fine_item_of_a_list_stays_unnamed() {
    let object = json!({ "spec": { "ipFamilies": ["IPv4", "IPv6"], "sessionAffinity": "ClientIP", "externalTrafficPolicy": "Local" } });
    insta::assert_snapshot!(text("v1", "Service", &object), @r#"
    warning spec.externalTrafficPolicy: "Local" has no effect: the one node has all endpoints
    error spec.ipFamilies[1]: "IPv6" is not honoured: service addresses are IPv4
    error spec.sessionAffinity: "ClientIP" is not honoured yet
    "#);
}

fn text(api_version: &str, kind: &str, object: &Value) -> String {
    let kind = Kind::find(api_version, kind).unwrap();
    let line =
        |u: super::Unsupported| format!("{} {}: {}", if u.refused { "error" } else { "warning" }, u.path, u.message);
    super::check(kind, object).into_iter().map(line).collect::<Vec<_>>().join("\n")
}
