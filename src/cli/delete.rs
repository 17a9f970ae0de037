//! `wharf delete`: what manifests or arguments name, and the wait until it is gone.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::apply::read;
use super::args::Delete;
use super::error::Error;
use super::find;
use super::ui::Ui;
use super::words::{self, Named};
use crate::api::object::meta;
use crate::api::{KINDS, Key, Kind};
use crate::client::{Client, DeleteOptions, Informer};

/// Runs `wharf delete`.
///
/// # Errors
/// Nothing named, an object that does not exist, objects that are not gone in time.
pub async fn run(client: &Client, namespace: &str, delete: &Delete, ui: &Ui) -> Result<(), Error> {
    let keys = named(client, namespace, delete, ui).await?;
    if keys.is_empty() {
        ui.say("No resources found");
        return Ok(());
    }
    let kinds: Vec<&'static Kind> = KINDS.iter().filter(|kind| keys.iter().any(|key| key.kind == *kind)).collect();
    let informer = Informer::start(client, &kinds).await?;
    let mut gone = Vec::new();
    let mut missing = Vec::new();
    for key in keys {
        // In the foreground: who waits for a Deployment to be gone means its pods too.
        let propagation = match delete.cascade {
            Some(how) => Some(format!("{how:?}")),
            None => delete.wait.then(|| "Foreground".to_owned()),
        };
        let options = DeleteOptions { grace: delete.grace_period, propagation, ..DeleteOptions::default() };
        match client.delete(&key, &options).await {
            Ok(object) => {
                ui.say(&format!("{} deleted", words::name(&key)));
                gone.push((key, meta(&object, "uid").to_owned()));
            }
            Err(error) if error.is_not_found() && (delete.ignore_not_found || delete.all) => {}
            Err(error) if error.is_not_found() => missing.push(error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    if delete.wait {
        wait(&informer, gone, delete.timeout).await?;
    }
    match missing.as_slice() {
        [] => Ok(()),
        [one] => Err(Error::user(one.clone())),
        all => Err(Error::user(all.join("; "))),
    }
}

/// What to delete, in the opposite order of an apply: what uses something goes before what it uses.
async fn named(client: &Client, namespace: &str, delete: &Delete, ui: &Ui) -> Result<Vec<Key>, Error> {
    let mut keys = Vec::new();
    if !delete.files.filename.is_empty() {
        let manifest = read(&delete.files, namespace, true, ui)?;
        keys.extend(manifest.objects.iter().map(|s| Key::of(s.kind, &s.value)));
    }
    for name in words::read(&delete.resources, namespace)? {
        match name {
            Named::One(key) => keys.push(key),
            Named::All(kind) if delete.all || delete.selector.is_some() => {
                let all = find::all(client, kind, namespace, delete.selector.as_ref()).await?;
                keys.extend(all.iter().map(|object| Key::of(kind, object)));
            }
            Named::All(kind) => {
                return Err(Error::usage(format!("name the {}, or give -l SELECTOR or --all", kind.plural)));
            }
        }
    }
    if keys.is_empty() && delete.files.filename.is_empty() && delete.resources.is_empty() {
        return Err(
            Error::usage("name what to delete").hint("for example: wharf delete -f app.yaml, wharf delete pod web-0")
        );
    }
    let rank = |key: &Key| KINDS.iter().position(|k| k == key.kind);
    keys.sort_by_key(|key| std::cmp::Reverse(rank(key)));
    Ok(keys)
}

/// Waits until the objects are gone; one of the same name but another uid does not count.
///
/// # Errors
/// They are not gone in time.
pub async fn wait(informer: &Informer, mut left: Vec<(Key, String)>, timeout: Duration) -> Result<(), Error> {
    let end = Instant::now() + timeout;
    let mut changes = informer.changes();
    loop {
        let view = informer.view();
        left.retain(|(key, uid)| view.metadata(key).is_some_and(|m| m.uid.as_ref() == Some(uid)));
        let Some((first, _)) = left.first() else { return Ok(()) };
        if timeout_at(end, changes.recv()).await.is_err() {
            let more = if left.len() > 1 { format!(" and {} more", left.len() - 1) } else { String::new() };
            return Err(Error::node(format!("{}{more} is not gone after {} s", words::name(first), timeout.as_secs()))
                .hint("`wharf describe` tells what holds it up"));
        }
    }
}
