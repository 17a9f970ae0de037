//! Translates security contexts: who a container runs as, and its rights. <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/>

use k8s_openapi::api::core::v1::{
    AppArmorProfile, Container as Declared, Pod, PodSecurityContext, SELinuxOptions, SeccompProfile, SecurityContext,
};

use super::runtime::{Image, Security};

/// `uid[:gid]`, where it is not the image's user. The container's own context goes before the pod's.
///
/// # Errors
/// If the container must not run as root and its image does, in Kubernetes' words; or if the image's groups are to be
/// left out and no group is named.
pub fn user(pod: &Pod, declared: &Declared, image: &Image) -> Result<Option<String>, String> {
    let (pod, own) = contexts(pod, declared);
    let uid = own.run_as_user.or(pod.run_as_user);
    let gid = own.run_as_group.or(pod.run_as_group);
    if own.run_as_non_root.or(pod.run_as_non_root) == Some(true) {
        let user = uid.map_or(image.user.clone(), |uid| uid.to_string());
        match user.split(':').next().unwrap_or_default() {
            "" | "root" | "0" if uid.is_none() => {
                return Err("container has runAsNonRoot and image will run as root".to_owned());
            }
            "0" => return Err("container's runAsUser breaks non-root policy".to_owned()),
            name if name.parse::<u32>().is_err() => {
                return Err(format!(
                    "container has runAsNonRoot and image has non-numeric user ({name}), cannot verify user is non-root"
                ));
            }
            _ => {}
        }
    }
    // Docker adds the groups that the image's /etc/group has for the user, but not to a user with an explicit group.
    if pod.supplemental_groups_policy.as_deref() == Some("Strict") && gid.is_none() {
        return Err("supplementalGroupsPolicy is Strict, which Docker can keep only where runAsGroup is set".to_owned());
    }
    let image_user = image.user.split(':').next().filter(|u| !u.is_empty()).unwrap_or("0");
    Ok(match (uid, gid) {
        (None, None) => None,
        (Some(uid), None) => Some(uid.to_string()),
        (uid, Some(gid)) => Some(format!("{}:{gid}", uid.map_or(image_user.to_owned(), |uid| uid.to_string()))),
    })
}

/// The rights of a container; `seccomp` is the text of its profile, where it names one.
#[must_use]
pub fn rights(pod: &Pod, declared: &Declared, seccomp: Option<&str>) -> Security {
    let (wanted, apparmor) = (profile(pod, declared), apparmor(pod, declared));
    let (pod, own) = contexts(pod, declared);
    let capabilities = own.capabilities.unwrap_or_default();
    let mut options = Vec::new();
    if own.allow_privilege_escalation == Some(false) {
        options.push("no-new-privileges".to_owned());
    }
    match (wanted.as_ref().map(|p| p.type_.as_str()), seccomp) {
        (Some("Unconfined"), _) => options.push("seccomp=unconfined".to_owned()),
        (Some("Localhost"), Some(text)) => options.push(format!("seccomp={text}")),
        _ => {}
    }
    match apparmor.as_ref().map(|p| (p.type_.as_str(), p.localhost_profile.as_deref().unwrap_or_default())) {
        Some(("Unconfined", _)) => options.push("apparmor=unconfined".to_owned()),
        Some(("Localhost", name)) => options.push(format!("apparmor={name}")),
        _ => {}
    }
    options.extend(labels(own.se_linux_options.or(pod.se_linux_options).as_ref()));
    Security {
        privileged: own.privileged == Some(true),
        cap_add: capabilities.add.unwrap_or_default(),
        cap_drop: capabilities.drop.unwrap_or_default(),
        read_only_root: own.read_only_root_filesystem == Some(true),
        unmasked: own.proc_mount.as_deref() == Some("Unmasked"),
        options,
    }
}

/// The seccomp profile of the host that the container is to run under, if it names one.
#[must_use]
pub fn localhost_profile(pod: &Pod, declared: &Declared) -> Option<String> {
    profile(pod, declared).filter(|p| p.type_ == "Localhost").and_then(|p| p.localhost_profile)
}

/// Whether the container names an AppArmor profile, which the host must be able to enforce.
#[must_use]
pub fn wants_apparmor(pod: &Pod, declared: &Declared) -> bool {
    apparmor(pod, declared).is_some_and(|p| p.type_ == "Localhost")
}

/// SELinux labels in the words of the engine.
#[must_use]
pub fn labels(options: Option<&SELinuxOptions>) -> Vec<String> {
    let Some(SELinuxOptions { level, role, type_, user }) = options else { return Vec::new() };
    let parts = [("user", user), ("role", role), ("type", type_), ("level", level)];
    parts.iter().filter_map(|(part, value)| Some(format!("label={part}:{}", value.as_ref()?))).collect()
}

fn profile(pod: &Pod, declared: &Declared) -> Option<SeccompProfile> {
    let (pod, own) = contexts(pod, declared);
    own.seccomp_profile.or(pod.seccomp_profile)
}

fn apparmor(pod: &Pod, declared: &Declared) -> Option<AppArmorProfile> {
    let (pod, own) = contexts(pod, declared);
    own.app_armor_profile.or(pod.app_armor_profile)
}

fn contexts(pod: &Pod, declared: &Declared) -> (PodSecurityContext, SecurityContext) {
    let pod = pod.spec.as_ref().and_then(|s| s.security_context.clone()).unwrap_or_default();
    (pod, declared.security_context.clone().unwrap_or_default())
}
