//! What Kubernetes refuses in a pod's volumes.

use k8s_openapi::api::core::v1::{KeyToPath, Volume};

use super::field::{inner_path, invalid, one_of, required};
use super::{name, resources};
use crate::api::Problem;

const HOST_PATH_TYPES: [&str; 8] =
    ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

/// The volumes of the pod at `path`: unique names, one source each.
pub fn volumes(path: &str, volumes: &[Volume]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (i, volume) in volumes.iter().enumerate() {
        let path = format!("{path}[{i}]");
        problems.extend(required(&format!("{path}.name"), &volume.name, name::label));
        if !volume.name.is_empty() && volumes[..i].iter().any(|v| v.name == volume.name) {
            problems.push(Problem::duplicate(format!("{path}.name"), &volume.name));
        }
        problems.extend(sources(&path, volume));
        problems.extend(source(&path, volume));
    }
    problems
}

/// Exactly one source. Whatever sources Kubernetes knows, each is one field beside the name.
fn sources(path: &str, volume: &Volume) -> Option<Problem> {
    let value = serde_json::to_value(volume).ok()?;
    let mut sources = value.as_object()?.keys().filter(|field| *field != "name");
    match (sources.next(), sources.next()) {
        (None, _) => Some(Problem::required(path, "must specify a volume type")),
        (Some(_), Some(second)) => {
            Some(Problem::forbidden(format!("{path}.{second}"), "may not specify more than 1 volume type"))
        }
        _ => None,
    }
}

fn source(path: &str, volume: &Volume) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(source) = &volume.host_path {
        let path = format!("{path}.hostPath");
        if source.path.is_empty() {
            problems.push(Problem::required(format!("{path}.path"), ""));
        } else if source.path.split('/').any(|part| part == "..") {
            problems.push(invalid(format!("{path}.path"), &source.path, "must not contain '..'"));
        }
        problems.extend(one_of(&format!("{path}.type"), source.type_.as_deref(), &HOST_PATH_TYPES));
    }
    if let Some(source) = &volume.config_map {
        let path = format!("{path}.configMap");
        problems.extend(required(&format!("{path}.name"), &source.name, name::subdomain));
        problems.extend(files(&path, source.default_mode, source.items.as_deref()));
    }
    if let Some(source) = &volume.secret {
        let path = format!("{path}.secret");
        let object = source.secret_name.as_deref().unwrap_or_default();
        problems.extend(required(&format!("{path}.secretName"), object, name::subdomain));
        problems.extend(files(&path, source.default_mode, source.items.as_deref()));
    }
    if let Some(source) = &volume.persistent_volume_claim {
        let path = format!("{path}.persistentVolumeClaim.claimName");
        problems.extend(required(&path, &source.claim_name, name::subdomain));
    }
    if let Some(limit) = volume.empty_dir.as_ref().and_then(|e| e.size_limit.as_ref()) {
        problems.extend(resources::amount_of(&format!("{path}.emptyDir.sizeLimit"), limit));
    }
    problems
}

/// The files that a ConfigMap or a Secret becomes.
fn files(path: &str, default_mode: Option<i32>, items: Option<&[KeyToPath]>) -> Vec<Problem> {
    let mut problems: Vec<_> = mode(&format!("{path}.defaultMode"), default_mode).into_iter().collect();
    for (i, item) in items.unwrap_or_default().iter().enumerate() {
        let path = format!("{path}.items[{i}]");
        problems.extend(required(&format!("{path}.key"), &item.key, name::config_key));
        problems.extend(mode(&format!("{path}.mode"), item.mode));
        if item.path.is_empty() {
            problems.push(Problem::required(format!("{path}.path"), ""));
        }
        problems.extend(inner_path(&format!("{path}.path"), &item.path));
        if item.path.starts_with("..") && !item.path.split('/').any(|part| part == "..") {
            problems.push(invalid(format!("{path}.path"), &item.path, "must not start with '..'"));
        }
    }
    problems
}

fn mode(path: &str, mode: Option<i32>) -> Option<Problem> {
    let bad = mode.filter(|m| !(0..=0o777).contains(m))?;
    Some(invalid(path, bad, "must be a number between 0 and 0777 (octal), both inclusive"))
}
