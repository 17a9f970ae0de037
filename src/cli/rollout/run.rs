//! The subcommands of `wharf rollout`.

use std::time::Duration;

use futures_util::StreamExt;
use k8s_openapi::api::apps::v1::{ControllerRevision, ReplicaSet};
use tokio::time::{Instant, timeout_at};

use super::status::{Progress, progress};
use super::{change, history, template};
use crate::api::revision::{self, Refusal};
use crate::api::{Key, Kind, Value, View};
use crate::cli::args::{History, Rollout, RolloutStatus, Selection, Targets};
use crate::cli::error::Error;
use crate::cli::ui::Ui;
use crate::cli::{find, words};
use crate::client::{Client, ListOptions, Patch, WatchEvent, observe};

/// As good as for ever, in a form that a timer takes.
const FOREVER: Duration = Duration::from_hours(24 * 365);

/// Runs `wharf rollout`.
///
/// # Errors
/// Nothing named, a kind without rollouts, no such object or revision, a rollout that failed or takes too long.
pub async fn run(client: &Client, namespace: &str, rollout: &Rollout, ui: &Ui) -> Result<(), Error> {
    let found = async |args: &Targets| targets(client, namespace, args).await;
    match rollout {
        Rollout::Status(args) => status(client, &found(&args.targets).await?, args, ui).await,
        Rollout::History(args) => history(client, &found(&args.targets).await?, args, ui).await,
        Rollout::Undo(args) => {
            let to = (args.to_revision > 0).then_some(args.to_revision);
            for (key, _) in found(&args.targets).await? {
                undo(client, &key, to, ui).await?;
            }
            Ok(())
        }
        Rollout::Restart(args) => change::run(client, &found(args).await?, change::restart, ui).await,
        Rollout::Pause(args) => change::run(client, &found(args).await?, change::pause, ui).await,
        Rollout::Resume(args) => change::run(client, &found(args).await?, change::resume, ui).await,
    }
}

async fn targets(client: &Client, namespace: &str, targets: &Targets) -> Result<Vec<(Key, Value)>, Error> {
    let selection = Selection { selector: targets.selector.clone(), all: true };
    let found = find::objects(client, namespace, &targets.resources, &selection).await?;
    let has_rollouts = |key: &Key| matches!(key.kind.kind, "Deployment" | "StatefulSet" | "DaemonSet");
    match found.iter().find(|(key, _)| !has_rollouts(key)) {
        Some((key, _)) => Err(Error::user(format!("{} has no rollouts", words::name(key)))
            .hint("deployments, statefulsets and daemonsets have")),
        None => Ok(found),
    }
}

async fn status(client: &Client, found: &[(Key, Value)], args: &RolloutStatus, ui: &Ui) -> Result<(), Error> {
    let end = Instant::now() + if args.timeout.is_zero() { FOREVER } else { args.timeout };
    for (key, object) in found {
        follow(client, key, object.clone(), args, end, ui).await?;
    }
    Ok(())
}

/// Tells each step of one object's rollout.
async fn follow(
    client: &Client,
    key: &Key,
    mut object: Value,
    args: &RolloutStatus,
    end: Instant,
    ui: &Ui,
) -> Result<(), Error> {
    let (namespace, fields) = (Some(key.namespace.clone()), format!("metadata.name={}", key.name));
    let options = ListOptions { namespace, labels: String::new(), fields };
    let since = crate::api::object::meta(&object, "resourceVersion").parse().unwrap_or(0);
    let mut changes = client.watch(key.kind, &options, since).await?;
    let mut told = String::new();
    loop {
        let (done, text) = match progress(&object, args.revision).map_err(Error::node)? {
            Progress::Done(text) => (true, text),
            Progress::Waiting(text) => (false, text),
        };
        if text != told {
            ui.data(&text);
            told = text;
        }
        if done || !args.watch {
            return Ok(());
        }
        object = match timeout_at(end, changes.next()).await {
            Err(_) => {
                return Err(Error::node("timed out waiting for the condition")
                    .hint(format!("`wharf describe {}/{}` tells more", key.kind.singular, key.name)));
            }
            Ok(None) => return Err(Error::node("the node stopped answering")),
            Ok(Some(event)) => match event? {
                WatchEvent::Added(object) | WatchEvent::Modified(object) => object,
                WatchEvent::Deleted(_) => return Err(Error::user("object has been deleted")),
            },
        };
    }
}

/// Goes back to a revision.
async fn undo(client: &Client, key: &Key, to: Option<i64>, ui: &Ui) -> Result<(), Error> {
    let name = words::name(key);
    match revision::rollback(&revisions(client, key).await?, key, to) {
        Ok(rollback) => {
            client.patch(key, "", Patch::Json(rollback.patch)).await?;
            ui.data(&format!("{name} rolled back"));
            Ok(())
        }
        Err(same @ Refusal::Same(_)) => {
            ui.data(&format!("{name} {same}"));
            Ok(())
        }
        Err(refusal) => Err(Error::user(format!("{name}: {refusal}"))),
    }
}

/// A workload beside what keeps its revisions.
async fn revisions(client: &Client, key: &Key) -> Result<View, Error> {
    let kinds = [key.kind, Kind::of::<ReplicaSet>(), Kind::of::<ControllerRevision>()];
    Ok(observe(client, &kinds).await?)
}

async fn history(client: &Client, found: &[(Key, Value)], args: &History, ui: &Ui) -> Result<(), Error> {
    for (key, _) in found {
        let revisions = revision::history(&revisions(client, key).await?, key);
        let name = words::name(key);
        if args.revision == 0 {
            ui.data(&format!("{name}\n{}\n", history::table(&revisions)));
            continue;
        }
        let found = revisions.iter().find(|r| r.number == args.revision);
        let missing = || Error::user(format!("unable to find the specified revision {}", args.revision));
        let found = found.ok_or_else(missing)?;
        let template = serde_json::to_value(&found.template).unwrap_or_default();
        ui.data(&format!("{name} with revision #{}\n{}\n", found.number, template::text(&template)));
    }
    Ok(())
}
