//! Manifests for a command: read, and everything that is wrong with them told.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::{KINDS, Object, View, Workload};
use crate::cli::args::Files;
use crate::cli::error::Error;
use crate::cli::session;
use crate::cli::ui::Ui;
use crate::client::observe;
use crate::manifest::{self, Diagnostic, Input, Known, Manifest, Options, Severity};

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

/// Reads manifests; what is wrong with them is in them.
///
/// # Errors
/// No files at all.
pub fn parse(files: &Files, namespace: &str, allow_unsupported: bool) -> Result<Manifest, Error> {
    if files.filename.is_empty() {
        return Err(Error::usage("name the manifests with -f").hint("for example: wharf apply -f app.yaml"));
    }
    let inputs: Vec<Input> = files.filename.iter().map(|f| Input::from(f.as_str())).collect();
    let options = Options { namespace: namespace.to_owned(), allow_unsupported };
    Ok(manifest::parse(&manifest::read(&inputs, files.recursive), &options))
}

/// Insists that there is something in the files.
///
/// # Errors
/// There is nothing.
pub fn something(manifest: &Manifest, files: &Files) -> Result<(), Error> {
    if manifest.objects.is_empty() {
        return Err(Error::user(format!("no objects in {}", files.filename.join(", "))));
    }
    Ok(())
}

/// Tells everything that is wrong with files that have errors. What they refer to is looked up on the node if that is
/// up: they bring none up.
///
/// # Errors
/// What is wrong.
pub async fn refuse(node: &str, manifest: &Manifest, ui: &Ui) -> Result<(), Error> {
    let mut problems = manifest.problems.clone();
    if let Ok(session) = session::open_known(node).await {
        let view = match session {
            Some(session) => observe(&session.client, &KINDS.iter().collect::<Vec<_>>()).await?,
            None => View::default(),
        };
        problems.extend(manifest::check(manifest, &known(&view)));
        problems.sort_by_cached_key(|p| (manifest.problems.iter().position(|q| q.file == p.file), p.line, p.column));
    }
    tell(&problems, ui)
}

/// Tells what is wrong between the objects, and between them and the node.
///
/// # Errors
/// What is wrong is an error.
pub fn check(manifest: &Manifest, view: &View, ui: &Ui) -> Result<(), Error> {
    tell(&manifest::check(manifest, &known(view)), ui)
}

/// Tells diagnostics.
///
/// # Errors
/// One of them is an error.
pub fn tell(problems: &[Diagnostic], ui: &Ui) -> Result<(), Error> {
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
    let workloads = Workload::all(view);
    let made = workloads.iter().map(|w| (w.key.namespace.clone(), w.labels.clone()));
    let pods = view.all::<Pod>().map(|pod| (pod.namespace().to_owned(), labels(Some(&pod.metadata))));
    Known { keys: KINDS.iter().flat_map(|kind| view.keys(kind)).collect(), pods: made.chain(pods).collect(), workloads }
}
