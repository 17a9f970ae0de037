//! What Kubernetes refuses in a pod's specification, in a template or in a pod.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec};

use super::field::{invalid, named, not_negative, one_of};
use super::{container, ephemeral, hostname, life, meta, name, pod_volume, scheduling, security};
use crate::api::Problem;

/// The template of a workload whose pods run until they are deleted.
pub fn always(path: &str, template: &PodTemplateSpec) -> Vec<Problem> {
    let mut problems: Vec<_> =
        template.metadata.iter().flat_map(|m| meta::attached(&format!("{path}.metadata"), m)).collect();
    let path = format!("{path}.spec");
    problems.extend(spec_of(&path, template.spec.as_ref()));
    let policy = template.spec.as_ref().and_then(|s| s.restart_policy.as_deref());
    if ["OnFailure", "Never"].contains(&policy.unwrap_or_default()) {
        problems.extend(one_of(&format!("{path}.restartPolicy"), policy, &["Always"]));
    }
    problems
}

/// What templates and pods have in common.
pub fn spec_of(path: &str, spec: Option<&PodSpec>) -> Vec<Problem> {
    let Some(spec) = spec else { return vec![Problem::required(format!("{path}.containers"), "")] };
    let volumes = spec.volumes.as_deref().unwrap_or_default();
    let mut problems = pod_volume::volumes(&format!("{path}.volumes"), volumes);
    let volumes: BTreeSet<_> = volumes.iter().map(|v| v.name.as_str()).collect();
    let first = spec.init_containers.as_deref().unwrap_or_default();
    if spec.containers.is_empty() {
        problems.push(Problem::required(format!("{path}.containers"), ""));
    }
    problems.extend(container::containers(&format!("{path}.initContainers"), first, &volumes));
    problems.extend(container::containers(&format!("{path}.containers"), &spec.containers, &volumes));
    problems.extend(life::of(path, spec));
    problems.extend(ephemeral::containers(path, spec, &volumes));
    problems.extend(unique_names(path, spec));
    problems.extend(host_ports(path, spec));
    problems.extend(settings(path, spec));
    problems
}

fn settings(path: &str, spec: &PodSpec) -> Vec<Problem> {
    let at = |field: &str| format!("{path}.{field}");
    let mut problems = Vec::new();
    let policies = ["Always", "OnFailure", "Never"];
    problems.extend(one_of(&at("restartPolicy"), spec.restart_policy.as_deref(), &policies));
    let policies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    problems.extend(one_of(&at("dnsPolicy"), spec.dns_policy.as_deref(), &policies));
    let servers = spec.dns_config.as_ref().and_then(|c| c.nameservers.as_ref());
    if spec.dns_policy.as_deref() == Some("None") && servers.is_none_or(Vec::is_empty) {
        let message = "must provide at least one DNS nameserver when `dnsPolicy` is None";
        problems.push(Problem::required(at("dnsConfig.nameservers"), message));
    }
    problems.extend(not_negative(&at("terminationGracePeriodSeconds"), spec.termination_grace_period_seconds));
    if let Some(seconds) = spec.active_deadline_seconds.filter(|s| *s < 1) {
        problems.push(invalid(at("activeDeadlineSeconds"), seconds, "must be between 1 and 2147483647, inclusive"));
    }
    problems.extend(hostname::names(path, spec));
    let account = spec.service_account_name.as_deref().filter(|a| !a.is_empty());
    problems.extend(account.into_iter().flat_map(|a| named(&at("serviceAccountName"), a, name::subdomain)));
    problems.extend(scheduling::scheduling(path, spec));
    problems.extend(security::pod(path, spec));
    problems
}

/// The containers of a pod from its start: their list, their place in it.
pub fn all(spec: &PodSpec) -> impl Iterator<Item = (&'static str, usize, &Container)> {
    let first = spec.init_containers.iter().flatten().enumerate().map(|(i, c)| ("initContainers", i, c));
    first.chain(spec.containers.iter().enumerate().map(|(i, c)| ("containers", i, c)))
}

fn unique_names(path: &str, spec: &PodSpec) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    let again = all(spec).filter(|(_, _, c)| !c.name.is_empty() && !seen.insert(&c.name));
    again.map(|(list, i, c)| Problem::duplicate(format!("{path}.{list}[{i}].name"), &c.name)).collect()
}

/// No two containers can have one port of the host.
fn host_ports(path: &str, spec: &PodSpec) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for (list, i, container) in all(spec).filter(|(list, _, _)| *list == "containers") {
        for (j, port) in container.ports.iter().flatten().enumerate() {
            let Some(host) = port.host_port.filter(|p| *p != 0) else { continue };
            let key = (port.protocol.as_deref(), port.host_ip.as_deref(), host);
            if !seen.insert(key) {
                let path = format!("{path}.{list}[{i}].ports[{j}].hostPort");
                problems.push(Problem::duplicate(path, &host.to_string()));
            }
        }
    }
    problems
}
