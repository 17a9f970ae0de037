//! The OpenAPI documents of the API, made from the kinds' schemas: what kubectl validates, merges and explains by. Pure.
//! <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition>

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::api::names::digest;
use crate::api::patch::{ListType, list_type};
use crate::api::{KINDS, Kind, Schema};

/// Where the documents are: one for each version of a group.
pub fn index() -> Value {
    let versions: BTreeSet<_> = KINDS.iter().map(|k| (k.group, k.version)).collect();
    let path = |(group, version): (&str, &str)| {
        let path = base(group, version);
        let document = document(group, version).unwrap_or_default().to_string();
        let url = format!("/openapi/v3{path}?hash={}", digest(document.as_bytes(), 32).to_uppercase());
        (path.trim_start_matches('/').to_owned(), json!({"serverRelativeURL": url}))
    };
    json!({"paths": versions.into_iter().map(path).collect::<Map<_, _>>()})
}

/// The document of a group's version, if it has kinds.
pub fn document(group: &str, version: &str) -> Option<Value> {
    let kinds: Vec<_> = KINDS.iter().filter(|k| k.group == group && k.version == version).collect();
    if kinds.is_empty() {
        return None;
    }
    let mut schemas = BTreeMap::new();
    let mut paths = Map::new();
    for kind in kinds {
        let root = reference((kind.schema)(), "", "", &mut schemas);
        if let Some(schema) = root["$ref"].as_str().and_then(|r| r.rsplit('/').next()).and_then(|r| schemas.get_mut(r))
        {
            schema["x-kubernetes-group-version-kind"] = json!([gvk(kind)]);
        }
        let place = if kind.namespaced { "/namespaces/{namespace}" } else { "" };
        let collection = format!("{}{place}/{}", base(group, version), kind.plural);
        let operation = |action: &str, parameters: &[&str]| operation(kind, action, parameters, &root);
        let write = ["dryRun", "fieldManager", "fieldValidation"];
        paths.insert(
            format!("{collection}/{{name}}"),
            json!({
                "get": operation("get", &[]), "put": operation("put", &write),
                "patch": operation("patch", &["dryRun", "fieldManager", "fieldValidation", "force"]),
                "delete": operation("delete", &["dryRun", "gracePeriodSeconds", "propagationPolicy"]),
            }),
        );
        let list = ["continue", "fieldSelector", "labelSelector", "limit", "resourceVersion", "watch"];
        paths.insert(collection, json!({"get": operation("list", &list), "post": operation("post", &write)}));
    }
    Some(json!({
        "openapi": "3.0.0", "info": {"title": "Kubernetes", "version": "unversioned"},
        "paths": paths, "components": {"schemas": schemas},
    }))
}

fn base(group: &str, version: &str) -> String {
    if group.is_empty() { format!("/api/{version}") } else { format!("/apis/{group}/{version}") }
}

fn gvk(kind: &Kind) -> Value {
    json!({"group": kind.group, "version": kind.version, "kind": kind.kind})
}

fn operation(kind: &Kind, action: &str, parameters: &[&str], root: &Value) -> Value {
    let parameter =
        |name: &&str| json!({"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": true}});
    let answer = json!({"description": "OK", "content": {"application/json": {"schema": root}}});
    json!({
        "x-kubernetes-action": action, "x-kubernetes-group-version-kind": gvk(kind),
        "parameters": parameters.iter().map(parameter).collect::<Vec<_>>(), "responses": {"200": answer},
    })
}

/// The schema of what stands in `field` of what stands in `parent`: a struct goes into `schemas`, and is named.
fn reference(schema: &Schema, parent: &str, field: &str, schemas: &mut BTreeMap<String, Value>) -> Value {
    let plain = |of: &str| json!({"type": of});
    match schema {
        Schema::Struct { name, fields } => {
            let name = format!("io.k8s.{name}");
            if !schemas.contains_key(&name) {
                schemas.insert(name.clone(), Value::Null); // so that it is not begun twice
                let property =
                    |(inner, schema): (&&str, &Schema)| ((*inner).to_owned(), reference(schema, field, inner, schemas));
                let properties: Map<_, _> = fields.iter().map(property).collect();
                schemas.insert(name.clone(), json!({"type": "object", "properties": properties}));
            }
            json!({"$ref": format!("#/components/schemas/{name}")})
        }
        Schema::List(item) => {
            let mut list = json!({"type": "array", "items": reference(item, parent, field, schemas)});
            let merging = match list_type(parent, field) {
                ListType::Atomic => ("atomic", None),
                ListType::Set => ("set", Some(None)),
                ListType::Map(keys) => ("map", Some(Some(keys))),
            };
            list["x-kubernetes-list-type"] = merging.0.into();
            if let Some(keys) = merging.1 {
                list["x-kubernetes-patch-strategy"] = "merge".into();
                if let Some(keys) = keys {
                    list["x-kubernetes-list-map-keys"] = json!(keys);
                    list["x-kubernetes-patch-merge-key"] = json!(keys.first());
                }
            }
            list
        }
        Schema::Map(item) => {
            json!({"type": "object", "additionalProperties": reference(item, parent, field, schemas)})
        }
        Schema::String => plain("string"),
        Schema::Integer => plain("integer"),
        Schema::Number => plain("number"),
        Schema::Boolean => plain("boolean"),
        Schema::IntOrString => json!({"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]}),
        Schema::Quantity => json!({"oneOf": [{"type": "string"}, {"type": "number"}]}),
        Schema::Time => json!({"type": "string", "format": "date-time"}),
        Schema::Bytes => json!({"type": "string", "format": "byte"}),
        Schema::Any => json!({"type": "object"}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_can_be_found_and_every_reference_leads_somewhere() {
        for kind in KINDS {
            let document = document(kind.group, kind.version).unwrap();
            let paths = document["paths"].as_object().unwrap();
            assert!(paths.values().any(|p| p["patch"]["x-kubernetes-group-version-kind"] == gvk(kind)), "{kind:?}");
            let schemas = document["components"]["schemas"].as_object().unwrap();
            let is = |s: &&Value| s["x-kubernetes-group-version-kind"] == json!([gvk(kind)]);
            assert!(schemas.values().any(|s| is(&s)), "{kind:?}");
            for target in document.to_string().split("#/components/schemas/").skip(1) {
                let name = target.split('"').next().unwrap();
                assert!(schemas[name]["properties"].is_object(), "{kind:?}: {name}");
            }
        }
        assert!(
            index()["paths"]["apis/apps/v1"]["serverRelativeURL"]
                .as_str()
                .unwrap()
                .starts_with("/openapi/v3/apis/apps/v1?hash=")
        );
        assert_eq!(document("apps", "v9"), None);
    }

    #[test]
    fn lists_say_how_they_merge() {
        let document = document("apps", "v1").unwrap();
        let containers = &document["components"]["schemas"]["io.k8s.PodSpec"]["properties"]["containers"];
        assert_eq!(containers["x-kubernetes-patch-merge-key"], "name");
        assert_eq!(containers["items"]["$ref"], "#/components/schemas/io.k8s.Container");
        let ports = &document["components"]["schemas"]["io.k8s.Container"]["properties"]["ports"];
        assert_eq!(ports["x-kubernetes-patch-merge-key"], "containerPort");
    }
}
