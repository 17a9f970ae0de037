//! The order of an apply: read and check everything, bring the node up, write, wait, tell.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Event, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::logins::hand_over;
use super::report::report;
use super::wait::wait;
use crate::api::object::meta;
use crate::api::patch::{self, Applied};
use crate::api::{KINDS, Key, Kind, Object, Value, View};
use crate::cli::args::{Apply, Files};
use crate::cli::error::Error;
use crate::cli::session::{self, Session};
use crate::cli::ui::Ui;
use crate::cli::{addresses, words};
use crate::client::{Client, Informer, Patch};
use crate::manifest::{self, Diagnostic, Input, Known, Manifest, Options, Severity};

/// The field manager that owns what `wharf apply` wrote.
const MANAGER: &str = "wharf";
/// How many objects of a kind are under way at once: the way to the node is long, and the node itself is quick.
const AT_ONCE: usize = 16;

/// Runs `wharf apply`.
///
/// # Errors
/// Files with errors (nothing was changed then), a node that can't be reached, objects refused, objects not ready.
pub async fn run(node: &str, namespace: &str, apply: &Apply, ui: &mut Ui) -> Result<(), Error> {
    let manifest = parse(&apply.files, namespace, apply.allow_unsupported)?;
    if manifest.has_errors() {
        return refuse(node, &manifest, ui).await;
    }
    tell(&manifest.problems, ui)?;
    something(&manifest, &apply.files)?;
    let session = session::up(node, &apply.node, ui).await?;
    // Events are the most of all that a node has, and needed only for what goes wrong.
    let kinds: Vec<_> = KINDS.iter().filter(|kind| **kind != *Kind::of::<Event>()).collect();
    let informer = Informer::start(&session.client, &kinds).await?;
    let before = informer.view();
    tell(&manifest::check(&manifest, &known(&before)), ui)?;
    hand_over(&session, &manifest, &before, ui).await;
    let written = write(&session, &manifest, &before, ui).await;
    informer.caught_up(written.revision).await;
    let mut unready = Vec::new();
    if apply.wait {
        unready = wait(&informer, &written.keys, apply.timeout, ui).await;
        ui.close();
        report(&session.client, &informer.view(), &unready, ui).await;
    }
    ui.say(&written.summary());
    for line in addresses::of(&informer.view(), &written.keys, session.ports()) {
        ui.say(&line);
    }
    written.end(unready.len())
}

fn objects(count: usize) -> String {
    if count == 1 { "1 object".to_owned() } else { format!("{count} objects") }
}

/// Reads manifests and tells every problem in them.
///
/// # Errors
/// Files with errors, or no files at all.
pub fn read(files: &Files, namespace: &str, allow_unsupported: bool, ui: &Ui) -> Result<Manifest, Error> {
    let manifest = parse(files, namespace, allow_unsupported)?;
    tell(&manifest.problems, ui)?;
    something(&manifest, files)?;
    Ok(manifest)
}

fn parse(files: &Files, namespace: &str, allow_unsupported: bool) -> Result<Manifest, Error> {
    if files.filename.is_empty() {
        return Err(Error::usage("name the manifests with -f").hint("for example: wharf apply -f app.yaml"));
    }
    let inputs: Vec<Input> = files.filename.iter().map(|f| Input::from(f.as_str())).collect();
    let options = Options { namespace: namespace.to_owned(), allow_unsupported };
    Ok(manifest::parse(&manifest::read(&inputs, files.recursive), &options))
}

fn something(manifest: &Manifest, files: &Files) -> Result<(), Error> {
    if manifest.objects.is_empty() {
        return Err(Error::user(format!("no objects in {}", files.filename.join(", "))));
    }
    Ok(())
}

/// Tells everything that is wrong with files that have errors. What they refer to is looked up on the node if that is
/// up: they bring none up.
async fn refuse(node: &str, manifest: &Manifest, ui: &Ui) -> Result<(), Error> {
    let mut problems = manifest.problems.clone();
    if let Ok(session) = session::open_known(node).await {
        let view = match session {
            Some(session) => Informer::start(&session.client, &KINDS.iter().collect::<Vec<_>>()).await?.view(),
            None => Arc::default(),
        };
        problems.extend(manifest::check(manifest, &known(&view)));
        problems.sort_by_cached_key(|p| (manifest.problems.iter().position(|q| q.file == p.file), p.line, p.column));
    }
    tell(&problems, ui)
}

/// Tells diagnostics.
fn tell(problems: &[Diagnostic], ui: &Ui) -> Result<(), Error> {
    for problem in problems {
        ui.say(&problem.to_string());
    }
    match problems.iter().filter(|p| p.severity == Severity::Error).count() {
        0 => Ok(()),
        1 => Err(Error::user("1 error in the files; nothing was changed")),
        n => Err(Error::user(format!("{n} errors in the files; nothing was changed"))),
    }
}

/// What is on the node, as far as files may refer to it.
fn known(view: &View) -> Known {
    let labels = |meta: Option<&ObjectMeta>| meta.and_then(|m| m.labels.clone()).unwrap_or_default();
    let template = |object: &Deployment| {
        let template = object.spec.as_ref().map(|s| &s.template);
        (object.namespace().to_owned(), labels(template.and_then(|t| t.metadata.as_ref())))
    };
    let pods = view.all::<Pod>().map(|pod| (pod.namespace().to_owned(), labels(Some(&pod.metadata))));
    Known {
        keys: KINDS.iter().flat_map(|kind| view.keys(kind)).collect(),
        pods: view.all::<Deployment>().map(template).chain(pods).collect(),
    }
}

/// What was written.
#[derive(Default)]
struct Written {
    keys: Vec<Key>,
    revision: u64,
    refused: usize,
    hints: BTreeSet<String>,
    counts: BTreeMap<&'static str, usize>,
}

impl Written {
    /// `2 created, 1 unchanged`.
    fn summary(&self) -> String {
        let parts: Vec<String> = self.counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
        parts.join(", ")
    }

    /// What the apply came to.
    fn end(self, unready: usize) -> Result<(), Error> {
        let mut error = match (unready, self.refused) {
            (0, 0) => return Ok(()),
            (0, refused) => Error::node(format!("the node refused {}", objects(refused))),
            (unready, _) => Error::node(format!("{} not ready", objects(unready)))
                .hint("the node keeps trying; `wharf get pods` tells how it goes on"),
        };
        error.hints.extend(self.hints);
        Err(error)
    }
}

/// Writes the objects in the order of kinds, so that what others need comes first. A refused object does not hold up
/// the others.
async fn write(session: &Session, manifest: &Manifest, before: &View, ui: &Ui) -> Written {
    let mut written = Written { revision: before.revision, ..Written::default() };
    for kind in KINDS {
        let sources = manifest.objects.iter().filter(|s| s.kind == kind);
        let mut answers = stream::iter(sources)
            .map(async |source| {
                let key = Key::of(kind, &source.value);
                let answer = apply_one(&session.client, &key, &source.value, before).await;
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
