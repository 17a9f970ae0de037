//! What Kubernetes refuses in the files that volumes are made of: of objects, of a pod's own fields, and of tokens.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{
    DownwardAPIVolumeFile, KeyToPath, ProjectedVolumeSource, ServiceAccountTokenProjection, VolumeProjection,
};

use super::env::{resource, subscripted};
use super::field::{inner_path, invalid, required};
use super::name;
use crate::api::Problem;

/// The fields of a pod that a file may take, beside single labels and annotations.
const FIELDS: [&str; 5] =
    ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
/// The shortest and the longest life of a token in seconds.
const TOKEN_SECONDS: (i64, i64) = (600, 1 << 32);

/// The files that a ConfigMap or a Secret becomes.
pub fn files(path: &str, default_mode: Option<i32>, items: Option<&[KeyToPath]>) -> Vec<Problem> {
    let mut problems: Vec<_> = mode(&format!("{path}.defaultMode"), default_mode).into_iter().collect();
    for (i, item) in items.unwrap_or_default().iter().enumerate() {
        let path = format!("{path}.items[{i}]");
        problems.extend(required(&format!("{path}.key"), &item.key, name::config_key));
        problems.extend(mode(&format!("{path}.mode"), item.mode));
        problems.extend(file_path(&format!("{path}.path"), &item.path));
    }
    problems
}

/// The files of the downward API.
pub fn downward(path: &str, default_mode: Option<i32>, items: &[DownwardAPIVolumeFile]) -> Vec<Problem> {
    let mut problems: Vec<_> = mode(&format!("{path}.defaultMode"), default_mode).into_iter().collect();
    for (i, item) in items.iter().enumerate() {
        problems.extend(downward_file(&format!("{path}.items[{i}]"), item));
    }
    problems
}

fn downward_file(path: &str, item: &DownwardAPIVolumeFile) -> Vec<Problem> {
    let mut problems = file_path(&format!("{path}.path"), &item.path);
    match (&item.field_ref, &item.resource_field_ref) {
        (Some(field), other) => {
            problems.extend(pod_field(&format!("{path}.fieldRef.fieldPath"), &field.field_path));
            if other.is_some() {
                let message = "fieldRef and resourceFieldRef can not be specified simultaneously";
                problems.push(invalid(path, "resource", message));
            }
        }
        (None, Some(wanted)) => {
            let path = format!("{path}.resourceFieldRef");
            if wanted.container_name.as_deref().unwrap_or_default().is_empty() {
                problems.push(Problem::required(format!("{path}.containerName"), ""));
            }
            problems.extend(resource(&format!("{path}.resource"), &wanted.resource));
        }
        (None, None) => problems.push(Problem::required(path, "one of fieldRef and resourceFieldRef is required")),
    }
    problems.extend(mode(&format!("{path}.mode"), item.mode));
    problems
}

fn pod_field(path: &str, field: &str) -> Vec<Problem> {
    if field.is_empty() {
        return vec![Problem::required(path, "")];
    }
    let unknown = || if FIELDS.contains(&field) { vec![] } else { vec![Problem::not_supported(path, field, &FIELDS)] };
    subscripted(path, field).unwrap_or_else(unknown)
}

/// A projected volume: one source each, and no two files in one place.
pub fn projected(path: &str, wanted: &ProjectedVolumeSource) -> Vec<Problem> {
    let mut problems: Vec<_> = mode(&format!("{path}.defaultMode"), wanted.default_mode).into_iter().collect();
    let mut taken = BTreeSet::new();
    for (i, source) in wanted.sources.iter().flatten().enumerate() {
        let at = format!("{path}.sources[{i}]");
        let fields = serde_json::to_value(source).unwrap_or_default();
        match fields.as_object().map_or(0, serde_json::Map::len) {
            0 => problems.push(Problem::required(&at, "must specify a volume type in source")),
            1 => {}
            _ => problems.push(Problem::forbidden(&at, "may not specify more than 1 volume type in source")),
        }
        problems.extend(projection(&at, source));
        let (name, paths) = paths(source);
        let again = paths.into_iter().filter(|p| !p.is_empty() && !taken.insert(p.to_owned()));
        problems.extend(again.map(|_| invalid(path, name, "conflicting duplicate paths")));
    }
    problems
}

fn projection(path: &str, source: &VolumeProjection) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(secret) = &source.secret {
        let path = format!("{path}.secret");
        problems.extend(required(&format!("{path}.name"), &secret.name, name::subdomain));
        problems.extend(files(&path, None, secret.items.as_deref()));
    }
    if let Some(map) = &source.config_map {
        let path = format!("{path}.configMap");
        problems.extend(required(&format!("{path}.name"), &map.name, name::subdomain));
        problems.extend(files(&path, None, map.items.as_deref()));
    }
    if let Some(fields) = &source.downward_api {
        problems.extend(downward(&format!("{path}.downwardAPI"), None, fields.items.as_deref().unwrap_or_default()));
    }
    if let Some(wanted) = &source.service_account_token {
        problems.extend(token(&format!("{path}.serviceAccountToken"), wanted));
    }
    problems
}

fn token(path: &str, wanted: &ServiceAccountTokenProjection) -> Vec<Problem> {
    let mut problems = file_path(&format!("{path}.path"), &wanted.path);
    let at = format!("{path}.expirationSeconds");
    match wanted.expiration_seconds {
        Some(seconds) if seconds < TOKEN_SECONDS.0 => {
            problems.push(invalid(at, seconds, "may not specify a duration less than 10 minutes"));
        }
        Some(seconds) if seconds > TOKEN_SECONDS.1 => {
            problems.push(invalid(at, seconds, "may not specify a duration larger than 2^32 seconds"));
        }
        _ => {}
    }
    problems
}

/// The paths that a source names, and what Kubernetes calls it by.
fn paths(source: &VolumeProjection) -> (&str, Vec<&str>) {
    if let Some(secret) = &source.secret {
        return (&secret.name, secret.items.iter().flatten().map(|i| i.path.as_str()).collect());
    }
    if let Some(map) = &source.config_map {
        return (&map.name, map.items.iter().flatten().map(|i| i.path.as_str()).collect());
    }
    if let Some(fields) = &source.downward_api {
        return ("", fields.items.iter().flatten().map(|i| i.path.as_str()).collect());
    }
    ("", source.service_account_token.iter().map(|t| t.path.as_str()).collect())
}

/// The path of a file in a volume.
fn file_path(path: &str, value: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    if value.is_empty() {
        problems.push(Problem::required(path, ""));
    }
    problems.extend(inner_path(path, value));
    if value.starts_with("..") && !value.split('/').any(|part| part == "..") {
        problems.push(invalid(path, value, "must not start with '..'"));
    }
    problems
}

fn mode(path: &str, mode: Option<i32>) -> Option<Problem> {
    let bad = mode.filter(|m| !(0..=0o777).contains(m))?;
    Some(invalid(path, bad, "must be a number between 0 and 0777 (octal), both inclusive"))
}
