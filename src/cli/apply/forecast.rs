//! What an apply would come to, without doing it: for `wharf diff` and `--dry-run`.

use serde_json::{Value, json};

use super::read::check;
use super::run::{labelled, membership};
use super::set::Membership;
use super::write::MANAGER;
use crate::api::forecast::{Fate, Forecast, Wish};
use crate::api::patch::{self, Applied};
use crate::api::{KINDS, Key, Kind, View};
use crate::cli::args::{DryRun, Files, Sets};
use crate::cli::error::Error;
use crate::cli::ui::Ui;
use crate::cli::words;
use crate::client::{Client, observe};
use crate::manifest::Manifest;

/// What would become of the set, the objects and the pods, as the node's own planners see it. Without a node all would be
/// created.
///
/// # Errors
/// Errors in the files that only show beside the node's objects, a set that may not be pruned, a node that does not answer.
pub async fn of_node(
    client: Option<&Client>,
    namespace: &str,
    manifest: &Manifest,
    files: &Files,
    sets: &Sets,
    ui: &Ui,
) -> Result<(Membership, Forecast), Error> {
    let Some(client) = client else { return of_files(None, namespace, manifest, files, sets, ui).await };
    let view = look(Some(client)).await?;
    check(manifest, &view, ui)?;
    let plan = membership(namespace, manifest, files, sets, &view)?;
    // In the order of an apply, so that what others need comes first.
    let mut objects = labelled(manifest, &plan);
    objects.sort_by_key(|(source, _)| KINDS.iter().position(|kind| kind == source.kind));
    let wish = Wish {
        objects: objects.into_iter().map(|(_, object)| object).collect(),
        manager: MANAGER.to_owned(),
        pruned: plan.pruned.iter().map(reference).collect(),
    };
    let forecast = client.forecast(&wish).await?;
    Ok((plan, forecast))
}

/// The same as far as the files alone tell, beside what is on the node.
///
/// # Errors
/// As [`of_node`].
pub async fn of_files(
    client: Option<&Client>,
    namespace: &str,
    manifest: &Manifest,
    files: &Files,
    sets: &Sets,
    ui: &Ui,
) -> Result<(Membership, Forecast), Error> {
    let view = look(client).await?;
    check(manifest, &view, ui)?;
    let plan = membership(namespace, manifest, files, sets, &view)?;
    let fate = |(source, object): (&crate::manifest::Source, Value)| {
        let before = view.value(&source.key());
        let applied = Applied { object: &object, manager: MANAGER, force: true, time: "" };
        let after = before.as_ref().and_then(|live| patch::apply(live, &applied).ok()).unwrap_or(object.clone());
        Fate { before, after: Some(after), refused: None }
    };
    let objects = labelled(manifest, &plan).into_iter().map(fate);
    let pruned = plan.pruned.iter().map(|key| Fate { before: view.value(key), after: None, refused: None });
    let objects = objects.chain(pruned).collect();
    Ok((plan, Forecast { objects, pods: Vec::new() }))
}

/// What is on the node; nothing where there is none.
async fn look(client: Option<&Client>) -> Result<View, Error> {
    let kinds: Vec<_> = KINDS.iter().filter(|kind| kind.kind != "Event").collect();
    match client {
        Some(client) => Ok(observe(client, &kinds).await?),
        None => Ok(View::default()),
    }
}

/// An object by its name alone.
fn reference(key: &Key) -> Value {
    let metadata = json!({"name": key.name, "namespace": key.namespace});
    json!({"apiVersion": key.kind.api_version(), "kind": key.kind.kind, "metadata": metadata})
}

/// Tells what an apply would do, in kubectl's words.
///
/// # Errors
/// The node would refuse objects.
pub fn tell(plan: &Membership, forecast: &Forecast, how: DryRun, ui: &Ui) -> Result<(), Error> {
    let note = if how == DryRun::Server { "(server dry run)" } else { "(dry run)" };
    for fate in &forecast.objects {
        let Some(key) = key(fate) else { continue };
        let name = words::name(&key);
        let word = match (&fate.before, &fate.after, &fate.refused) {
            (_, _, Some(why)) => {
                ui.say(&format!("error: {name}: {why}"));
                continue;
            }
            (None, _, _) => "created",
            (_, None, _) => "pruned",
            (before, after, _) if before == after => "unchanged",
            _ => "configured",
        };
        ui.say(&format!("{name} {word} {note}"));
    }
    for (key, option) in &plan.kept {
        ui.say(&format!("{} left the files and is kept ({option} deletes it)", words::name(key)));
    }
    refusals(forecast)
}

/// The name of the object that a fate is about.
pub fn key(fate: &Fate) -> Option<Key> {
    let object = fate.after.as_ref().or(fate.before.as_ref())?;
    Some(Key::of(Kind::find(object["apiVersion"].as_str()?, object["kind"].as_str()?)?, object))
}

/// Insists that nothing would be refused.
///
/// # Errors
/// Something would be.
pub fn refusals(forecast: &Forecast) -> Result<(), Error> {
    match forecast.objects.iter().filter(|fate| fate.refused.is_some()).count() {
        0 => Ok(()),
        1 => Err(Error::node("the node would refuse 1 object")),
        n => Err(Error::node(format!("the node would refuse {n} objects"))),
    }
}
