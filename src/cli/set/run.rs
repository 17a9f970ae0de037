//! The subcommands of `wharf set`: each changes the pod spec of the objects that are named.

use serde_json::json;

use super::{env, image, pod_spec, resources};
use crate::api::{Key, Value};
use crate::cli::args::{Selection, Set};
use crate::cli::error::Error;
use crate::cli::ui::Ui;
use crate::cli::{find, words};
use crate::client::{Client, Patch};

/// Runs `wharf set`.
///
/// # Errors
/// Nothing named, no such object or container, what is no `NAME=VALUE`, or a node that refuses.
pub async fn run(client: &Client, namespace: &str, set: &Set, ui: &Ui) -> Result<(), Error> {
    match set {
        Set::Image(args) => {
            let (resources, pairs) = words::split(&args.words);
            let images = image::read(pairs)?;
            let change = |spec: &mut Value| image::set(spec, &images);
            change_all(client, &find(client, namespace, resources, &args.selection).await?, "image", change, ui).await
        }
        Set::Env(args) => {
            let (resources, changes) = words::split(&args.words);
            let found = find(client, namespace, resources, &args.selection).await?;
            let mut changes = env::read(changes)?;
            if let Some(from) = &args.from {
                changes.extend(env::of_object(client, namespace, from, &args.prefix).await?);
            }
            if args.list {
                for (key, object) in &found {
                    ui.data(&env::list(&words::name(key), key, object, &args.containers));
                }
                return Ok(());
            }
            if changes.is_empty() {
                return Err(Error::usage("name at least one variable: NAME=VALUE, NAME- or --from"));
            }
            change_all(client, &found, "env", |spec| env::set(spec, &args.containers, &changes), ui).await
        }
        Set::Resources(args) => {
            let change = resources::read(args)?;
            let found = find(client, namespace, &args.resources, &args.selection).await?;
            let change = |spec: &mut Value| resources::set(spec, &args.containers, &change);
            change_all(client, &found, "resource requirements", change, ui).await
        }
    }
}

async fn find(
    client: &Client,
    namespace: &str,
    resources: &[String],
    selection: &Selection,
) -> Result<Vec<(Key, Value)>, Error> {
    if resources.is_empty() {
        return Err(
            Error::usage("name what to change").hint("for example: wharf set image deployment/web web=nginx:1.27")
        );
    }
    find::objects(client, namespace, resources, selection).await
}

/// Changes the pod spec of each object; what is as wanted already is left alone, and nothing is told of it.
async fn change_all(
    client: &Client,
    found: &[(Key, Value)],
    what: &str,
    change: impl Fn(&mut Value) -> Result<(), String>,
    ui: &Ui,
) -> Result<(), Error> {
    for (key, object) in found {
        let name = words::name(key);
        let missing = || Error::user(format!("{name} has no containers"));
        let place = pod_spec::place(key).ok_or_else(missing)?;
        let before = object.pointer(place).ok_or_else(missing)?;
        let mut after = before.clone();
        change(&mut after).map_err(|why| Error::user(format!("{name}: {why}")))?;
        if after == *before {
            continue;
        }
        let revision = &object["metadata"]["resourceVersion"];
        let patch = json!([
            {"op": "test", "path": place, "value": before},
            {"op": "replace", "path": place, "value": after},
        ]);
        let changed = client.patch(key, "", Patch::Json(patch)).await?;
        if changed["metadata"]["resourceVersion"] != *revision {
            ui.data(&format!("{name} {what} updated"));
        }
    }
    Ok(())
}
