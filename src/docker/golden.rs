//! What Docker is asked to create for a pod, as text: the sandbox and each container. For tests.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::{Container as Declared, Pod};
use serde_json::Value;

use super::translate::{self, Surroundings};
use crate::kubelet::container::{Given, container};
use crate::kubelet::runtime::{ContainerSpec, Image};
use crate::kubelet::sandbox::{Place, sandbox};

/// The requests for a pod, one YAML document each, without what is the same for all containers; or why there is none. The
/// image runs as `1000:1000`, and has no environment.
#[must_use]
pub fn golden(pod: &Pod) -> String {
    let place = Place { node: "wharf", image: "wharf:1", dns: Ipv4Addr::new(10, 201, 255, 254) };
    let mut texts = vec![request(&sandbox(pod, place, Ipv4Addr::new(10, 201, 1, 7), Vec::new()))];
    let spec = pod.spec.clone().unwrap_or_default();
    for declared in spec.init_containers.iter().flatten().chain(&spec.containers) {
        texts.push(one(pod, declared));
    }
    texts.join("---\n")
}

fn one(pod: &Pod, declared: &Declared) -> String {
    let image = Image { user: "1000:1000".to_owned(), ..Image::default() };
    let given = Given {
        node: "wharf",
        sandbox: "SANDBOX",
        target: None,
        attempt: 0,
        image: &image,
        env: &[],
        mounts: &[],
        seccomp: Some("{}"),
        runtime: pod.spec.as_ref().and_then(|s| s.runtime_class_name.as_deref()),
        memory: 8 << 30,
    };
    container(pod, declared, given).map_or_else(|why| format!("# {}: {why}\n", declared.name), |spec| request(&spec))
}

/// A request without what says nothing, and what all have.
fn request(spec: &ContainerSpec) -> String {
    const COMMON: [&str; 6] = ["Init", "LogConfig", "RestartPolicy", "Labels", "MemorySwap", "CpuPeriod"];
    let around = Surroundings { node: "wharf", bind: "", state: "/state", volumes: &BTreeMap::new() };
    let mut body = serde_json::to_value(translate::body(spec, &around)).unwrap_or_default();
    body.sort_all_objects();
    let bare = |fields: &mut serde_json::Map<String, Value>| {
        let says = |value: &Value| value.as_bool() != Some(false) && *value != Value::Array(Vec::new());
        fields.retain(|name, value| !COMMON.contains(&name.as_str()) && (says(value) || name.ends_with("Paths")));
    };
    body["HostConfig"].as_object_mut().map(bare);
    body.as_object_mut().map(bare);
    serde_yaml::to_string(&serde_json::json!({ &spec.name: body })).unwrap_or_default()
}
