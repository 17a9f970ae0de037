//! What Kubernetes refuses in ephemeral containers.
//! <https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/>

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Container, EphemeralContainer, PodSpec};

use super::{container, pod_template};
use crate::api::Problem;

/// The ephemeral containers of the pod at `path`; `volumes` are the names that mounts may use.
pub fn containers(path: &str, spec: &PodSpec, volumes: &BTreeSet<&str>) -> Vec<Problem> {
    let mut names: BTreeSet<&str> = pod_template::all(spec).map(|(_, _, c)| c.name.as_str()).collect();
    let targets = names.clone();
    let (mut problems, path) = (Vec::new(), format!("{path}.ephemeralContainers"));
    for (index, ephemeral) in spec.ephemeral_containers.iter().flatten().enumerate() {
        let at = |field: &str| format!("{path}[{index}].{field}");
        if !names.insert(&ephemeral.name) {
            problems.push(Problem::duplicate(at("name"), &ephemeral.name));
        }
        let target = ephemeral.target_container_name.as_deref().filter(|t| !t.is_empty());
        problems
            .extend(target.filter(|t| !targets.contains(t)).map(|t| Problem::not_found(at("targetContainerName"), t)));
        problems.extend(
            refused(ephemeral)
                .into_iter()
                .map(|f| Problem::forbidden(at(f), "cannot be set for an Ephemeral Container")),
        );
        for (m, mount) in ephemeral.volume_mounts.iter().flatten().enumerate() {
            for (field, set) in [("subPath", &mount.sub_path), ("subPathExpr", &mount.sub_path_expr)] {
                if set.as_ref().is_some_and(|p| !p.is_empty()) {
                    let message = "cannot be set for an Ephemeral Container";
                    problems.push(Problem::forbidden(at(&format!("volumeMounts[{m}].{field}")), message));
                }
            }
        }
    }
    let usual: Vec<_> = spec.ephemeral_containers.iter().flatten().map(as_usual).collect();
    problems.extend(container::containers(&path, &usual, volumes));
    problems
}

/// The fields that are set and that an ephemeral container can't have.
fn refused(ephemeral: &EphemeralContainer) -> Vec<&'static str> {
    let set = [
        ("ports", ephemeral.ports.is_some()),
        ("livenessProbe", ephemeral.liveness_probe.is_some()),
        ("readinessProbe", ephemeral.readiness_probe.is_some()),
        ("startupProbe", ephemeral.startup_probe.is_some()),
        ("lifecycle", ephemeral.lifecycle.is_some()),
        ("resources", ephemeral.resources.is_some()),
        ("resizePolicy", ephemeral.resize_policy.is_some()),
        ("restartPolicy", ephemeral.restart_policy.is_some()),
    ];
    set.iter().filter(|(_, set)| *set).map(|(field, _)| *field).collect()
}

/// What the rules of all containers are held against.
fn as_usual(ephemeral: &EphemeralContainer) -> Container {
    let e = ephemeral.clone();
    Container {
        name: e.name,
        image: e.image,
        image_pull_policy: e.image_pull_policy,
        env: e.env,
        env_from: e.env_from,
        volume_mounts: e.volume_mounts,
        ..Container::default()
    }
}
