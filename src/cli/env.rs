//! `wharf env`: the resolved environment of a container, as its env file has it.

use super::args::Env;
use super::error::Error;
use super::session;
use super::ui::Ui;
use crate::api::object::meta;
use crate::api::{Key, Kind, Value};

/// Runs `wharf env`.
///
/// # Errors
/// No such pod or container, or a container that has not been created yet.
pub async fn run(node: &str, namespace: &str, env: &Env, ui: &Ui) -> Result<(), Error> {
    let session = session::open(node).await?;
    let kind = Kind::by_word("pods").ok_or_else(|| Error::usage("there are no pods"))?;
    let name = env.pod.strip_prefix("pod/").unwrap_or(&env.pod);
    let pod = session.client.get(&Key::new(kind, namespace, name)).await?;
    let container = container(&pod, env.container.as_deref())?;
    let path = format!("/var/lib/wharf/pods/{}/env/{container}.env", meta(&pod, "uid"));
    let node = session.node.ok_or_else(|| Error::usage("env files are read from a node's container"))?;
    let file = node.read_file(&path).await?.ok_or_else(|| {
        Error::node(format!("container \"{container}\" of pod \"{name}\" has not been created yet"))
            .hint(format!("`wharf describe pod {name}` tells why"))
    })?;
    ui.raw(&file).map_err(|e| Error::user("can't write the environment").because(&e))
}

/// The named container, or the only one.
fn container(pod: &Value, named: Option<&str>) -> Result<String, Error> {
    let [inits, apps] = ["initContainers", "containers"].map(|field| names(&pod["spec"][field]));
    let pod = meta(pod, "name");
    match (named, apps.as_slice()) {
        (Some(name), _) if inits.iter().chain(&apps).any(|n| n == name) => Ok(name.to_owned()),
        (Some(name), _) => Err(Error::user(format!("container {name} is not valid for pod {pod}"))
            .hint(format!("it has {}", [inits, apps].concat().join(", ")))),
        (None, [one]) => Ok(one.clone()),
        (None, _) => Err(Error::user(format!("pod {pod} has several containers: name one with -c"))
            .hint(format!("it has {}", apps.join(", ")))),
    }
}

fn names(containers: &Value) -> Vec<String> {
    containers.as_array().into_iter().flatten().filter_map(|c| c["name"].as_str().map(str::to_owned)).collect()
}
