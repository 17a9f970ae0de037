//! The parts of a pod's specification that are changed by subresources only: resources, and ephemeral containers. Pure.
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#standard-api-terminology>

use serde_json::{Value, json};

use super::Subresource;
use crate::api::object::meta;
use crate::api::{Problem, qos};

/// The lists of containers whose resources can change.
const SIZED: [&str; 2] = ["containers", "initContainers"];
/// What `resize` changes in a container.
const RESIZED: [&str; 2] = ["resources", "resizePolicy"];

/// The pod with the part that the subresource writes taken from `object`.
pub fn merge(part: Subresource, object: &Value, old: &Value) -> Value {
    let mut new = old.clone();
    if part == Subresource::EphemeralContainers {
        set(&mut new["spec"], "ephemeralContainers", object["spec"].get("ephemeralContainers"));
        return new;
    }
    for list in SIZED {
        for container in new["spec"][list].as_array_mut().into_iter().flatten() {
            let name = container["name"].clone();
            let wanted = object["spec"][list].as_array().into_iter().flatten().find(|c| c["name"] == name);
            for field in RESIZED {
                if let Some(wanted) = wanted {
                    set(container, field, wanted.get(field));
                }
            }
        }
        if new["spec"][list].is_null() {
            new["spec"].as_object_mut().map(|spec| spec.remove(list));
        }
    }
    new
}

fn set(object: &mut Value, field: &str, value: Option<&Value>) {
    let Some(fields) = object.as_object_mut() else { return };
    match value {
        Some(value) => fields.insert(field.to_owned(), value.clone()),
        None => fields.remove(field),
    };
}

/// What is wrong with a change of a pod by this way: `new` and `old` are whole pods.
pub fn check(part: Subresource, new: &Value, old: &Value) -> Vec<Problem> {
    match part {
        Subresource::Main => not_here(new, old),
        Subresource::EphemeralContainers => only_added(new, old),
        Subresource::Resize => resize(new, old),
        _ => Vec::new(),
    }
}

/// What an update of the pod itself can't change.
fn not_here(new: &Value, old: &Value) -> Vec<Problem> {
    let sizes = |pod: &Value| {
        let all = SIZED.iter().flat_map(|list| pod["spec"][*list].as_array().into_iter().flatten());
        all.map(|c| (c["name"].clone(), RESIZED.map(|field| c[field].clone()))).collect::<Vec<_>>()
    };
    let mut problems = Vec::new();
    if sizes(new) != sizes(old) {
        let message = "pod updates may not change resources: use the subresource \"resize\"";
        problems.push(Problem::forbidden("spec", message));
    }
    if new["spec"]["ephemeralContainers"] != old["spec"]["ephemeralContainers"] {
        let message = "pod updates may not change ephemeral containers: use the subresource \"ephemeralcontainers\"";
        problems.push(Problem::forbidden("spec", message));
    }
    problems
}

fn only_added(new: &Value, old: &Value) -> Vec<Problem> {
    let list = |pod: &Value| pod["spec"]["ephemeralContainers"].as_array().cloned().unwrap_or_default();
    let (new, mut problems) = (list(new), Vec::new());
    for old in list(old) {
        let name = meta_name(&old);
        match new.iter().position(|c| meta_name(c) == name) {
            None => {
                let message = format!("existing ephemeral containers \"{name}\" may not be removed");
                problems.push(Problem::forbidden("spec.ephemeralContainers", message));
            }
            Some(index) if new[index] != old => {
                let path = format!("spec.ephemeralContainers[{index}]");
                let message = format!("existing ephemeral containers \"{name}\" may not be changed");
                problems.push(Problem::forbidden(path, message));
            }
            Some(_) => {}
        }
    }
    problems
}

fn meta_name(container: &Value) -> &str {
    container["name"].as_str().unwrap_or_default()
}

