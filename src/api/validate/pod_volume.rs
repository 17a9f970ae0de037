//! What Kubernetes refuses in a pod's volumes.

use k8s_openapi::api::core::v1::{PersistentVolumeClaimTemplate, Volume};

use super::field::{invalid, one_of, required};
use super::projection::{downward, files, projected};
use super::{claim, name, resources};
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
        problems.extend(host_path(&format!("{path}.hostPath"), &source.path, source.type_.as_deref()));
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
    if let Some(source) = &volume.downward_api {
        let items = source.items.as_deref().unwrap_or_default();
        problems.extend(downward(&format!("{path}.downwardAPI"), source.default_mode, items));
    }
    if let Some(source) = &volume.projected {
        problems.extend(projected(&format!("{path}.projected"), source));
    }
    if let Some(source) = &volume.ephemeral {
        let path = format!("{path}.ephemeral.volumeClaimTemplate");
        problems.extend(ephemeral(&path, source.volume_claim_template.as_ref()));
    }
    if let Some(source) = &volume.image {
        let path = format!("{path}.image");
        if source.reference.as_deref().unwrap_or_default().is_empty() {
            problems.push(Problem::required(format!("{path}.reference"), ""));
        }
        let policies = ["Always", "IfNotPresent", "Never"];
        problems.extend(one_of(&format!("{path}.pullPolicy"), source.pull_policy.as_deref(), &policies));
    }
    if let Some(source) = &volume.nfs {
        let path = format!("{path}.nfs");
        problems.extend(nfs(&path, &source.server, &source.path));
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

/// The claim that is made for a pod.
fn ephemeral(path: &str, template: Option<&PersistentVolumeClaimTemplate>) -> Vec<Problem> {
    let Some(template) = template else { return vec![Problem::required(path, "")] };
    let mut problems = claim::claim_spec(&format!("{path}.spec"), &template.spec);
    let metadata = template.metadata.iter();
    if metadata.clone().any(|m| m.name.is_some() || m.generate_name.is_some()) {
        problems.push(Problem::forbidden(
            format!("{path}.metadata.name"),
            "may not be set: the pod and the volume name it",
        ));
    }
    problems.extend(metadata.flat_map(|m| super::meta::attached(&format!("{path}.metadata"), m)));
    problems
}

/// A path of the Docker host.
pub fn host_path(path: &str, wanted: &str, kind: Option<&str>) -> Vec<Problem> {
    let mut problems = Vec::new();
    if wanted.is_empty() {
        problems.push(Problem::required(format!("{path}.path"), ""));
    } else if wanted.split('/').any(|part| part == "..") {
        problems.push(invalid(format!("{path}.path"), wanted, "must not contain '..'"));
    } else if !wanted.starts_with('/') {
        // Kubernetes leaves this to the container engine, which refuses it when the pod starts.
        problems.push(invalid(format!("{path}.path"), wanted, "must be an absolute path"));
    }
    problems.extend(one_of(&format!("{path}.type"), kind, &HOST_PATH_TYPES));
    problems
}

/// An export of a server.
pub fn nfs(path: &str, server: &str, export: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    if server.is_empty() {
        problems.push(Problem::required(format!("{path}.server"), ""));
    }
    if export.is_empty() {
        problems.push(Problem::required(format!("{path}.path"), ""));
    } else if !export.starts_with('/') {
        problems.push(invalid(format!("{path}.path"), export, "must be an absolute path"));
    }
    problems
}
