//! What to do about a change that Kubernetes does not allow. Pure.

/// How Kubernetes says that something may not be changed.
const REFUSALS: [&str; 6] =
    ["immutable", "are forbidden", "may not change", "may not be changed", "can not be changed", "cannot be changed"];

/// The way out, if that is what the message says: `Deployment.apps "web" is invalid: …: field is immutable`.
pub fn way_out(message: &str) -> Option<String> {
    REFUSALS.iter().find(|refusal| message.contains(**refusal))?;
    let (kind, rest) = message.split_once(" \"")?;
    let (name, _) = rest.split_once("\" is invalid")?;
    let kind = kind.split('.').next().unwrap_or(kind);
    let name = format!("{}/{name}", kind.to_lowercase());
    let delete = format!("`wharf delete {name}`, and then apply again");
    Some(match kind {
        "StatefulSet" => {
            format!("`wharf delete {name} --cascade=orphan`, and then apply again: its pods and claims stay meanwhile")
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

    #[test]
    fn only_what_may_not_change_has_a_way_out() {
        let told = |kind: &str, why: &str| way_out(&format!("{kind} \"web\" is invalid: {why}")).unwrap_or_default();
        assert_eq!(
            told("Deployment.apps", "spec.selector: Invalid value: {}: field is immutable"),
            "`wharf delete deployment/web`, and then apply again: its pods end meanwhile; or give it another name"
        );
        assert!(told("PersistentVolumeClaim", "spec is immutable after creation").contains("loses the data"));
        let set = told("StatefulSet.apps", "updates to statefulset spec for fields other than 'x' are forbidden");
        assert!(set.contains("--cascade=orphan"), "{set}");
        assert_eq!(told("Deployment.apps", "spec.replicas: must be greater than or equal to 0"), "");
        assert_eq!(way_out("the server is immutable"), None);
    }
}
