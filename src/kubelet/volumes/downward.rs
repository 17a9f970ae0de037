//! The files of the downward API: what a pod tells of itself.
//! <https://kubernetes.io/docs/concepts/workloads/pods/downward-api/>

use std::collections::BTreeMap;
use std::fmt::Write;

use k8s_openapi::api::core::v1::{DownwardAPIVolumeFile, Pod};

use super::files::{DEFAULT_MODE, mode};
use super::order::{File, Files};
use super::volume::inside;
use crate::api::{Object, View};
use crate::kubelet::env;
use crate::kubelet::missing::Missing;

/// The files of the items, with this mode where an item has none of its own.
pub fn files(
    view: &View,
    pod: &Pod,
    node: &str,
    items: &[DownwardAPIVolumeFile],
    default_mode: Option<i32>,
) -> Result<Files, Missing> {
    let default = mode(default_mode).unwrap_or(DEFAULT_MODE);
    let file = |item: &DownwardAPIVolumeFile| {
        let text = if let Some(field) = &item.field_ref {
            field_text(pod, &field.field_path)?
        } else if let Some(resource) = &item.resource_field_ref {
            env::resource(view, pod, node, None, resource)?
        } else {
            String::new()
        };
        Ok((inside(&item.path)?, File::new(mode(item.mode).unwrap_or(default), text)))
    };
    items.iter().map(file).collect()
}

fn field_text(pod: &Pod, path: &str) -> Result<String, Missing> {
    let metadata = &pod.metadata;
    let quoted = |prefix: &str| path.strip_prefix(prefix)?.strip_suffix("']");
    Ok(match path {
        "metadata.name" => pod.name().to_owned(),
        "metadata.namespace" => pod.namespace().to_owned(),
        "metadata.uid" => pod.uid().to_owned(),
        "metadata.labels" => lines(metadata.labels.as_ref()),
        "metadata.annotations" => lines(metadata.annotations.as_ref()),
        _ => {
            let label = quoted("metadata.labels['").map(|name| pod.label(name));
            let value = label.or_else(|| quoted("metadata.annotations['").map(|name| pod.annotation(name)));
            let unknown = || Missing::Unsupported(format!("unsupported fieldPath: {path}"));
            value.ok_or_else(unknown)?.unwrap_or_default().to_owned()
        }
    })
}

/// A map as `name="value"` lines, in the order of the names.
fn lines(map: Option<&BTreeMap<String, String>>) -> String {
    map.into_iter().flatten().map(|(name, value)| format!("{name}={}", quote(value))).collect::<Vec<_>>().join("\n")
}

/// A text as Go writes it between quotes. <https://pkg.go.dev/strconv#Quote>
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '\u{7f}' => drop(write!(out, "\\x{:02x}", u32::from(c))),
            c if c.is_control() => drop(write!(out, "\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn text(items: &Value) -> String {
        let pod = json!({
            "metadata": {"name": "web-1", "namespace": "shop", "uid": "u1", "labels": {"b": "2", "a": "1"},
                "annotations": {"note": "say \"ahoy\"\n\tö \\ \u{1}"}},
            "spec": {"containers": [{"name": "web", "resources": {"limits": {"memory": "64Mi", "cpu": "1500m"}}}]},
        });
        let (pod, items): (_, Vec<_>) =
            (serde_json::from_value(pod).unwrap(), serde_json::from_value(items.clone()).unwrap());
        match files(&View::default(), &pod, "box", &items, Some(0o440)) {
            Ok(files) => {
                let line = |(path, file): (&String, &File)| {
                    format!("{path} {:o} {}\n", file.mode, String::from_utf8_lossy(&file.bytes))
                };
                files.iter().map(line).collect()
            }
            Err(error) => format!("{error}\n"),
        }
    }

    #[test]
    fn fields_and_resources_become_files() {
        let field = |path: &str, field: &str| json!({"path": path, "fieldRef": {"fieldPath": field}});
        let resource = |path: &str, container: &str, resource: &str, divisor: &str| {
            json!({"path": path, "mode": 0o400,
                "resourceFieldRef": {"containerName": container, "resource": resource, "divisor": divisor}})
        };
        let found = text(&json!([
            field("name", "metadata.name"),
            field("where", "metadata.namespace"),
            field("uid", "metadata.uid"),
            field("labels", "metadata.labels"),
            field("annotations", "metadata.annotations"),
            field("one", "metadata.labels['a']"),
            field("none", "metadata.annotations['x']"),
            resource("limits/cpu", "web", "limits.cpu", "0"),
            resource("limits/memory", "web", "limits.memory", "1Mi"),
            resource("requests/memory", "web", "requests.memory", "1"),
        ]));
        insta::assert_snapshot!(found, @r#"
        annotations 440 note="say \"ahoy\"\n\tö \\ \x01"
        labels 440 a="1"
        b="2"
        limits/cpu 400 2
        limits/memory 400 64
        name 440 web-1
        none 440 
        one 440 1
        requests/memory 400 67108864
        uid 440 u1
        where 440 shop
        "#);
        assert_eq!(text(&json!([field("a", "status.podIP")])), "unsupported fieldPath: status.podIP\n");
        let lost = text(&json!([resource("a", "db", "limits.cpu", "1")]));
        assert_eq!(lost, "container db not found in pod web-1\n");
        assert_eq!(
            text(&json!([field("../a", "metadata.name")])),
            "path \"../a\" must be relative and not contain \"..\"\n"
        );
    }
}
