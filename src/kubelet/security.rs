//! Translates security contexts: who a container runs as, and its rights. <https://kubernetes.io/docs/tasks/configure-pod-container/security-context/>

use k8s_openapi::api::core::v1::{Container as Declared, Pod, PodSecurityContext, SecurityContext};

use super::runtime::{Image, Security};

/// `uid[:gid]`, where it is not the image's user. The container's own context goes before the pod's.
///
/// # Errors
/// If the container must not run as root and its image does, in Kubernetes' words.
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
    let image_user = image.user.split(':').next().filter(|u| !u.is_empty()).unwrap_or("0");
    Ok(match (uid, gid) {
        (None, None) => None,
        (Some(uid), None) => Some(uid.to_string()),
        (uid, Some(gid)) => Some(format!("{}:{gid}", uid.map_or(image_user.to_owned(), |uid| uid.to_string()))),
    })
}

/// The rights of a container.
#[must_use]
pub fn rights(pod: &Pod, declared: &Declared) -> Security {
    let (pod, own) = contexts(pod, declared);
    let capabilities = own.capabilities.unwrap_or_default();
    let mut options = Vec::new();
    if own.allow_privilege_escalation == Some(false) {
        options.push("no-new-privileges".to_owned());
    }
    let seccomp = own.seccomp_profile.or(pod.seccomp_profile);
    if seccomp.is_some_and(|profile| profile.type_ == "Unconfined") {
        options.push("seccomp=unconfined".to_owned());
    }
    Security {
        privileged: own.privileged == Some(true),
        cap_add: capabilities.add.unwrap_or_default(),
        cap_drop: capabilities.drop.unwrap_or_default(),
        read_only_root: own.read_only_root_filesystem == Some(true),
        options,
    }
}

fn contexts(pod: &Pod, declared: &Declared) -> (PodSecurityContext, SecurityContext) {
    let pod = pod.spec.as_ref().and_then(|s| s.security_context.clone()).unwrap_or_default();
    (pod, declared.security_context.clone().unwrap_or_default())
}
