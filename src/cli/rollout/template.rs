//! A pod template as people read it, in the shape of kubectl's. Pure.

use crate::api::Value;

/// The template as indented lines.
pub fn text(template: &Value) -> String {
    let mut lines = vec!["Pod Template:".to_owned()];
    let metadata = &template["metadata"];
    lines.extend(pairs(2, "Labels:", &metadata["labels"], "="));
    lines.extend(pairs(2, "Annotations:", &metadata["annotations"], "="));
    if let Some(account) = template["spec"]["serviceAccountName"].as_str() {
        lines.push(entry(2, "Service Account:", account));
    }
    for (title, field) in [("Init Containers:", "initContainers"), ("Containers:", "containers")] {
        let all = list(&template["spec"][field]);
        if !all.is_empty() {
            lines.push(format!("  {title}"));
        }
        lines.extend(all.iter().flat_map(container));
    }
    lines.extend(volumes(list(&template["spec"]["volumes"])));
    lines.join("\n")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A title and its value; the values of one depth stand below each other.
fn entry(depth: usize, title: &str, value: &str) -> String {
    let width = 18_usize.saturating_sub(depth).max(title.len() + 1);
    format!("{:depth$}{title:<width$}{value}", "")
}

/// The pairs of a map, each on a line of its own.
fn pairs(depth: usize, title: &str, map: &Value, between: &str) -> Vec<String> {
    let map = map.as_object().into_iter().flatten().enumerate();
    let line = |(index, (name, value)): (usize, (&String, &Value))| {
        entry(depth, if index == 0 { title } else { "" }, &format!("{name}{between}{}", plain(value)))
    };
    map.map(line).collect()
}

/// A title over lines, or `<none>`.
fn block(depth: usize, title: &str, lines: Vec<String>) -> Vec<String> {
    if lines.is_empty() {
        return vec![entry(depth, title, "<none>")];
    }
    std::iter::once(format!("{:depth$}{title}", "")).chain(lines).collect()
}

fn container(container: &Value) -> Vec<String> {
    let image = container["image"].as_str().unwrap_or_default();
    let mut lines = vec![format!("   {}:", plain(&container["name"])), entry(4, "Image:", image)];
    for (title, field) in [("Port:", "containerPort"), ("Host Port:", "hostPort")] {
        let port =
            |p: &Value| format!("{}/{}", p[field].as_i64().unwrap_or(0), p["protocol"].as_str().unwrap_or("TCP"));
        let all: Vec<String> = list(&container["ports"]).iter().map(port).collect();
        lines.push(entry(4, title, if all.is_empty() { "<none>".to_owned() } else { all.join(", ") }.as_str()));
    }
    for (title, field) in [("Command:", "command"), ("Args:", "args")] {
        let words: Vec<String> = list(&container[field]).iter().map(|word| format!("      {}", plain(word))).collect();
        if !words.is_empty() {
            lines.extend(block(4, title, words));
        }
    }
    lines.extend(pairs(4, "Limits:", &container["resources"]["limits"], ": "));
    lines.extend(pairs(4, "Requests:", &container["resources"]["requests"], ": "));
    let probes = [("Liveness:", "livenessProbe"), ("Readiness:", "readinessProbe"), ("Startup:", "startupProbe")];
    for (title, field) in probes {
        if let Some(probe) = container[field].as_object() {
            let shown: Vec<String> = probe.iter().map(|(name, value)| format!("{name}={}", plain(value))).collect();
            lines.push(entry(4, title, &shown.join(" ")));
        }
    }
    lines.extend(environment(container));
    let mount = |m: &Value| {
        let mode = if m["readOnly"] == true { "ro" } else { "rw" };
        format!("      {} from {} ({mode})", plain(&m["mountPath"]), plain(&m["name"]))
    };
    lines.extend(block(4, "Mounts:", list(&container["volumeMounts"]).iter().map(mount).collect()));
    lines
}

fn environment(container: &Value) -> Vec<String> {
    let from = list(&container["envFrom"]).iter().filter_map(|source| {
        let named = |field: &str| source[field]["name"].as_str();
        let config = named("configMapRef").map(|name| format!("{name} ConfigMap"));
        let source = config.or_else(|| named("secretRef").map(|name| format!("{name} Secret")))?;
        Some(entry(4, "Environment From:", &source))
    });
    let variable = |v: &Value| {
        let source = v["valueFrom"].as_object().and_then(|from| from.iter().next());
        let value = match source {
            None => v["value"].as_str().unwrap_or_default().to_owned(),
            Some((field, from)) if from["key"].is_string() => {
                let kind = if field == "secretKeyRef" { "secret" } else { "config map" };
                format!("<set to the key '{}' in {kind} '{}'>", plain(&from["key"]), plain(&from["name"]))
            }
            Some((_, from)) => format!("({})", plain(from.get("fieldPath").unwrap_or(&from["resource"]))),
        };
        format!("      {}:  {value}", plain(&v["name"]))
    };
    from.chain(block(4, "Environment:", list(&container["env"]).iter().map(variable).collect())).collect()
}

fn volumes(volumes: &[Value]) -> Vec<String> {
    let mut lines = Vec::new();
    for volume in volumes {
        lines.push(format!("   {}:", plain(&volume["name"])));
        let Some((field, source)) = volume.as_object().into_iter().flatten().find(|(field, _)| *field != "name") else {
            continue;
        };
        lines.push(entry(4, "Type:", field));
        let shown = source.as_object().into_iter().flatten().filter(|(_, v)| !v.is_array() && !v.is_object());
        lines.extend(shown.map(|(name, value)| entry(4, &format!("{name}:"), &plain(value))));
    }
    block(2, "Volumes:", lines)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_template_is_shown_as_kubectl_shows_it() {
        let secret = json!({"secretKeyRef": {"name": "keys", "key": "b"}});
        let template = json!({
            "metadata": {"labels": {"app": "web", "tier": "front"}},
            "spec": {
                "containers": [{
                    "name": "web", "image": "nginx:1.27", "args": ["-g", "x"],
                    "ports": [{"containerPort": 80, "protocol": "TCP"}],
                    "resources": {"limits": {"memory": "64Mi"}},
                    "env": [{"name": "A", "value": "1"}, {"name": "B", "valueFrom": secret}],
                    "volumeMounts": [{"name": "data", "mountPath": "/data"}],
                }],
                "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}],
            },
        });
        insta::assert_snapshot!(super::text(&template), @r"
        Pod Template:
          Labels:         app=web
                          tier=front
          Containers:
           web:
            Image:        nginx:1.27
            Port:         80/TCP
            Host Port:    0/TCP
            Args:
              -g
              x
            Limits:       memory: 64Mi
            Environment:
              A:  1
              B:  <set to the key 'b' in secret 'keys'>
            Mounts:
              /data from data (rw)
          Volumes:
           data:
            Type:         persistentVolumeClaim
            claimName:    data
        ");
    }
}
