//! What a container, and what the sandbox, mounts of a pod's volumes.

use k8s_openapi::api::core::v1::{Container, VolumeMount};

use super::fill::orders;
use super::order::HostPathType;
use super::parts;
use super::volume::{PodVolume, Prepare};
use crate::kubelet::missing::Missing;
use crate::kubelet::runtime::{Mount, Source};

/// Where the sandbox mounts what is filled from there: `/wharf-volumes/<volume>`.
pub const SANDBOX_FOLDER: &str = "/wharf-volumes";

/// The mounts of a container with this environment. <https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath>
///
/// # Errors
/// If a mount names no volume, its path leads out of the volume, or needs a variable that is not set.
pub fn mounts(container: &Container, volumes: &[PodVolume], env: &[(String, String)]) -> Result<Vec<Mount>, Missing> {
    container.volume_mounts.iter().flatten().map(|wanted| mount(wanted, volumes, env)).collect()
}

fn mount(wanted: &VolumeMount, volumes: &[PodVolume], env: &[(String, String)]) -> Result<Mount, Missing> {
    let volume = volumes.iter().find(|v| v.name == wanted.name);
    let volume = volume.ok_or_else(|| Missing::Object { kind: "volume", name: wanted.name.clone() })?;
    let sub_path = parts::path(wanted, env)?;
    let propagation = propagation(wanted);
    // Docker knows of propagation for binds only.
    let whole = sub_path.is_empty() && !(propagation.is_some() && matches!(volume.source, Source::Volume(_)));
    let source = if whole { volume.source.clone() } else { within(&volume.source, &sub_path) };
    let read_only = volume.read_only || wanted.read_only.unwrap_or(false);
    Ok(Mount { source, target: wanted.mount_path.clone(), read_only, propagation })
}

/// Whether what is mounted later on one side shows on the other, in Docker's words.
/// <https://kubernetes.io/docs/concepts/storage/volumes/#mount-propagation>
pub fn propagation(wanted: &VolumeMount) -> Option<String> {
    match wanted.mount_propagation.as_deref() {
        Some("HostToContainer") => Some("rslave".to_owned()),
        Some("Bidirectional") => Some("rshared".to_owned()),
        _ => None,
    }
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

/// What the sandbox mounts: volumes in memory, which live as long as it does; those in which something is to be done that
/// is the sandbox's to do; and those of which a container mounts a part that is not known yet.
#[must_use]
pub fn sandbox_mounts(volumes: &[PodVolume]) -> Vec<Mount> {
    let orders = orders(volumes);
    let held = |volume: &&PodVolume| {
        let ordered = orders.iter().any(|(name, _)| *name == volume.name);
        volume.held || ordered || matches!(volume.prepare, Prepare::Memory { .. })
    };
    volumes.iter().filter(held).map(sandbox_mount).collect()
}

fn sandbox_mount(volume: &PodVolume) -> Mount {
    let demand = volume.order.demand.as_ref();
    let source = match (demand.map(|d| d.kind), &volume.source) {
        // The file may not be there yet: its directory is.
        (Some(HostPathType::FileOrCreate), Source::Host(path)) => Source::Host(
            path.rsplit_once('/').map(|(parent, _)| parent).filter(|p| !p.is_empty()).unwrap_or("/").to_owned(),
        ),
        _ => volume.source.clone(),
    };
    let only_looks = demand.is_some_and(|d| d.kind != HostPathType::FileOrCreate) && volume.order.parts.is_empty();
    Mount {
        source,
        target: format!("{SANDBOX_FOLDER}/{}", volume.name),
        read_only: only_looks && !volume.held,
        propagation: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::kubelet::volumes::{Demand, Order};

    fn volume(name: &str, source: Source, read_only: bool) -> PodVolume {
        let (prepare, order) = (Prepare::Nothing, Order::default());
        PodVolume { name: name.into(), source, read_only, prepare, order, held: false }
    }

    fn lines(mounts: &Value) -> String {
        let volumes = [
            volume("state", Source::State("pods/u/volumes/state".into()), false),
            volume("host", Source::HostDirectory("/".into()), false),
            volume("docker", Source::Volume("data".into()), false),
            volume("config", Source::State("pods/u/volumes/config".into()), true),
        ];
        let env = [("POD".to_owned(), "web-1".to_owned())];
        let each = |m: &Value| {
            let container = serde_json::from_value(json!({"name": "c", "volumeMounts": [m]})).unwrap();
            match mounts_of(&container, &volumes, &env) {
                Ok(m) => format!("{:?} {:?} {} {:?}\n", m.source, m.target, m.read_only, m.propagation),
                Err(e) => format!("{e}\n"),
            }
        };
        mounts.as_array().unwrap().iter().map(each).collect()
    }

    fn mounts_of(container: &Container, volumes: &[PodVolume], env: &[(String, String)]) -> Result<Mount, Missing> {
        mounts(container, volumes, env).map(|mut m| m.remove(0))
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
            {"name": "state", "mountPath": "/a", "subPathExpr": "logs/$(POD)"},
            {"name": "docker", "mountPath": "/a", "subPathExpr": "$(NO)"},
        ]));
        insta::assert_snapshot!(text, @r#"
        State("pods/u/volumes/state") "/a" false None
        State("pods/u/volumes/state/x/y") "/a" true None
        path "x/../../y" must be relative and not contain ".."
        path "/etc" must be relative and not contain ".."
        HostDirectory("/etc") "/a" false Some("rslave")
        VolumePath("data", "db") "/a" false None
        VolumePath("data", "") "/a" false Some("rshared")
        State("pods/u/volumes/config/b.conf") "/a/b.conf" true None
        volume "none" not found
        State("pods/u/volumes/state/logs/web-1") "/a" false None
        missing value for NO
        "#);
    }

    #[test]
    fn of_the_sandbox() {
        let of = |kind, path: &str| {
            let mut volume = volume("v", Source::Host(path.to_owned()), false);
            volume.order.demand = Some(Demand { path: path.to_owned(), kind });
            sandbox_mounts(&[volume]).remove(0)
        };
        let shown = |m: Mount| format!("{:?} {}", m.source, m.read_only);
        assert_eq!(shown(of(HostPathType::Socket, "/run/x.sock")), "Host(\"/run/x.sock\") true");
        assert_eq!(shown(of(HostPathType::FileOrCreate, "/srv/x")), "Host(\"/srv\") false");
        assert_eq!(shown(of(HostPathType::FileOrCreate, "/x")), "Host(\"/\") false");
        assert!(sandbox_mounts(&[volume("v", Source::Host("/".to_owned()), false)]).is_empty());
    }
}
