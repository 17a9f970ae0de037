//! Deletes what left the files: tells first, then deletes in order, and waits until it is gone.

use std::time::Duration;

use super::set::{Membership, Refusal};
use crate::api::object::meta;
use crate::cli::delete::wait;
use crate::cli::error::Error;
use crate::cli::ui::Ui;
use crate::cli::words;
use crate::client::{Client, DeleteOptions, Informer};

/// Tells what will go, and what stays although it left the files.
pub fn announce(plan: &Membership, ui: &Ui) {
    if !plan.pruned.is_empty() {
        let names: Vec<String> = plan.pruned.iter().map(words::name).collect();
        ui.say(&format!("left the files and will be deleted: {}", names.join(", ")));
    }
    for (key, option) in &plan.kept {
        ui.say(&format!(
            "left the files and is kept: {} ({option} deletes it, with all that it holds)",
            words::name(key)
        ));
    }
}

/// Deletes what is to go. Returns how many objects that were.
///
/// # Errors
/// The node refuses, or not all is gone in time.
pub async fn prune(
    client: &Client,
    informer: &Informer,
    plan: &Membership,
    timeout: Option<Duration>,
    ui: &Ui,
) -> Result<usize, Error> {
    let mut gone = Vec::new();
    for key in &plan.pruned {
        // In the foreground: a Deployment is gone when its pods are.
        let propagation = timeout.map(|_| "Foreground".to_owned());
        match client.delete(key, &DeleteOptions { propagation, ..DeleteOptions::default() }).await {
            Ok(object) => gone.push((key.clone(), meta(&object, "uid").to_owned())),
            Err(error) if error.is_not_found() => continue,
            Err(error) => return Err(error.into()),
        }
        ui.say(&format!("{} pruned", words::name(key)));
    }
    let count = gone.len();
    if let Some(timeout) = timeout {
        wait(informer, gone, timeout).await?;
    }
    Ok(count)
}

/// Why nothing is pruned, and the way out.
pub fn refuse(refusal: &Refusal) -> Error {
    let error = Error::user(format!("{refusal}; nothing was changed"));
    match refusal {
        Refusal::Nameless => error.hint("name it: --set NAME"),
        Refusal::Strange(..) => {
            error.hint("name a set of your own with --set NAME; --force-conflicts takes this one over")
        }
        Refusal::Taken(..) => {
            error.hint("name that set with --set NAME as it was applied; --force-conflicts takes the object over")
        }
    }
}
