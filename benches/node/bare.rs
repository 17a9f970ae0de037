//! The containers that wharf made for pods, made once more by the bare engine.

use std::time::{Duration, Instant};

use bollard::Docker;
use bollard::models::{ContainerCreateBody, ContainerInspectResponse};
use bollard::query_parameters::{CreateContainerOptionsBuilder, RemoveContainerOptionsBuilder};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::harness::{Container, Node};

/// As many at once as the engine gains by.
const AT_ONCE: usize = 8;

/// A pod's sandbox, and the container that joins it.
struct Pair {
    sandbox: ContainerInspectResponse,
    app: ContainerInspectResponse,
}

/// Makes the same again for all single-container pods of a node, and removes it: the time for sandboxes and containers, and
/// that for as many containers alone.
pub async fn measure(node: &Node) -> (Duration, Duration) {
    let docker = Docker::connect_with_defaults().unwrap();
    let pairs = pairs(&docker, node).await;
    let whole = async |(n, pair): (usize, &Pair)| {
        let sandbox = make(&docker, node, &pair.sandbox, &format!("bare-s{n}"), None, n).await;
        let app = make(&docker, node, &pair.app, &format!("bare-a{n}"), Some(&sandbox), n).await;
        vec![app, sandbox]
    };
    let alone = async |(n, pair): (usize, &Pair)| {
        let mut app = pair.app.clone();
        let host = app.host_config.as_mut().unwrap();
        (host.network_mode, host.ipc_mode) = (Some("none".to_owned()), None);
        vec![make(&docker, node, &app, &format!("bare-c{n}"), None, n).await]
    };
    let began = Instant::now();
    let ids: Vec<_> = stream::iter(pairs.iter().enumerate()).map(whole).buffer_unordered(AT_ONCE).collect().await;
    let whole = began.elapsed();
    remove(&docker, ids.concat()).await;
    let began = Instant::now();
    let ids: Vec<_> = stream::iter(pairs.iter().enumerate()).map(alone).buffer_unordered(AT_ONCE).collect().await;
    let alone = began.elapsed();
    remove(&docker, ids.concat()).await;
    (whole, alone)
}

async fn remove(docker: &Docker, ids: Vec<String>) {
    let one = async |id: String| {
        let options = RemoveContainerOptionsBuilder::new().force(true).build();
        docker.remove_container(&id, Some(options)).await.unwrap();
    };
    stream::iter(ids).map(one).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

async fn pairs(docker: &Docker, node: &Node) -> Vec<Pair> {
    let all = node.containers();
    let of = |pod: &str| all.iter().find(|c| c.label("wharf.pod") == pod && c.label("wharf.container").is_empty());
    let mut pairs = Vec::new();
    let apps: Vec<&Container> = all.iter().filter(|c| !c.label("wharf.container").is_empty()).collect();
    for app in apps {
        let sandbox = docker.inspect_container(&of(app.label("wharf.pod")).unwrap().id, None).await.unwrap();
        pairs.push(Pair { sandbox, app: docker.inspect_container(&app.id, None).await.unwrap() });
    }
    pairs
}

/// Creates and starts a container like another one, under another name, address, and no label of the node's.
async fn make(
    docker: &Docker,
    node: &Node,
    like: &ContainerInspectResponse,
    name: &str,
    sandbox: Option<&str>,
    n: usize,
) -> String {
    let mut body = serde_json::to_value(&like.config).unwrap();
    let mut host = serde_json::to_value(&like.host_config).unwrap();
    body["Labels"] = json!({ "wharf.bench": node.name });
    if let Some(sandbox) = sandbox {
        for (mode, word) in [("NetworkMode", "container"), ("IpcMode", "container"), ("PidMode", "container")] {
            if host[mode].as_str().is_some_and(|m| m.starts_with(word)) {
                host[mode] = json!(format!("container:{sandbox}"));
            }
        }
        body["Hostname"] = Value::Null;
    } else if host["NetworkMode"] == node.name.as_str() {
        let address = like.network_settings.as_ref().and_then(|s| s.networks.as_ref()).and_then(|n| n.get(&node.name));
        let address = address.and_then(|n| n.ip_address.clone()).unwrap();
        let (network, _) = address.rsplit_once('.').unwrap();
        let (first, _) = network.rsplit_once('.').unwrap();
        let free = json!({ "IPAMConfig": { "IPv4Address": format!("{first}.9.{}", n + 1) } });
        body["NetworkingConfig"] = json!({ "EndpointsConfig": { node.name.as_str(): free } });
    }
    body["HostConfig"] = host;
    let body: ContainerCreateBody = serde_json::from_value(body).unwrap();
    let options = CreateContainerOptionsBuilder::new().name(&format!("{}-{name}", node.name)).build();
    let id = docker.create_container(Some(options), body).await.unwrap().id;
    docker.start_container(&id, None).await.unwrap();
    id
}
