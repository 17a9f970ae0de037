//! Where an object has its containers, and which of them are meant. Pure.

use crate::api::{Key, Value};

/// The place of the pod spec in objects of a kind; `None` for kinds that have none.
pub fn place(key: &Key) -> Option<&'static str> {
    match key.kind.kind {
        "Pod" => Some("/spec"),
        "CronJob" => Some("/spec/jobTemplate/spec/template/spec"),
        "Deployment" | "ReplicaSet" | "ReplicationController" | "StatefulSet" | "DaemonSet" | "Job" => {
            Some("/spec/template/spec")
        }
        _ => None,
    }
}

/// The containers of a pod spec, those for its start included.
pub fn containers(spec: &mut Value) -> Vec<&mut Value> {
    let Some(spec) = spec.as_object_mut() else { return Vec::new() };
    let lists = spec.iter_mut().filter(|(field, _)| matches!(field.as_str(), "initContainers" | "containers"));
    lists.flat_map(|(_, list)| list.as_array_mut().into_iter().flatten()).collect()
}

/// The name of a container.
pub fn name(container: &Value) -> &str {
    container["name"].as_str().unwrap_or_default()
}

/// Whether a name fits a pattern in which `*` stands for any letters.
pub fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, tail)) => {
            let Some(rest) = name.strip_prefix(head) else { return false };
            (0..=rest.len()).filter(|at| rest.is_char_boundary(*at)).any(|at| fits(tail, &rest[at..]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_any_letters() {
        for (pattern, name, wanted) in
            [("*", "web", true), ("w*", "web", true), ("*b", "web", true), ("w*x", "web", false), ("we", "web", false)]
        {
            assert_eq!(fits(pattern, name), wanted, "{pattern} {name}");
        }
    }
}
