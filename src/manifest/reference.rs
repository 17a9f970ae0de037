//! Which other objects an object names.

use serde_json::Value;

use super::parse::Source;
use crate::api::object::meta;
use crate::api::{Key, Kind};

/// A field that names another object.
#[derive(Debug, PartialEq, Eq)]
pub struct Reference {
    /// The field.
    pub path: String,
    /// The object that it names.
    pub key: Key,
}

/// All objects that must be there for this one to run; optional references are left out.
pub fn of(source: &Source) -> Vec<Reference> {
    let mut found = Found { namespace: meta(&source.value, "namespace"), references: Vec::new() };
    if let Some((path, spec)) = pod_spec(source) {
        found.pod(&path, spec);
    }
    let spec = &source.value["spec"];
    match source.kind.kind {
        "Ingress" => found.ingress(spec),
        "PersistentVolumeClaim" => {
            found.add("v1", "PersistentVolume", "spec.volumeName", &spec["volumeName"]);
            if spec["volumeName"].is_null() {
                found.add("storage.k8s.io/v1", "StorageClass", "spec.storageClassName", &spec["storageClassName"]);
            }
        }
        "HorizontalPodAutoscaler" => {
            let target = &spec["scaleTargetRef"];
            let text = |field: &str| target[field].as_str().unwrap_or_default();
            found.add(text("apiVersion"), text("kind"), "spec.scaleTargetRef.name", &target["name"]);
        }
        "StatefulSet" => {
            found.add("v1", "Service", "spec.serviceName", &spec["serviceName"]);
            for (path, claim) in items("spec.volumeClaimTemplates", &spec["volumeClaimTemplates"]) {
                let class = &claim["spec"]["storageClassName"];
                found.add("storage.k8s.io/v1", "StorageClass", &format!("{path}.spec.storageClassName"), class);
            }
        }
        _ => {}
    }
    found.references
}

/// The pod that an object is or makes: its path and spec.
fn pod_spec(source: &Source) -> Option<(String, &Value)> {
    if source.kind.kind == "Pod" {
        return Some(("spec".to_owned(), &source.value["spec"]));
    }
    let (path, owner) = owner(source);
    let spec = &owner["spec"]["template"]["spec"];
    spec.is_object().then(|| (format!("{path}spec.template.spec"), spec))
}

/// What has the template of pods: an object itself, or the Job that it makes; and the path to it.
fn owner(source: &Source) -> (&'static str, &Value) {
    if source.kind.kind == "CronJob" {
        ("spec.jobTemplate.", &source.value["spec"]["jobTemplate"])
    } else {
        ("", &source.value)
    }
}

/// The labels of the pod that an object is or makes.
pub fn pod_labels(source: &Source) -> Option<&Value> {
    let owner = if source.kind.kind == "Pod" { &source.value } else { &owner(source).1["spec"]["template"] };
    pod_spec(source).map(|_| &owner["metadata"]["labels"])
}

/// The items of a list with their paths; none if there is no list.
fn items<'a>(path: &str, list: &'a Value) -> impl Iterator<Item = (String, &'a Value)> {
    list.as_array().into_iter().flatten().enumerate().map(move |(index, item)| (format!("{path}[{index}]"), item))
}

struct Found<'a> {
    namespace: &'a str,
    references: Vec<Reference>,
}

impl Found<'_> {
    fn add(&mut self, api_version: &str, kind: &str, path: &str, name: &Value) {
        let name = name.as_str().filter(|name| !name.is_empty());
        if let (Some(kind), Some(name)) = (Kind::find(api_version, kind), name) {
            self.references.push(Reference { path: path.to_owned(), key: Key::new(kind, self.namespace, name) });
        }
    }

    /// A reference in an object that may say `optional: true`.
    fn add_needed(&mut self, kind: &str, path: &str, reference: &Value, field: &str) {
        if reference["optional"] != true {
            self.add("v1", kind, &format!("{path}.{field}"), &reference[field]);
        }
    }

    fn pod(&mut self, path: &str, spec: &Value) {
        for (group, kind, field) in [
            ("scheduling.k8s.io/v1", "PriorityClass", "priorityClassName"),
            ("node.k8s.io/v1", "RuntimeClass", "runtimeClassName"),
        ] {
            self.add(group, kind, &format!("{path}.{field}"), &spec[field]);
        }
        for list in ["initContainers", "containers"] {
            for (path, container) in items(&format!("{path}.{list}"), &spec[list]) {
                self.container(&path, container);
            }
        }
        for (path, volume) in items(&format!("{path}.volumes"), &spec["volumes"]) {
            let claim = &volume["persistentVolumeClaim"];
            self.add_needed("ConfigMap", &format!("{path}.configMap"), &volume["configMap"], "name");
            self.add_needed("Secret", &format!("{path}.secret"), &volume["secret"], "secretName");
            self.add_needed("PersistentVolumeClaim", &format!("{path}.persistentVolumeClaim"), claim, "claimName");
        }
    }

    fn container(&mut self, path: &str, container: &Value) {
        for (path, env) in items(&format!("{path}.env"), &container["env"]) {
            for (kind, field) in [("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")] {
                self.add_needed(kind, &format!("{path}.valueFrom.{field}"), &env["valueFrom"][field], "name");
            }
        }
        for (path, source) in items(&format!("{path}.envFrom"), &container["envFrom"]) {
            for (kind, field) in [("ConfigMap", "configMapRef"), ("Secret", "secretRef")] {
                self.add_needed(kind, &format!("{path}.{field}"), &source[field], "name");
            }
        }
    }

    fn ingress(&mut self, spec: &Value) {
        const GROUP: &str = "networking.k8s.io/v1";
        self.add(GROUP, "IngressClass", "spec.ingressClassName", &spec["ingressClassName"]);
        self.backend("spec.defaultBackend", &spec["defaultBackend"]);
        for (path, rule) in items("spec.rules", &spec["rules"]) {
            for (path, route) in items(&format!("{path}.http.paths"), &rule["http"]["paths"]) {
                self.backend(&format!("{path}.backend"), &route["backend"]);
            }
        }
        for (path, tls) in items("spec.tls", &spec["tls"]) {
            self.add("v1", "Secret", &format!("{path}.secretName"), &tls["secretName"]);
        }
    }

    fn backend(&mut self, path: &str, backend: &Value) {
        self.add("v1", "Service", &format!("{path}.service.name"), &backend["service"]["name"]);
    }
}
