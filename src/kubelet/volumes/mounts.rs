//! What a container, and what the sandbox, mounts of a pod's volumes.

use k8s_openapi::api::core::v1::{Container, VolumeMount};

use super::volume::{Missing, PodVolume, Prepare, inside};
use crate::kubelet::runtime::{Mount, Source};

/// Where the sandbox mounts what is filled from there: `/wharf-volumes/<volume>`.
pub const SANDBOX_FOLDER: &str = "/wharf-volumes";

/// The mounts of a container. <https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath>
///
/// # Errors
/// If a mount names no volume, or its path leads out of the volume.
pub fn mounts(container: &Container, volumes: &[PodVolume]) -> Result<Vec<Mount>, Missing> {
    container.volume_mounts.iter().flatten().map(|wanted| mount(wanted, volumes)).collect()
}

fn mount(wanted: &VolumeMount, volumes: &[PodVolume]) -> Result<Mount, Missing> {
    let volume = volumes.iter().find(|v| v.name == wanted.name);
    let volume = volume.ok_or_else(|| Missing::Object { kind: "volume", name: wanted.name.clone() })?;
    if wanted.sub_path_expr.as_deref().is_some_and(|expr| !expr.is_empty()) {
        return Err(Missing::Unsupported(format!("subPathExpr of volume mount \"{}\" is not supported", wanted.name)));
    }
    let sub_path = inside(wanted.sub_path.as_deref().unwrap_or_default())?;
    let propagation = match wanted.mount_propagation.as_deref() {
        Some("HostToContainer") => Some("rslave".to_owned()),
        Some("Bidirectional") => Some("rshared".to_owned()),
        _ => None,
    };
    let source = if sub_path.is_empty() { volume.source.clone() } else { within(&volume.source, &sub_path) };
    let read_only = volume.read_only || wanted.read_only.unwrap_or(false);
    Ok(Mount { source, target: wanted.mount_path.clone(), read_only, propagation })
}

fn within(source: &Source, path: &str) -> Source {
    let join = |base: &str| format!("{}/{path}", base.trim_end_matches('/'));
    match source {
        Source::Host(base) => Source::Host(join(base)),
        Source::HostDirectory(base) => Source::HostDirectory(join(base)),
        Source::State(base) => Source::State(join(base)),
        Source::Volume(name) => Source::VolumePath(name.clone(), path.to_owned()),
        Source::VolumePath(name, base) => Source::VolumePath(name.clone(), join(base)),
    }
}

/// What the sandbox mounts: volumes in memory, which live as long as it does and are filled from there, and volumes of
/// which containers mount a part, so that they are mounted and the part can be made.
#[must_use]
pub fn sandbox_mounts(volumes: &[PodVolume]) -> Vec<Mount> {
    let held = volumes.iter().filter(|volume| match volume.prepare {
        Prepare::Memory { .. } => true,
        Prepare::Volume(_) => !volume.sub_paths.is_empty(),
        _ => false,
    });
    let mount = |volume: &PodVolume| Mount {
        source: volume.source.clone(),
        target: format!("{SANDBOX_FOLDER}/{}", volume.name),
        read_only: false,
        propagation: None,
    };
    held.map(mount).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::*;

    fn volume(name: &str, source: Source, read_only: bool) -> PodVolume {
        PodVolume { name: name.into(), source, read_only, prepare: Prepare::Nothing, sub_paths: BTreeSet::new() }
    }

    fn lines(mounts: &Value) -> String {
        let volumes = [
            volume("state", Source::State("pods/u/volumes/state".into()), false),
            volume("host", Source::HostDirectory("/".into()), false),
            volume("docker", Source::Volume("data".into()), false),
            volume("config", Source::State("pods/u/volumes/config".into()), true),
        ];
        let each = |m: &Value| {
            let container = serde_json::from_value(json!({"name": "c", "volumeMounts": [m]})).unwrap();
            match mounts_of(&container, &volumes) {
                Ok(m) => format!("{:?} {:?} {} {:?}\n", m.source, m.target, m.read_only, m.propagation),
                Err(e) => format!("{e}\n"),
            }
        };
        mounts.as_array().unwrap().iter().map(each).collect()
    }

    fn mounts_of(container: &Container, volumes: &[PodVolume]) -> Result<Mount, Missing> {
        mounts(container, volumes).map(|mut m| m.remove(0))
    }

    #[test]
    fn of_containers() {
        let text = lines(&json!([
            {"name": "state", "mountPath": "/a"},
            {"name": "state", "mountPath": "/a", "subPath": "./x//y/", "readOnly": true},
            {"name": "state", "mountPath": "/a", "subPath": "x/../../y"},
            {"name": "state", "mountPath": "/a", "subPath": "/etc"},
            {"name": "host", "mountPath": "/a", "subPath": "etc", "mountPropagation": "HostToContainer"},
            {"name": "docker", "mountPath": "/a", "subPath": "db", "mountPropagation": "None"},
            {"name": "docker", "mountPath": "/a", "mountPropagation": "Bidirectional"},
            {"name": "config", "mountPath": "/a/b.conf", "subPath": "b.conf", "readOnly": false},
            {"name": "none", "mountPath": "/a"},
            {"name": "state", "mountPath": "/a", "subPathExpr": "$(POD)"},
        ]));
        insta::assert_snapshot!(text, @r#"
        State("pods/u/volumes/state") "/a" false None
        State("pods/u/volumes/state/x/y") "/a" true None
        path "x/../../y" must be relative and not contain ".."
        path "/etc" must be relative and not contain ".."
        HostDirectory("/etc") "/a" false Some("rslave")
        VolumePath("data", "db") "/a" false None
        Volume("data") "/a" false Some("rshared")
        State("pods/u/volumes/config/b.conf") "/a/b.conf" true None
        volume "none" not found
        subPathExpr of volume mount "state" is not supported
        "#);
    }
}
