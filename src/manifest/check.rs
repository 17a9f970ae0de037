//! What is wrong between objects, and between them and the node: things that are named and are nowhere.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::api::networking::v1::IngressClass;
use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::api::storage::v1::StorageClass;
use serde_json::Value;

use super::parse::{Manifest, Source};
use super::{Diagnostic, reference};
use crate::api::labels::{Labels, has_all};
use crate::api::names::{DEFAULT_STORAGE_CLASS, INGRESS_CLASS, SYSTEM_NAMESPACE, SYSTEM_PRIORITIES};
use crate::api::object::meta;
use crate::api::schema::nearest;
use crate::api::{Key, Kind, View, Workload};

/// What is on the node.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The objects.
    pub keys: BTreeSet<Key>,
    /// The labels of its pods and pod templates, each with their namespace.
    pub pods: Vec<(String, Labels)>,
    /// Its workloads that no other one controls.
    pub workloads: Vec<Workload>,
}

/// Everything that the objects name and that is neither among them nor on the node. What every node has from the start
/// need not be in `node`. In the order of the files.
pub fn check(manifest: &Manifest, node: &Known) -> Vec<Diagnostic> {
    let mut known = node.clone();
    known.keys.extend(manifest.objects.iter().map(Source::key));
    known.keys.extend(from_the_start());
    known.pods.extend(manifest.objects.iter().filter_map(|object| {
        let labels = reference::pod_labels(object)?;
        Some((meta(&object.value, "namespace").to_owned(), pairs(labels)))
    }));
    let in_files = workloads(manifest);
    known.workloads.retain(|w| !in_files.iter().any(|other| other.key == w.key));
    let mut problems = Vec::new();
    let mut told = BTreeSet::new();
    for object in &manifest.objects {
        let mut found = references(object, manifest, &known);
        found.extend(namespace(object, &known, &mut told));
        found.extend(selector(object, &known));
        found.extend(overlap(object, &in_files, &known.workloads));
        found.sort_by_key(|problem| (problem.line, problem.column));
        problems.extend(found);
    }
    problems
}

fn from_the_start() -> impl Iterator<Item = Key> {
    let own = [
        Key::new(Kind::of::<Namespace>(), "", "default"),
        Key::new(Kind::of::<Namespace>(), "", SYSTEM_NAMESPACE),
        Key::new(Kind::of::<StorageClass>(), "", DEFAULT_STORAGE_CLASS),
        Key::new(Kind::of::<IngressClass>(), "", INGRESS_CLASS),
    ];
    own.into_iter().chain(SYSTEM_PRIORITIES.map(|(name, _)| Key::new(Kind::of::<PriorityClass>(), "", name)))
}

/// A namespace that is nowhere, told once.
fn namespace(object: &Source, known: &Known, told: &mut BTreeSet<String>) -> Option<Diagnostic> {
    let key = Key::new(Kind::of::<Namespace>(), "", &object.key().namespace);
    if key.name.is_empty() || known.keys.contains(&key) || !told.insert(key.name.clone()) {
        return None;
    }
    Some(missing(object.origin.error("metadata.namespace", nowhere(&key)), &key, known))
}

fn references(object: &Source, manifest: &Manifest, known: &Known) -> Vec<Diagnostic> {
    let found = reference::of(object).into_iter();
    let absent = found.filter(|r| !known.keys.contains(&r.key) && !is_class_of_volume(&r.key, manifest));
    absent.map(|r| missing(object.origin.warning(&r.path, nowhere(&r.key)), &r.key, known)).collect()
}

/// A class that volumes in the files have: claims find those volumes by it, without an object of that name.
fn is_class_of_volume(key: &Key, manifest: &Manifest) -> bool {
    let volumes = || manifest.objects.iter().filter(|object| object.kind.kind == "PersistentVolume");
    key.kind == Kind::of::<StorageClass>() && volumes().any(|v| v.value["spec"]["storageClassName"] == *key.name)
}

/// A Service that sends to no pod.
fn selector(object: &Source, known: &Known) -> Option<Diagnostic> {
    let spec = &object.value["spec"];
    if object.kind.kind != "Service" || spec["type"] == "ExternalName" {
        return None;
    }
    let (namespace, wanted) = (object.key().namespace, pairs(&spec["selector"]));
    let found = known.pods.iter().any(|(ns, labels)| *ns == namespace && has_all(Some(labels), &wanted));
    let message =
        format!("selects no pod: none in namespace {namespace}, in the files or on the node, has these labels");
    (!wanted.is_empty() && !found).then(|| object.origin.warning("spec.selector", message))
}

/// The workloads in the files, in their order.
fn workloads(manifest: &Manifest) -> Vec<Workload> {
    let of = |object: &Source| {
        let key = object.key();
        let mut view = View::default();
        view.insert(key.clone(), (key.kind.decode)(&object.value).ok()?);
        Workload::of(&view, &key)
    };
    manifest.objects.iter().filter_map(of).collect()
}

/// A workload that selects the pods of another one, or the other way round; told of the later one in the files.
fn overlap(object: &Source, in_files: &[Workload], on_node: &[Workload]) -> Option<Diagnostic> {
    let key = object.key();
    let index = in_files.iter().position(|w| w.key == key)?;
    let other = in_files[..index].iter().chain(on_node).find(|other| in_files[index].overlaps(other))?;
    let message =
        format!("overlaps with the selector of {}: the two would take each other's pods for their own", other.key);
    let hint = "give each a label of its own, in its selector and in its template";
    Some(object.origin.warning("spec.selector", message).with_hint(hint))
}

fn pairs(labels: &Value) -> Labels {
    let pairs = labels.as_object().into_iter().flatten();
    pairs.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

fn nowhere(key: &Key) -> String {
    format!("{key} exists neither in the files nor on the node")
}

/// Adds the name that may have been meant.
fn missing(problem: Diagnostic, key: &Key, known: &Known) -> Diagnostic {
    let others = known.keys.iter().filter(|other| other.kind == key.kind && other.namespace == key.namespace);
    match nearest(&key.name, others.map(|other| other.name.as_str())) {
        Some(near) => problem.with_hint(format!("did you mean \"{near}\"?")),
        None => problem,
    }
}
