//! What a container means where it says nothing.

use k8s_openapi::api::core::v1::{Container, ContainerPort, EnvVar, EphemeralContainer};

use super::{probe, text};

/// Fills in a container; on the host's network every port is a host port.
pub fn container(container: &mut Container, host_network: bool) {
    // Kubernetes pulls `:latest` always. Here an image that the host has just runs, whatever its tag.
    text(&mut container.image_pull_policy, "IfNotPresent");
    text(&mut container.termination_message_path, "/dev/termination-log");
    text(&mut container.termination_message_policy, "File");
    for port in container.ports.iter_mut().flatten() {
        port_of(port, host_network);
    }
    let probes = [&mut container.liveness_probe, &mut container.readiness_probe, &mut container.startup_probe];
    probes.into_iter().flatten().for_each(probe::probe);
    if let Some(lifecycle) = &mut container.lifecycle {
        let handlers = [&mut lifecycle.post_start, &mut lifecycle.pre_stop].into_iter().flatten();
        handlers.filter_map(|h| h.http_get.as_mut()).for_each(probe::http);
    }
    fields(container.env.iter_mut().flatten());
}

/// Fills in an ephemeral container, which has no ports, probes or hooks.
pub fn ephemeral(container: &mut EphemeralContainer) {
    text(&mut container.image_pull_policy, "IfNotPresent");
    text(&mut container.termination_message_path, "/dev/termination-log");
    text(&mut container.termination_message_policy, "File");
    fields(container.env.iter_mut().flatten());
}

/// References to fields of the pod are to those of version 1.
fn fields<'a>(env: impl Iterator<Item = &'a mut EnvVar>) {
    for source in env.filter_map(|e| e.value_from.as_mut()) {
        if let Some(field) = &mut source.field_ref {
            text(&mut field.api_version, "v1");
        }
    }
}

fn port_of(port: &mut ContainerPort, host_network: bool) {
    text(&mut port.protocol, "TCP");
    if host_network {
        port.host_port.get_or_insert(port.container_port);
    }
}