fn resize(new: &Value, old: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    let class = |pod: &Value| serde_json::from_value(pod.clone()).ok().map(|pod| qos::class(&pod));
    if class(new) != class(old) {
        let message = "Pod QOS Class may not change as a result of resizing";
        problems.push(Problem::invalid("spec", format!("{}: {message}", json!(meta(new, "name")))));
    }
    for list in SIZED {
        let pairs = |pod: &Value| pod["spec"][list].as_array().cloned().unwrap_or_default();
        for (index, (new, old)) in pairs(new).iter().zip(&pairs(old)).enumerate() {
            let restartable = list == "containers" || new["restartPolicy"] == "Always";
            let path = format!("spec.{list}[{index}].resources");
            if !restartable && new["resources"] != old["resources"] {
                let message = "only cpu and memory resources for sidecar and regular containers are mutable";
                problems.push(Problem::forbidden(path, message));
                continue;
            }
            for kind in ["limits", "requests"] {
                for (resource, amount) in old["resources"][kind].as_object().into_iter().flatten() {
                    let now = &new["resources"][kind][resource];
                    if now.is_null() {
                        let message = format!("resource {kind} cannot be removed");
                        problems.push(Problem::forbidden(format!("{path}.{kind}"), message));
                    } else if now != amount && !["cpu", "memory"].contains(&resource.as_str()) {
                        let message = "only cpu and memory resources are mutable";
                        problems.push(Problem::forbidden(format!("{path}.{kind}"), message));
                    }
                }
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod() -> Value {
        json!({"metadata": {"name": "p"}, "spec": {
            "initContainers": [{"name": "first"}, {"name": "side", "restartPolicy": "Always"}],
            "containers": [{"name": "a", "image": "x", "resources": {"limits": {"cpu": "1"}}}],
        }})
    }

    /// What is wrong with a pod that was changed in one place, by this way.
    fn changed(part: Subresource, pointer: &str, value: Value) -> String {
        let (old, mut wanted) = (pod(), pod());
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        wanted.pointer_mut(parent).unwrap()[field] = value;
        let new = if part == Subresource::Main { wanted } else { merge(part, &wanted, &old) };
        let problems = check(part, &new, &old);
        let text = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        if text.is_empty() && new == old { "nothing changed".to_owned() } else { text }
    }

    #[test]
    fn each_part_has_its_own_way() {
        use Subresource::{EphemeralContainers as Added, Main, Resize};
        let (size, debug) = (json!({"limits": {"cpu": "2"}}), json!([{"name": "debug"}]));
        let (resources, ephemeral) = ("/spec/containers/0/resources", "/spec/ephemeralContainers");
        assert!(changed(Main, resources, size.clone()).contains("use the subresource \"resize\""));
        assert!(changed(Main, ephemeral, debug.clone()).contains("use the subresource \"ephemeralcontainers\""));
        assert_eq!(changed(Resize, resources, size.clone()), "");
        assert_eq!(changed(Resize, "/spec/containers/0/image", json!("y")), "nothing changed");
        assert_eq!(changed(Resize, ephemeral, debug.clone()), "nothing changed");
        assert_eq!(changed(Added, ephemeral, debug), "");
        assert_eq!(changed(Added, resources, size), "nothing changed");
    }

    #[test]
    fn a_resize_keeps_the_class_and_takes_nothing_away() {
        let resize = |pointer, value| changed(Subresource::Resize, pointer, value);
        let none = resize("/spec/containers/0/resources", json!({}));
        insta::assert_snapshot!(none, @r#"
        spec: Invalid value: "p": Pod QOS Class may not change as a result of resizing
        spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed
        "#);
        let init = resize("/spec/initContainers/0/resources", json!({"requests": {"cpu": "1"}}));
        assert!(init.contains("only cpu and memory resources for sidecar"), "{init}");
        assert_eq!(resize("/spec/initContainers/1/resources", json!({"requests": {"cpu": "1"}})), "");
    }

    #[test]
    fn ephemeral_containers_are_only_added() {
        let mut old = pod();
        old["spec"]["ephemeralContainers"] = json!([{"name": "one", "image": "x"}]);
        let check = |list: Value| {
            let mut new = old.clone();
            new["spec"]["ephemeralContainers"] = list;
            let problems = only_added(&new, &old);
            problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(check(json!([{"name": "one", "image": "x"}, {"name": "two"}])), "");
        assert!(check(json!([{"name": "two"}])).contains("may not be removed"));
        assert!(check(json!([{"name": "one", "image": "y"}])).contains("may not be changed"));
    }
}
