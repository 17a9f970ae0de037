//! `wharf kubeconfig`: opens the node's API on the host, and writes a context for kubectl.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use k8s_openapi::api::core::v1::{Pod, Service};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::args::Kubeconfig;
use super::error::Error;
use super::kubeconfig_file::{Entry, File};
use super::session;
use super::ui::Ui;
use crate::api::names::{PUBLISH, PUBLISHED, SYSTEM_NAMESPACE};
use crate::api::object::meta;
use crate::api::{Key, Kind, Value};
use crate::client::{Client, ListOptions, Patch};

/// The port of the host that Kubernetes' API usually has.
const PORT: u16 = 6443;
/// How long the port may take to be open.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `wharf kubeconfig`.
///
/// # Errors
/// The node does not answer, its port can't be opened, or the file can't be read or written.
pub async fn run(node: &str, namespace: &str, args: &Kubeconfig, ui: &Ui) -> Result<(), Error> {
    let context = args.context.clone().unwrap_or_else(|| node.to_owned());
    if args.remove {
        return remove(node, &context, args, ui).await;
    }
    let client = session::open(node).await?.client;
    let address = address(&client, args).await?;
    let key = Key::new(Kind::of::<Service>(), "default", "kubernetes");
    client.patch(&key, "", Patch::Merge(json!({"metadata": {"annotations": {PUBLISH: address}}}))).await?;
    wait(&client, &address).await?;
    let made = client.certificate("wharf-admin", "system:masters").await?;
    let encoded = |field: &str| BASE64_STANDARD.encode(made[field].as_str().unwrap_or_default());
    let entry = Entry {
        name: &context,
        namespace,
        server: format!("https://{address}"),
        authority: encoded("authority"),
        certificate: encoded("certificate"),
        key: encoded("key"),
        // The certificate is good for the names of the Service, whatever address leads there.
        name_of_server: Some("kubernetes.default.svc"),
    };
    if args.print {
        let mut file = File::default();
        file.put(&entry);
        return ui.raw(file.text()?.as_bytes()).map_err(|e| Error::user("can't write the context").because(&e));
    }
    let path = File::path(args.file.as_deref())?;
    let mut file = File::read(&path)?;
    file.put(&entry);
    file.write(&path)?;
    ui.say(&format!("kubectl's context \"{context}\" in {} leads to https://{address}", path.display()));
    Ok(())
}

/// Takes the context out of the file, and closes the port.
async fn remove(node: &str, context: &str, args: &Kubeconfig, ui: &Ui) -> Result<(), Error> {
    let path = File::path(args.file.as_deref())?;
    let mut file = File::read(&path)?;
    let was = file.remove(context);
    if was {
        file.write(&path)?;
        ui.say(&format!("kubectl's context \"{context}\" is gone from {}", path.display()));
    }
    if let Some(session) = session::open_known(node).await? {
        let key = Key::new(Kind::of::<Service>(), "default", "kubernetes");
        let nothing = json!({"metadata": {"annotations": {PUBLISH: null}}});
        session.client.patch(&key, "", Patch::Merge(nothing)).await?;
    } else if !was {
        return Err(Error::user(format!("there is neither a context \"{context}\" nor a node \"{node}\"")));
    }
    Ok(())
}

/// The host's address and port for the API: as asked, else as it is, else the usual one.
async fn address(client: &Client, args: &Kubeconfig) -> Result<String, Error> {
    let service = client.get(&Key::new(Kind::of::<Service>(), "default", "kubernetes")).await?;
    let now =
        service["metadata"]["annotations"][PUBLISH].as_str().and_then(|a| a.parse::<std::net::SocketAddrV4>().ok());
    let ip = args.bind.or(now.map(|a| *a.ip())).unwrap_or(std::net::Ipv4Addr::LOCALHOST);
    let port = args.port.or(now.map(|a| a.port())).unwrap_or(PORT);
    Ok(format!("{ip}:{port}"))
}

/// Waits until the publisher of this address is ready.
async fn wait(client: &Client, address: &str) -> Result<(), Error> {
    let kind = Kind::of::<Pod>();
    let labels = "wharf.service.namespace=default,wharf.service.name=kubernetes".to_owned();
    let options = ListOptions { namespace: Some(SYSTEM_NAMESPACE.to_owned()), labels, ..ListOptions::default() };
    let service = Key::new(Kind::of::<Service>(), "default", "kubernetes");
    let end = Instant::now() + PATIENCE;
    loop {
        let pods = client.list(kind, &options).await?.items;
        if pods.iter().any(|pod| publishes(pod, address) && is_ready(pod)) {
            return Ok(());
        }
        let told = client.get(&service).await?;
        let conditions = told["status"]["conditions"].as_array().into_iter().flatten();
        let trouble = conditions.filter(|c| c["type"] == PUBLISHED).find_map(|c| c["message"].as_str());
        let ours = pods.iter().any(|pod| publishes(pod, address));
        if let Some(trouble) = trouble.filter(|_| ours).map(str::to_owned) {
            let nothing = json!({"metadata": {"annotations": {PUBLISH: null}}});
            client.patch(&service, "", Patch::Merge(nothing)).await?;
            return Err(Error::node(format!("the API can't be had at {address}: {trouble}"))
                .hint("another port may be free: wharf kubeconfig --port 6444"));
        }
        if Instant::now() > end {
            return Err(Error::node(format!("the API is not at {address} in time"))
                .hint("`wharf get pods -n wharf-system` shows the pod that publishes it"));
        }
        sleep(Duration::from_millis(100)).await;
    }
}

fn publishes(pod: &Value, address: &str) -> bool {
    let port = &pod["spec"]["containers"][0]["ports"][0];
    let found = format!("{}:{}", port["hostIP"].as_str().unwrap_or_default(), port["hostPort"]);
    found == address && meta(pod, "deletionTimestamp").is_empty()
}

fn is_ready(pod: &Value) -> bool {
    let conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
    conditions.filter(|c| c["type"] == "Ready").any(|c| c["status"] == "True")
}
