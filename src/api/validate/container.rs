//! What Kubernetes refuses in a container: names, image, ports, mounts.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Container, ContainerPort, VolumeMount};

use super::field::{inner_path, invalid, named, one_of, port, required};
use super::{env, name, probe, resources};
use crate::api::Problem;

/// All containers of a list; `volumes` are the names that mounts may use.
pub fn containers(path: &str, containers: &[Container], volumes: &BTreeSet<&str>) -> Vec<Problem> {
    let at = |i: usize| format!("{path}[{i}]");
    containers.iter().enumerate().flat_map(|(i, c)| container(&at(i), c, volumes)).collect()
}

fn container(path: &str, container: &Container, volumes: &BTreeSet<&str>) -> Vec<Problem> {
    let mut problems = required(&format!("{path}.name"), &container.name, name::label);
    let image = container.image.as_deref().unwrap_or_default();
    if image.is_empty() {
        problems.push(Problem::required(format!("{path}.image"), ""));
    } else if image.trim() != image {
        problems.push(invalid(format!("{path}.image"), image, "must not have leading or trailing whitespace"));
    }
    let pull = ["Always", "IfNotPresent", "Never"];
    problems.extend(one_of(&format!("{path}.imagePullPolicy"), container.image_pull_policy.as_deref(), &pull));
    problems.extend(ports(&format!("{path}.ports"), container.ports.as_deref().unwrap_or_default()));
    problems.extend(env::env(path, container));
    problems.extend(mounts(&format!("{path}.volumeMounts"), container, volumes));
    problems.extend(resources::resources(&format!("{path}.resources"), container.resources.as_ref()));
    for (field, probe) in [
        ("livenessProbe", &container.liveness_probe),
        ("readinessProbe", &container.readiness_probe),
        ("startupProbe", &container.startup_probe),
    ] {
        problems.extend(probe::probe(path, field, probe.as_ref()));
    }
    problems.extend(probe::lifecycle(&format!("{path}.lifecycle"), container.lifecycle.as_ref()));
    problems
}

fn ports(path: &str, ports: &[ContainerPort]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut names = BTreeSet::new();
    for (i, p) in ports.iter().enumerate() {
        let path = format!("{path}[{i}]");
        if let Some(text) = p.name.as_deref().filter(|n| !n.is_empty()) {
            problems.extend(named(&format!("{path}.name"), text, name::port));
            if !names.insert(text) {
                problems.push(Problem::duplicate(format!("{path}.name"), text));
            }
        }
        if p.container_port == 0 {
            problems.push(Problem::required(format!("{path}.containerPort"), ""));
        } else {
            problems.extend(port(&format!("{path}.containerPort"), p.container_port));
        }
        problems.extend(p.host_port.filter(|p| *p != 0).and_then(|n| port(&format!("{path}.hostPort"), n)));
        problems.extend(one_of(&format!("{path}.protocol"), p.protocol.as_deref(), &["SCTP", "TCP", "UDP"]));
    }
    problems
}

fn mounts(path: &str, container: &Container, volumes: &BTreeSet<&str>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut targets = BTreeSet::new();
    for (i, m) in container.volume_mounts.iter().flatten().enumerate() {
        let path = format!("{path}[{i}]");
        if m.name.is_empty() {
            problems.push(Problem::required(format!("{path}.name"), ""));
        } else if !volumes.contains(m.name.as_str()) {
            problems.push(Problem::not_found(format!("{path}.name"), &m.name));
        }
        let target = format!("{path}.mountPath");
        if m.mount_path.is_empty() {
            problems.push(Problem::required(target, ""));
        } else if !m.mount_path.starts_with('/') {
            // Kubernetes leaves this to the container engine, which refuses it when the pod starts.
            problems.push(invalid(target, &m.mount_path, "must be an absolute path"));
        } else if !targets.insert(&m.mount_path) {
            problems.push(invalid(target, &m.mount_path, "must be unique"));
        }
        problems.extend(sub_path(&path, m));
        let modes = ["None", "HostToContainer", "Bidirectional"];
        problems.extend(one_of(&format!("{path}.mountPropagation"), m.mount_propagation.as_deref(), &modes));
        let privileged = container.security_context.as_ref().is_some_and(|s| s.privileged == Some(true));
        if m.mount_propagation.as_deref() == Some("Bidirectional") && !privileged {
            let message = "Bidirectional mount propagation is available only to privileged containers";
            problems.push(Problem::forbidden(format!("{path}.mountPropagation"), message));
        }
        problems.extend(recursive_read_only(&format!("{path}.recursiveReadOnly"), m));
    }
    problems
}

fn recursive_read_only(path: &str, mount: &VolumeMount) -> Vec<Problem> {
    let wanted = mount.recursive_read_only.as_deref();
    let mut problems: Vec<_> = one_of(path, wanted, &["Disabled", "Enabled", "IfPossible"]).into_iter().collect();
    if matches!(wanted, Some("Enabled" | "IfPossible")) && mount.read_only != Some(true) {
        problems.push(Problem::forbidden(path, "may only be specified when readOnly is true"));
    }
    let spreads = mount.mount_propagation.as_deref().is_some_and(|mode| !mode.is_empty() && mode != "None");
    if matches!(wanted, Some("Enabled" | "IfPossible")) && spreads {
        problems.push(Problem::forbidden(path, "may only be specified when mountPropagation is None or not specified"));
    }
    problems
}

fn sub_path(path: &str, mount: &VolumeMount) -> Vec<Problem> {
    let plain = mount.sub_path.as_deref().filter(|p| !p.is_empty());
    let expression = mount.sub_path_expr.as_deref().filter(|p| !p.is_empty());
    let mut problems = Vec::new();
    problems.extend(plain.and_then(|p| inner_path(&format!("{path}.subPath"), p)));
    problems.extend(expression.and_then(|p| inner_path(&format!("{path}.subPathExpr"), p)));
    if let (Some(_), Some(expression)) = (plain, expression) {
        problems.push(invalid(
            format!("{path}.subPathExpr"),
            expression,
            "subPathExpr and subPath are mutually exclusive",
        ));
    }
    problems
}
