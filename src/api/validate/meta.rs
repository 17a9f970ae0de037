//! What Kubernetes refuses in the metadata of any object.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::field::{invalid, named};
use super::name::{self, Rule};
use crate::api::Problem;

/// The bytes that the annotations of one object may have together: 256 KiB.
const ANNOTATIONS_SIZE: usize = 256 << 10;

/// Name, namespace, labels and annotations; `rule` is what the kind's names follow.
pub fn meta(meta: &ObjectMeta, rule: Rule) -> Vec<Problem> {
    let mut problems = Vec::new();
    match (&meta.name, &meta.generate_name) {
        (Some(name), _) if !name.is_empty() => problems.extend(named("metadata.name", name, rule)),
        (_, Some(prefix)) if !prefix.is_empty() => {
            // The suffix that is added makes a prefix that ends in a hyphen a good name.
            let good = format!("{}a", prefix.trim_end_matches('-'));
            problems.extend(rule(&good).iter().map(|m| invalid("metadata.generateName", prefix, m)));
        }
        _ => problems.push(Problem::required("metadata.name", "name or generateName is required")),
    }
    if let Some(namespace) = meta.namespace.as_deref().filter(|n| !n.is_empty()) {
        problems.extend(named("metadata.namespace", namespace, name::label));
    }
    problems.extend(attached("metadata", meta));
    problems
}

/// Labels and annotations, of an object or of a template.
pub fn attached(path: &str, meta: &ObjectMeta) -> Vec<Problem> {
    let mut problems = labels(&format!("{path}.labels"), meta.labels.as_ref());
    let path = format!("{path}.annotations");
    let annotations = meta.annotations.iter().flatten();
    // Prefixes of annotations may have capitals: <https://github.com/kubernetes/kubernetes/pull/2473>.
    problems.extend(annotations.clone().flat_map(|(key, _)| {
        name::qualified(&key.to_ascii_lowercase()).into_iter().map(|m| invalid(&path, key, &m)).collect::<Vec<_>>()
    }));
    if annotations.map(|(k, v)| k.len() + v.len()).sum::<usize>() > ANNOTATIONS_SIZE {
        problems.push(Problem::invalid(path, format!("must have at most {ANNOTATIONS_SIZE} bytes")));
    }
    problems
}

/// Labels, wherever they stand.
pub fn labels(path: &str, labels: Option<&BTreeMap<String, String>>) -> Vec<Problem> {
    let pairs = labels.into_iter().flatten();
    pairs.flat_map(|(k, v)| [named(path, k, name::qualified), named(path, v, name::label_value)].concat()).collect()
}
