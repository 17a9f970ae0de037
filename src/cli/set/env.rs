//! `wharf set env`: the environment of containers.

use serde_json::{Value, json};

use super::pod_spec::{containers, fits, name, place};
use crate::api::Key;
use crate::cli::error::Error;
use crate::cli::words;
use crate::client::Client;

/// A variable and what it becomes: an entry of the list, or nothing.
pub type Change = (String, Option<Value>);

/// Reads `NAME=VALUE` and `NAME-`.
///
/// # Errors
/// One that is neither.
pub fn read(changes: &[String]) -> Result<Vec<Change>, Error> {
    let read = |change: &String| match (change.split_once('='), change.strip_suffix('-')) {
        (Some((name, value)), _) if !name.is_empty() => {
            Ok((name.to_owned(), Some(json!({"name": name, "value": value}))))
        }
        (None, Some(name)) if !name.is_empty() => Ok((name.to_owned(), None)),
        _ => Err(Error::usage(format!("\"{change}\" is neither NAME=VALUE nor NAME-"))),
    };
    changes.iter().map(read).collect()
}

/// A variable for each key of a config map or a secret, which goes on to hold the value.
///
/// # Errors
/// No such object.
pub async fn of_object(client: &Client, namespace: &str, argument: &str, prefix: &str) -> Result<Vec<Change>, Error> {
    let key = words::read_pod(argument, namespace)?;
    let field = match key.kind.kind {
        "ConfigMap" => "configMapKeyRef",
        "Secret" => "secretKeyRef",
        _ => return Err(Error::usage(format!("{argument} is neither a config map nor a secret"))),
    };
    let object = client.get(&key).await?;
    let keys = object["data"].as_object().into_iter().flatten().map(|(k, _)| k);
    let fit = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let variable = |k: &String| {
        let variable = format!("{prefix}{}", k.chars().map(fit).collect::<String>());
        let entry = json!({"name": variable, "valueFrom": {field: {"name": key.name, "key": k}}});
        (variable, Some(entry))
    };
    Ok(keys.map(variable).collect())
}

/// Changes the environment of the containers whose names fit.
///
/// # Errors
/// No container fits.
pub fn set(spec: &mut Value, pattern: &str, changes: &[Change]) -> Result<(), String> {
    let mut found = false;
    for container in containers(spec).into_iter().filter(|c| fits(pattern, name(c))) {
        found = true;
        let mut entries = container["env"].as_array().cloned().unwrap_or_default();
        for (variable, entry) in changes {
            let at = entries.iter().position(|e| e["name"] == *variable);
            match (at, entry) {
                (Some(at), Some(entry)) => entries[at] = entry.clone(),
                (None, Some(entry)) => entries.push(entry.clone()),
                (Some(at), None) => drop(entries.remove(at)),
                (None, None) => {}
            }
        }
        match (container.as_object_mut(), entries.is_empty()) {
            (Some(container), true) => drop(container.remove("env")),
            (Some(container), false) => drop(container.insert("env".to_owned(), entries.into())),
            (None, _) => {}
        }
    }
    if found { Ok(()) } else { Err(format!("unable to find a container that fits \"{pattern}\"")) }
}

/// The environment of the containers whose names fit, as kubectl lists it.
pub fn list(object_name: &str, key: &Key, object: &Value, pattern: &str) -> String {
    let mut spec = place(key).and_then(|place| object.pointer(place)).cloned().unwrap_or_default();
    let mut lines = Vec::new();
    for container in containers(&mut spec).into_iter().filter(|c| fits(pattern, name(c))) {
        lines.push(format!("# {object_name}, container {}", name(container)));
        lines.extend(container["env"].as_array().into_iter().flatten().map(|e| {
            let variable = e["name"].as_str().unwrap_or_default();
            match e["valueFrom"].as_object().and_then(|from| from.iter().next()) {
                None => format!("{variable}={}", e["value"].as_str().unwrap_or_default()),
                Some((field, from)) => {
                    let text = |f: &str| from[f].as_str().unwrap_or_default();
                    let source = match field.as_str() {
                        "configMapKeyRef" => format!("configmap {}, key {}", text("name"), text("key")),
                        "secretKeyRef" => format!("secret {}, key {}", text("name"), text("key")),
                        _ => format!("{}{}", text("fieldPath"), text("resource")),
                    };
                    format!("# {variable} from {source}")
                }
            }
        }));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_set_replaced_and_taken_away() {
        let mut spec =
            json!({"containers": [{"name": "web", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}]});
        let changes = read(&["A=x=y".to_owned(), "B-".to_owned(), "C=".to_owned(), "D-".to_owned()]).unwrap();
        set(&mut spec, "w*", &changes).unwrap();
        assert_eq!(spec["containers"][0]["env"], json!([{"name": "A", "value": "x=y"}, {"name": "C", "value": ""}]));
        set(&mut spec, "*", &read(&["A-".to_owned(), "C-".to_owned()]).unwrap()).unwrap();
        assert_eq!(spec["containers"][0], json!({"name": "web"}));
        assert!(set(&mut spec, "db", &changes).is_err());
        assert!(read(&["=x".to_owned()]).is_err());
    }
}
