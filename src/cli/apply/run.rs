//! The order of an apply: read and check everything, bring the node up, write, prune, wait, tell, and go back if asked.

use super::logins::hand_over;
use super::report::report;
use super::set::{Membership, Set};
use super::wait::wait;
use super::write::{MANAGER, write};
use super::{forecast, prune, read, rollback, set};
use crate::api::{KINDS, Key, Kind, Value, View};
use crate::cli::addresses;
use crate::cli::args::{Apply, DryRun, Files, Sets};
use crate::cli::error::Error;
use crate::cli::session::{self, Session};
use crate::cli::ui::Ui;
use crate::client::{Client, Informer, Patch};
use crate::manifest::{Manifest, Source};

/// Runs `wharf apply`.
///
/// # Errors
/// Files with errors (nothing was changed then), a node that can't be reached, objects refused, objects not ready.
pub async fn run(node: &str, namespace: &str, apply: &Apply, ui: &mut Ui) -> Result<(), Error> {
    if apply.rollback && !apply.wait {
        return Err(Error::usage("--rollback has to wait: drop --wait=false"));
    }
    let manifest = read::parse(&apply.files, namespace, apply.allow_unsupported)?;
    if manifest.has_errors() {
        return read::refuse(node, &manifest, ui).await;
    }
    read::tell(&manifest.problems, ui)?;
    read::something(&manifest, &apply.files)?;
    if apply.dry_run != DryRun::None {
        return pretend(node, namespace, &manifest, apply, ui).await;
    }
    let session = session::up(node, &apply.node, ui).await?;
    let kinds: Vec<_> = KINDS.iter().collect();
    let informer = Informer::start(&session.client, &kinds).await?;
    let before = informer.view();
    read::check(&manifest, &before, ui)?;
    let plan = membership(namespace, &manifest, &apply.files, &apply.sets, &before)?;
    prune::announce(&plan, ui);
    hand_over(&session, &manifest, &before, ui).await;
    remember(&session.client, &plan).await?;
    let mut written = write(&session.client, &labelled(&manifest, &plan), &before, ui).await;
    informer.caught_up(written.revision).await;
    if written.refused == 0 {
        let timeout = apply.wait.then_some(apply.timeout);
        written.count("pruned", prune::prune(&session.client, &informer, &plan, timeout, ui).await?);
    } else if !plan.pruned.is_empty() {
        ui.say("nothing was pruned, as the node refused objects");
    }
    let mut unready = Vec::new();
    if apply.wait {
        unready = wait(&informer, &written.keys, apply.timeout, ui).await;
        ui.close();
        report(&session.client, &informer.view(), &unready, ui).await;
    }
    let mut back = Vec::new();
    if apply.rollback {
        back = rollback::plan(&before, &informer.view(), &unready);
        rollback::go_back(&session.client, &informer, &back, apply.timeout, ui).await?;
        written.count("rolled back", back.len());
    }
    tell_end(&session, &informer, &written.keys, &written.summary(), ui);
    written.end(unready.len(), back.len())
}

fn tell_end(session: &Session, informer: &Informer, keys: &[Key], summary: &str, ui: &Ui) {
    ui.say(summary);
    for line in addresses::of(&informer.view(), keys, session.ports()) {
        ui.say(&line);
    }
}

/// Tells what an apply would do. Brings no node up.
async fn pretend(node: &str, namespace: &str, manifest: &Manifest, apply: &Apply, ui: &Ui) -> Result<(), Error> {
    let client = session::open_known(node).await?.map(|session| session.client);
    let (plan, told) = match apply.dry_run {
        DryRun::Server => {
            forecast::of_node(client.as_ref(), namespace, manifest, &apply.files, &apply.sets, ui).await?
        }
        _ => forecast::of_files(client.as_ref(), namespace, manifest, &apply.files, &apply.sets, ui).await?,
    };
    forecast::tell(&plan, &told, apply.dry_run, ui)
}

/// What the apply does to sets.
///
/// # Errors
/// A name that can't be one, or a set that may not be pruned.
pub fn membership(
    namespace: &str,
    manifest: &Manifest,
    files: &Files,
    sets: &Sets,
    view: &View,
) -> Result<Membership, Error> {
    let folder = std::env::current_dir().ok();
    let folder =
        folder.as_ref().and_then(|f| f.file_name()).map(|f| f.to_string_lossy().into_owned()).unwrap_or_default();
    let set = Set::of(namespace, sets.name.as_deref(), &files.filename, &folder);
    let wanted: Vec<Key> = manifest.objects.iter().map(Source::key).collect();
    set::plan(set.as_ref(), sets, &wanted, view).map_err(|refusal| prune::refuse(&refusal))
}

/// The objects, each with the label of the set that it is to be in.
pub fn labelled<'a>(manifest: &'a Manifest, plan: &Membership) -> Vec<(&'a Source, Value)> {
    let label = |(source, id): (&'a Source, &Option<String>)| {
        let mut object = source.value.clone();
        if let Some(id) = id {
            object["metadata"]["labels"][set::PART_OF] = id.clone().into();
        }
        (source, object)
    };
    manifest.objects.iter().zip(&plan.ids).map(label).collect()
}

/// Writes the object that stands for the set, before any member: what the node knows of the set is never less than what
/// there is.
async fn remember(client: &Client, plan: &Membership) -> Result<(), Error> {
    let Some(parent) = &plan.parent else { return Ok(()) };
    let key = Key::of(Kind::of::<k8s_openapi::api::core::v1::ConfigMap>(), parent);
    let patch = Patch::Apply { object: parent.clone(), manager: MANAGER.to_owned(), force: true };
    client.patch(&key, "", patch).await?;
    Ok(())
}
