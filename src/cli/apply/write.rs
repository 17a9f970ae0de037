//! Writes the objects of an apply, and counts what became of them.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};

use crate::api::object::meta;
use crate::api::patch::{self, Applied};
use crate::api::{KINDS, Key, Value, View};
use crate::cli::error::Error;
use crate::cli::ui::Ui;
use crate::cli::words;
use crate::client::{Client, Patch};
use crate::manifest::Source;

/// The field manager that owns what `wharf apply` wrote.
pub const MANAGER: &str = "wharf";
/// How many objects of a kind are under way at once: the way to the node is long, and the node itself is quick.
const AT_ONCE: usize = 16;

fn objects(count: usize) -> String {
    if count == 1 { "1 object".to_owned() } else { format!("{count} objects") }
}

/// What was written.
#[derive(Default)]
pub struct Written {
    /// The objects that the node took.
    pub keys: Vec<Key>,
    /// The highest revision.
    pub revision: u64,
    /// How many objects the node refused.
    pub refused: usize,
    hints: BTreeSet<String>,
    counts: BTreeMap<&'static str, usize>,
}

impl Written {
    /// `2 created, 1 unchanged`.
    pub fn summary(&self) -> String {
        let parts: Vec<String> = self.counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
        parts.join(", ")
    }

    /// Counts objects under a word of the summary.
    pub fn count(&mut self, word: &'static str, objects: usize) {
        if objects > 0 {
            *self.counts.entry(word).or_default() += objects;
        }
    }

    /// What the apply came to.
    ///
    /// # Errors
    /// Objects are not ready, or were refused.
    pub fn end(self, unready: usize, rolled_back: usize) -> Result<(), Error> {
        let mut error = match (unready, self.refused) {
            (0, 0) => return Ok(()),
            (0, refused) => Error::node(format!("the node refused {}", objects(refused))),
            (unready, _) => {
                let hint = if rolled_back == unready {
                    "what was there before runs again; mend the files and apply them"
                } else {
                    "the node keeps trying; `wharf get pods` tells how it goes on"
                };
                Error::node(format!("{} not ready", objects(unready))).hint(hint)
            }
        };
        error.hints.extend(self.hints);
        Err(error)
    }
}

/// Writes the objects in the order of kinds, so that what others need comes first. A refused object does not hold up
/// the others.
pub async fn write(client: &Client, objects: &[(&Source, Value)], before: &View, ui: &Ui) -> Written {
    let mut written = Written { revision: before.revision, ..Written::default() };
    for kind in KINDS {
        let sources = objects.iter().filter(|(source, _)| source.kind == kind);
        let mut answers = stream::iter(sources)
            .map(async |(source, object)| {
                let key = Key::of(kind, object);
                let answer = apply_one(client, &key, object, before).await;
                (source, key, answer)
            })
            .buffered(AT_ONCE);
        while let Some((source, key, answer)) = answers.next().await {
            let word = match answer {
                Ok((word, revision)) => {
                    ui.say(&format!("{} {word}", words::name(&key)));
                    written.keys.push(key);
                    written.revision = written.revision.max(revision);
                    word
                }
                Err(error) => {
                    let told = Error::from(error);
                    ui.say(&source.origin.error("", told.message).to_string());
                    written.hints.extend(told.hints);
                    written.refused += 1;
                    "refused"
                }
            };
            *written.counts.entry(word).or_default() += 1;
        }
    }
    written
}

/// Writes one object; what became of it, and its revision. Nothing is sent where the node has all of it already: what the
/// server would make of it is decided by a pure function, which is at hand here too.
async fn apply_one(
    client: &Client,
    key: &Key,
    object: &Value,
    before: &View,
) -> Result<(&'static str, u64), crate::client::Error> {
    let revision = |object: &Value| meta(object, "resourceVersion").parse().unwrap_or_default();
    if let Some(live) = before.value(key) {
        let applied = Applied { object, manager: MANAGER, force: true, time: "" };
        if patch::apply(&live, &applied).is_ok_and(|new| new == live) {
            return Ok(("unchanged", revision(&live)));
        }
    }
    let patch = Patch::Apply { object: object.clone(), manager: MANAGER.to_owned(), force: true };
    let now = revision(&client.patch(key, "", patch).await?);
    let word = match (before.contains(key), now > before.revision) {
        (false, _) => "created",
        (true, true) => "configured",
        (true, false) => "unchanged",
    };
    Ok((word, now))
}
