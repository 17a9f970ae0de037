//! `wharf kubectl`: the user's own kubectl against the node, over the way that wharf itself takes to it.

use std::path::PathBuf;
use std::process::ExitStatus;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tokio::process::Command;

use super::args::Kubectl;
use super::error::{Error, Kind as Sort};
use super::kubeconfig_file::{Entry, File};
use super::session;
use crate::api::names;
use crate::client::{Client, Gate};

/// Runs `wharf kubectl`. Its exit code becomes wharf's own.
///
/// # Errors
/// No such node, no kubectl on this machine, or kubectl's own.
pub async fn run(node: &str, namespace: &str, args: &Kubectl) -> Result<(), Error> {
    let client = session::open(node).await?.client;
    let Client::Remote(remote) = &client else { return Err(Error::node("the node is not reached over a stream")) };
    let gate = Gate::open(remote, port(node)).await?;
    let mut file = File::default();
    let encoded = |text: &str| BASE64_STANDARD.encode(text);
    file.put(&Entry {
        name: node,
        namespace,
        server: format!("https://{}", gate.address),
        authority: encoded(&gate.authority),
        certificate: encoded(&gate.client.certificate),
        key: encoded(&gate.client.key),
        name_of_server: None,
    });
    let kept = Kept(folder()?.join(format!("wharf-{node}-{}", std::process::id())));
    file.write(&kept.0)?;
    let mut command = Command::new("kubectl");
    command.args(&args.arguments).env("KUBECONFIG", &kept.0).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::user("there is no kubectl on this machine")
            .hint("install it: https://kubernetes.io/docs/tasks/tools/#kubectl"),
        _ => Error::user("kubectl can't be run").because(&error),
    })?;
    let status = child.wait().await.map_err(|e| Error::user("kubectl was lost").because(&e))?;
    ended(status)
}

fn ended(status: ExitStatus) -> Result<(), Error> {
    match status.code() {
        Some(0) => Ok(()),
        code => Err(Error::told(Sort::Program(code.and_then(|c| u8::try_from(c).ok()).unwrap_or(1)))),
    }
}

/// The same port for the same node each time, where it is free: kubectl keeps what it learns of a server by its address.
fn port(node: &str) -> u16 {
    let digest = u16::from_str_radix(&names::digest(node.as_bytes(), 4), 16).unwrap_or(0);
    20_000 + digest % 12_000
}

/// A folder that only its user reads: that of the login, else kubectl's own.
fn folder() -> Result<PathBuf, Error> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let login = set("XDG_RUNTIME_DIR").filter(|folder| folder.is_dir());
    let home = || set("HOME").map(|home| home.join(".kube"));
    login.or_else(home).ok_or_else(|| Error::user("there is no home directory for kubectl's configuration"))
}

/// A file that goes when this is dropped.
struct Kept(PathBuf);

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
