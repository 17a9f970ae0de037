//! What Kubernetes refuses in security contexts, and in what a pod shares with its host.
//! <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/>

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{
    AppArmorProfile, Container, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext,
};

use super::field::{inner_path, invalid, one_of};
use crate::api::Problem;

const SYSCTL: &str = "must have at most 253 characters and match regex \
^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";

/// The security contexts of a pod and of all its containers.
pub fn pod(path: &str, spec: &PodSpec) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(context) = &spec.security_context {
        let path = format!("{path}.securityContext");
        problems.extend(ids(&path, context.run_as_user, context.run_as_group));
        for (i, group) in context.supplemental_groups.iter().flatten().enumerate() {
            problems.extend(id(&format!("{path}.supplementalGroups[{i}]"), Some(*group)));
        }
        let policies = ["Merge", "Strict"];
        let policy = context.supplemental_groups_policy.as_deref();
        problems.extend(one_of(&format!("{path}.supplementalGroupsPolicy"), policy, &policies));
        problems.extend(profiles(&path, context.seccomp_profile.as_ref(), context.app_armor_profile.as_ref()));
        problems.extend(sysctls(&path, spec, context));
    }
    if spec.host_pid == Some(true) && spec.share_process_namespace == Some(true) {
        let message = "ShareProcessNamespace and HostPID cannot both be enabled";
        problems.push(invalid(format!("{path}.shareProcessNamespace"), true, message));
    }
    let first = spec.init_containers.iter().flatten().enumerate().map(|(i, c)| ("initContainers", i, c));
    for (list, i, declared) in first.chain(spec.containers.iter().enumerate().map(|(i, c)| ("containers", i, c))) {
        let path = format!("{path}.{list}[{i}]");
        if spec.host_network == Some(true) {
            problems.extend(host_ports(&path, declared));
        }
        if let Some(context) = &declared.security_context {
            problems.extend(container(&format!("{path}.securityContext"), context));
        }
    }
    problems
}

fn container(path: &str, context: &SecurityContext) -> Vec<Problem> {
    let mut problems = ids(path, context.run_as_user, context.run_as_group);
    problems.extend(profiles(path, context.seccomp_profile.as_ref(), context.app_armor_profile.as_ref()));
    problems.extend(one_of(&format!("{path}.procMount"), context.proc_mount.as_deref(), &["Default", "Unmasked"]));
    if context.allow_privilege_escalation == Some(false) {
        let added = context.capabilities.iter().flat_map(|c| c.add.iter().flatten());
        if context.privileged == Some(true) {
            let message = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
            problems.push(invalid(path, "", message));
        }
        if added.into_iter().any(|c| c == "CAP_SYS_ADMIN") {
            let message = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN";
            problems.push(invalid(path, "", message));
        }
    }
    problems
}

/// On the host's network a container's ports are the host's.
fn host_ports(path: &str, container: &Container) -> Vec<Problem> {
    let ports = container.ports.iter().flatten().enumerate();
    let differ = ports.filter(|(_, p)| p.host_port.is_some_and(|host| host != p.container_port));
    let message = "must match `containerPort` when `hostNetwork` is true";
    differ.map(|(i, p)| invalid(format!("{path}.ports[{i}].hostPort"), p.host_port.unwrap_or(0), message)).collect()
}

fn ids(path: &str, user: Option<i64>, group: Option<i64>) -> Vec<Problem> {
    let user = id(&format!("{path}.runAsUser"), user);
    user.into_iter().chain(id(&format!("{path}.runAsGroup"), group)).collect()
}

fn id(path: &str, id: Option<i64>) -> Option<Problem> {
    let id = id.filter(|id| !(0..=i64::from(i32::MAX)).contains(id))?;
    Some(invalid(path, id, "must be between 0 and 2147483647, inclusive"))
}

fn profiles(path: &str, seccomp: Option<&SeccompProfile>, apparmor: Option<&AppArmorProfile>) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(profile) = seccomp {
        let name = profile.localhost_profile.as_deref();
        problems.extend(self::profile(&format!("{path}.seccompProfile"), "seccomp", &profile.type_, name));
        let relative = name.and_then(|n| inner_path(&format!("{path}.seccompProfile.localhostProfile"), n));
        problems.extend(relative);
    }
    if let Some(profile) = apparmor {
        let name = profile.localhost_profile.as_deref();
        problems.extend(self::profile(&format!("{path}.appArmorProfile"), "AppArmor", &profile.type_, name));
    }
    problems
}

fn profile(path: &str, what: &str, sort: &str, name: Option<&str>) -> Vec<Problem> {
    let types = ["Localhost", "RuntimeDefault", "Unconfined"];
    let mut problems: Vec<_> = one_of(&format!("{path}.type"), Some(sort), &types).into_iter().collect();
    let path = format!("{path}.localhostProfile");
    match (sort, name.filter(|n| !n.is_empty())) {
        ("Localhost", None) => {
            problems.push(Problem::required(path, format!("must be set when {what} type is Localhost")));
        }
        ("RuntimeDefault" | "Unconfined", Some(name)) => {
            problems.push(invalid(path, name, &format!("can only be set when {what} type is Localhost")));
        }
        _ => {}
    }
    problems
}

/// Names that can be; and none of a namespace that is the host's.
fn sysctls(path: &str, spec: &PodSpec, context: &PodSecurityContext) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for (i, sysctl) in context.sysctls.iter().flatten().enumerate() {
        let path = format!("{path}.sysctls[{i}].name");
        let name = sysctl.name.replace('/', ".");
        if name.is_empty() {
            problems.push(Problem::required(path, ""));
        } else if name.len() > 253 || !name.split('.').all(is_part) {
            problems.push(invalid(path, &sysctl.name, SYSCTL));
        } else if !seen.insert(name.clone()) {
            problems.push(Problem::duplicate(path, &sysctl.name));
        } else if spec.host_network == Some(true) && name.starts_with("net.") {
            problems.push(invalid(path, &sysctl.name, "may not be specified when 'hostNetwork' is true"));
        } else if spec.host_ipc == Some(true) && is_of_ipc(&name) {
            problems.push(invalid(path, &sysctl.name, "may not be specified when 'hostIPC' is true"));
        }
    }
    problems
}

fn is_part(part: &str) -> bool {
    let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    edge(part.as_bytes().first()) && edge(part.as_bytes().last()) && part.bytes().all(inner)
}

fn is_of_ipc(name: &str) -> bool {
    ["kernel.shm", "kernel.msg", "fs.mqueue."].iter().any(|prefix| name.starts_with(prefix)) || name == "kernel.sem"
}
