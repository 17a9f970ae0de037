//! What to do about a change that Kubernetes does not allow. Pure.

use crate::api::Key;

/// How Kubernetes says that something may not be changed.
const REFUSALS: [&str; 6] =
    ["immutable", "are forbidden", "may not change", "may not be changed", "can not be changed", "cannot be changed"];

/// The way out, if that is what the message says.
pub fn way_out(key: &Key, message: &str) -> Option<String> {
    let name = format!("{}/{}", key.kind.singular, key.name);
    let place = if key.namespace.is_empty() || key.namespace == "default" {
        String::new()
    } else {
        format!(" -n {}", key.namespace)
    };
    if !REFUSALS.iter().any(|refusal| message.contains(refusal)) {
        return None;
    }
    let delete = format!("`wharf delete {name}{place}`, and then apply again");
    Some(match key.kind.kind {
        "StatefulSet" => {
            format!(
                "`wharf delete {name}{place} --cascade=orphan`, and then apply again: its pods and claims stay meanwhile"
            )
        }
        "PersistentVolumeClaim" => {
            format!("make a claim of another name and copy the data; {delete} loses the data of {name}")
        }
        "ConfigMap" | "Secret" => format!("give it another name and use that in the pods, or {delete}"),
        "Deployment" | "ReplicaSet" | "DaemonSet" => {
            format!("{delete}: its pods end meanwhile; or give it another name")
        }
        _ => delete,
    })
}

#[cfg(test)]
mod tests {
    use super::way_out;
    use crate::api::{Key, Kind};

    #[test]
    fn only_what_may_not_change_has_a_way_out() {
        let told = |word: &str, message: &str| {
            way_out(&Key::new(Kind::by_word(word).unwrap(), "shop", "web"), message).unwrap_or_default()
        };
        let message = "Deployment.apps \"web\" is invalid: spec.selector: Invalid value: {}: field is immutable";
        assert_eq!(
            told("deploy", message),
            "`wharf delete deployment/web -n shop`, and then apply again: its pods end meanwhile; or give it another name"
        );
        assert!(told("pvc", "spec is immutable after creation").contains("loses the data"));
        assert!(
            told("sts", "updates to statefulset spec for fields other than 'x' are forbidden")
                .contains("--cascade=orphan")
        );
        assert_eq!(told("deploy", "spec.replicas: must be greater than or equal to 0"), "");
    }
}
