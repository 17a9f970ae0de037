//! `wharf label` and `wharf annotate`: the pairs in an object's metadata.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::args::{Annotate, Label, Selection};
use super::error::Error;
use super::ui::Ui;
use super::{find, words};
use crate::client::{Client, Patch};

/// What is asked of either.
struct Asked<'a> {
    field: &'static str,
    words: &'a [String],
    selection: &'a Selection,
    overwrite: bool,
    list: bool,
}

/// Runs `wharf label`.
///
/// # Errors
/// Nothing named, a label that is there with another value, no such object, or a node that refuses.
pub async fn label(client: &Client, namespace: &str, label: &Label, ui: &Ui) -> Result<(), Error> {
    let Label { words, selection, overwrite, list } = label;
    run(client, namespace, &Asked { field: "labels", words, selection, overwrite: *overwrite, list: *list }, ui).await
}

/// Runs `wharf annotate`.
///
/// # Errors
/// As [`label`].
pub async fn annotate(client: &Client, namespace: &str, annotate: &Annotate, ui: &Ui) -> Result<(), Error> {
    let Annotate { words, selection, overwrite, list } = annotate;
    let asked = Asked { field: "annotations", words, selection, overwrite: *overwrite, list: *list };
    run(client, namespace, &asked, ui).await
}

async fn run(client: &Client, namespace: &str, asked: &Asked<'_>, ui: &Ui) -> Result<(), Error> {
    let (resources, changes) = words::split(asked.words);
    let changes = read(changes)?;
    if changes.is_empty() && !asked.list {
        return Err(Error::usage(format!("name at least one of the {} to set: NAME=VALUE, or NAME-", asked.field)));
    }
    for (key, object) in find::objects(client, namespace, resources, asked.selection).await? {
        let now = pairs(&object["metadata"][asked.field]);
        if asked.list {
            for (name, value) in now {
                ui.data(&format!("{name}={value}"));
            }
            continue;
        }
        if let Some(why) = refusal(&now, &changes).filter(|_| !asked.overwrite) {
            return Err(Error::user(why));
        }
        let patch = json!({"metadata": {asked.field: changes}});
        let patched = client.patch(&key, "", Patch::Merge(patch)).await?;
        let is_new = patched["metadata"]["resourceVersion"] != object["metadata"]["resourceVersion"];
        ui.data(&format!("{} {}", words::name(&key), word(asked.field, &changes, is_new)));
    }
    Ok(())
}

fn pairs(map: &Value) -> BTreeMap<String, String> {
    let pairs = map.as_object().into_iter().flatten();
    pairs.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

/// What is to be set, and with `None` what is to go.
fn read(changes: &[String]) -> Result<BTreeMap<String, Option<String>>, Error> {
    let read = |change: &String| match (change.split_once('='), change.strip_suffix('-')) {
        (Some((name, value)), _) if !name.is_empty() => Ok((name.to_owned(), Some(value.to_owned()))),
        (None, Some(name)) if !name.is_empty() => Ok((name.to_owned(), None)),
        _ => Err(Error::usage(format!("\"{change}\" is neither NAME=VALUE nor NAME-"))),
    };
    changes.iter().map(read).collect()
}

/// Why the changes need `--overwrite`.
fn refusal(now: &BTreeMap<String, String>, changes: &BTreeMap<String, Option<String>>) -> Option<String> {
    changes.iter().find_map(|(name, value)| {
        let (found, wanted) = (now.get(name)?, value.as_ref()?);
        (found != wanted).then(|| format!("'{name}' already has a value ({found}), and --overwrite is false"))
    })
}

/// kubectl's word for what was done.
fn word(field: &str, changes: &BTreeMap<String, Option<String>>, is_new: bool) -> &'static str {
    match (field, is_new) {
        ("annotations", _) => "annotated",
        (_, false) => "not labeled",
        _ if changes.values().all(Option::is_none) => "unlabeled",
        _ => "labeled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_replaced_only_when_told_to() {
        let now = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
        let refused = |change: &str| refusal(&now, &read(&[change.to_owned()]).unwrap());
        assert_eq!(refused("a=1"), None);
        assert_eq!(refused("a-"), None);
        assert_eq!(refused("b=2"), None);
        assert_eq!(refused("a=2").unwrap(), "'a' already has a value (1), and --overwrite is false");
        assert!(read(&["a".to_owned()]).is_err());
    }

    #[test]
    fn the_words_are_kubectls() {
        let told = |change: &str, is_new| word("labels", &read(&[change.to_owned()]).unwrap(), is_new);
        assert_eq!([told("a=1", true), told("a=1", false), told("a-", true)], ["labeled", "not labeled", "unlabeled"]);
    }
}
