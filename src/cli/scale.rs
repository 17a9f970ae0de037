//! `wharf scale`: the number of replicas, through the scale subresource.

use serde_json::json;

use super::args::Scale;
use super::error::Error;
use super::ui::Ui;
use super::{find, words};
use crate::client::{Client, Patch};

/// Runs `wharf scale`.
///
/// # Errors
/// No such object, one that can't be scaled, another number of replicas than was said, or a node that refuses.
pub async fn run(client: &Client, namespace: &str, scale: &Scale, ui: &Ui) -> Result<(), Error> {
    for (key, object) in find::objects(client, namespace, &scale.resources, &scale.selection).await? {
        if !key.kind.scale {
            return Err(Error::user(format!("{} can't be scaled", words::name(&key))));
        }
        let mut patch = json!({"spec": {"replicas": scale.replicas}});
        if let Some(wanted) = scale.current_replicas {
            let found = object["spec"]["replicas"].as_i64().unwrap_or(1);
            if found != i64::from(wanted) {
                return Err(Error::user(format!("Expected replicas to be {wanted}, was {found}")));
            }
            // Nobody may have changed it in between.
            patch["metadata"]["resourceVersion"] = object["metadata"]["resourceVersion"].clone();
        }
        client.patch(&key, "scale", Patch::Merge(patch)).await?;
        ui.data(&format!("{} scaled", words::name(&key)));
    }
    Ok(())
}
