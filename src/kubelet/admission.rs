//! Decides whether the host can run a pod as it asks to be run, in the words of the kubelet's admission.

use k8s_openapi::api::core::v1::{Pod, PodSpec};
use k8s_openapi::api::node::v1::RuntimeClass;

use super::about::About;
use super::sync::Fault;
use super::{sandbox, security};
use crate::api::{Object, View};

/// Kernel parameters that a pod may set for itself without touching others.
/// <https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/#safe-and-unsafe-sysctls>
const SAFE: [&str; 12] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
];
/// What the kernel takes as a host name: <https://man7.org/linux/man-pages/man2/sethostname.2.html>.
const HOSTNAME: usize = 64;

/// Refuses what the host can't do. `allowed` are the unsafe kernel parameters that the user of the node lets pods set;
/// one that ends in `*` stands for all that begin so.
///
/// # Errors
/// The fault that keeps the pod from having a sandbox.
pub fn check(pod: &Pod, view: &View, about: &About, allowed: &[String]) -> Result<(), Fault> {
    let spec = pod.spec.clone().unwrap_or_default();
    sysctls(&spec, allowed)?;
    hostname(pod, &spec)?;
    let declared = spec.init_containers.iter().flatten().chain(&spec.containers);
    if !about.apparmor && !about.version.is_empty() && declared.into_iter().any(|c| security::wants_apparmor(pod, c)) {
        return Err(Fault::new("AppArmor", &"Cannot enforce AppArmor: AppArmor is not enabled on the host"));
    }
    let failed = |message: String| Err(Fault::new("FailedCreatePodSandBox", &message));
    let Some(class) = class(&spec) else { return Ok(()) };
    let Some(handler) = handler(view, &spec) else {
        return failed(format!(
            "failed to get RuntimeClass \"{class}\": runtimeclasses.node.k8s.io \"{class}\" not found"
        ));
    };
    if about.runtimes.is_empty() || about.runtimes.contains(&handler) {
        return Ok(());
    }
    let known = about.runtimes.iter().cloned().collect::<Vec<_>>().join(", ");
    failed(format!("no runtime for \"{handler}\" is configured: the Docker engine has {known}"))
}

fn class(spec: &PodSpec) -> Option<&str> {
    spec.runtime_class_name.as_deref().filter(|c| !c.is_empty())
}

/// The engine's runtime that the pod's class names, if it names one that exists.
#[must_use]
pub fn handler(view: &View, spec: &PodSpec) -> Option<String> {
    view.get::<RuntimeClass>("", class(spec)?).map(|c| c.handler.clone())
}

fn sysctls(spec: &PodSpec, allowed: &[String]) -> Result<(), Fault> {
    let listed = |name: &str| {
        let by = |pattern: &String| match pattern.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == pattern,
        };
        SAFE.contains(&name) || allowed.iter().any(by)
    };
    match sandbox::sysctls(spec).keys().find(|name| !listed(name)) {
        Some(name) => Err(Fault::new("SysctlForbidden", &format!("forbidden sysctl: \"{name}\" not allowlisted"))),
        None => Ok(()),
    }
}

fn hostname(pod: &Pod, spec: &PodSpec) -> Result<(), Fault> {
    let (name, domain) = sandbox::hostname(pod, spec);
    let full = domain.map_or(name.clone(), |domain| format!("{name}.{domain}"));
    if spec.set_hostname_as_fqdn != Some(true) || full.len() <= HOSTNAME {
        return Ok(());
    }
    let message = format!(
        "Failed to construct FQDN from pod hostname and cluster domain, FQDN {full} is too long ({HOSTNAME} characters is \
         the max, {} characters requested)",
        full.len()
    );
    Err(Fault::new("FailedCreatePodSandBox", &format!("{message}: pod {}", pod.name())))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::fixture::{merge, pod};
    use super::*;

    fn verdict(spec: Value, about: &About) -> String {
        let mut pod = pod();
        let mut merged = serde_json::to_value(&pod.spec).unwrap();
        merge(&mut merged, spec);
        pod.spec = serde_json::from_value(merged).unwrap();
        let class = json!({"metadata": {"name": "box"}, "handler": "runsc"});
        let view = View::of([serde_json::from_value::<RuntimeClass>(class).unwrap()]);
        let told = check(&pod, &view, about, &["kernel.msg*".to_owned()]);
        told.err().map_or_else(String::new, |f| format!("{}: {}", f.reason, f.message))
    }

    #[test]
    fn what_the_host_can_not_do_is_told_in_the_kubelets_words() {
        let about = About {
            version: "docker://28".to_owned(),
            runtimes: ["runc", "crun"].map(str::to_owned).into(),
            ..About::default()
        };
        let sysctl = |name: &str| json!({"securityContext": {"sysctls": [{"name": name, "value": "1"}]}});
        let says = |spec| verdict(spec, &about);
        assert_eq!(says(sysctl("net/ipv4/tcp_syncookies")), "");
        assert_eq!(says(sysctl("kernel.msgmax")), "", "the node's user allows it");
        assert_eq!(
            says(sysctl("net.core.somaxconn")),
            "SysctlForbidden: forbidden sysctl: \"net.core.somaxconn\" not allowlisted"
        );
        let apparmor = json!({"securityContext": {"appArmorProfile": {"type": "Localhost", "localhostProfile": "x"}}});
        assert_eq!(says(apparmor.clone()), "AppArmor: Cannot enforce AppArmor: AppArmor is not enabled on the host");
        assert_eq!(verdict(apparmor, &About { apparmor: true, ..about.clone() }), "");
        assert!(says(json!({"runtimeClassName": "no"})).ends_with("runtimeclasses.node.k8s.io \"no\" not found"));
        let missing = says(json!({"runtimeClassName": "box"}));
        assert!(
            missing.ends_with("no runtime for \"runsc\" is configured: the Docker engine has crun, runc"),
            "{missing}"
        );
        assert_eq!(verdict(json!({"runtimeClassName": "box"}), &About::default()), "", "an engine that does not say");
        let long = json!({"setHostnameAsFQDN": true, "subdomain": "a-subdomain-that-is-quite-long", "hostname": "a-name-as-long"});
        assert!(says(long).contains("is too long (64 characters is the max, 68 characters requested)"));
    }
}
