//! `wharf rollout restart`, `pause` and `resume`: one patch of one object each.

use serde_json::{Value, json};

use crate::api::{Key, Timestamp};
use crate::cli::error::Error;
use crate::cli::ui::Ui;
use crate::cli::words;
use crate::client::{Client, Patch};

/// The annotation of a pod template that makes it another one.
const RESTARTED: &str = "kubectl.kubernetes.io/restartedAt";

/// A patch and the word for it, or why there is nothing to patch.
type Change = fn(&Key, &Value, Timestamp) -> Result<(Value, &'static str), Error>;

/// Changes each object.
///
/// # Errors
/// What a change says, or a node that refuses.
pub async fn run(client: &Client, targets: &[(Key, Value)], change: Change, ui: &Ui) -> Result<(), Error> {
    for (key, object) in targets {
        let (patch, word) = change(key, object, Timestamp::now())?;
        client.patch(key, "", Patch::Merge(patch)).await?;
        ui.data(&format!("{} {word}", words::name(key)));
    }
    Ok(())
}

/// Marks the pod template with the time.
pub fn restart(key: &Key, object: &Value, now: Timestamp) -> Result<(Value, &'static str), Error> {
    if object["spec"]["paused"] == true {
        return Err(Error::user(format!("can't restart paused deployment \"{}\"", key.name))
            .hint(format!("resume it first: wharf rollout resume {}/{}", key.kind.singular, key.name)));
    }
    let now = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    Ok((json!({"spec": {"template": {"metadata": {"annotations": {RESTARTED: now}}}}}), "restarted"))
}

/// Pauses a Deployment.
pub fn pause(key: &Key, object: &Value, _: Timestamp) -> Result<(Value, &'static str), Error> {
    set_paused(key, object, true)
}

/// Resumes a Deployment.
pub fn resume(key: &Key, object: &Value, _: Timestamp) -> Result<(Value, &'static str), Error> {
    set_paused(key, object, false)
}

fn set_paused(key: &Key, object: &Value, paused: bool) -> Result<(Value, &'static str), Error> {
    let words = if paused { ("pausing", "already paused", "paused") } else { ("resuming", "not paused", "resumed") };
    if key.kind.kind != "Deployment" {
        return Err(Error::user(format!("{} \"{}\" {} is not supported", key.kind.plural, key.name, words.0)));
    }
    if (object["spec"]["paused"] == true) == paused {
        return Err(Error::user(format!("deployments.apps \"{}\" is {}", key.name, words.1)));
    }
    Ok((json!({"spec": {"paused": paused}}), words.2))
}
