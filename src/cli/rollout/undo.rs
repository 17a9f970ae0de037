//! `wharf rollout undo`: the pod template of an earlier revision.

use serde_json::{Map, Value, json};

use super::history::{self, Revision};
use crate::api::Key;
use crate::cli::error::Error;
use crate::client::{Client, Patch};

/// Annotations that are the Deployment's or its sets' own, and no part of a revision.
const OWN: [&str; 5] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    "deployment.kubernetes.io/revision",
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
];

/// Goes back to a revision, or with 0 to the one before the newest; what was done, in kubectl's words.
///
/// # Errors
/// No such revision, a paused Deployment, or a node that refuses.
pub async fn run(client: &Client, key: &Key, object: &Value, to: i64) -> Result<String, Error> {
    let word = format!("{}/{}", key.kind.singular, key.name);
    if object["spec"]["paused"] == true {
        return Err(Error::user(format!("cannot roll back a paused deployment: {word}"))
            .hint(format!("resume it first: wharf rollout resume {word}")));
    }
    let revisions = history::of(client, key, object).await?;
    let revision = choose(&revisions, to).map_err(|why| Error::user(format!("{why} for {word}")))?;
    if revision.template == object["spec"]["template"] {
        return Ok(format!("skipped rollback (current template already matches revision {})", revision.number));
    }
    client.patch(key, "", Patch::Json(patch(object, revision, key.kind.kind == "Deployment"))).await?;
    Ok("rolled back".to_owned())
}

/// The revision that is meant.
fn choose(revisions: &[Revision], to: i64) -> Result<&Revision, String> {
    if to > 0 {
        let found = revisions.iter().find(|r| r.number == to);
        return found.ok_or_else(|| format!("unable to find specified revision {to} in history"));
    }
    revisions.iter().nth_back(1).ok_or_else(|| "no rollout history found".to_owned())
}

/// The template, and with a Deployment the annotations that came with it.
fn patch(object: &Value, revision: &Revision, annotated: bool) -> Value {
    let mut operations = vec![json!({"op": "replace", "path": "/spec/template", "value": revision.template})];
    if annotated {
        let is_own = |name: &String| OWN.contains(&name.as_str());
        let now = object["metadata"]["annotations"].as_object().cloned().unwrap_or_default();
        let own = now.into_iter().filter(|(name, _)| is_own(name));
        let then = revision.annotations.clone().into_iter().filter(|(name, _)| !is_own(name));
        let all: Map<String, Value> = own.chain(then).collect();
        operations.push(json!({"op": "add", "path": "/metadata/annotations", "value": all}));
    }
    Value::Array(operations)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revision(number: i64, cause: &str) -> Revision {
        let annotations = json!({history::CAUSE: cause, OWN[1]: number.to_string()});
        let annotations = annotations.as_object().cloned().unwrap_or_default();
        Revision { number, annotations, template: json!({"n": number}) }
    }

    #[test]
    fn the_one_before_the_newest_or_the_one_that_is_named() {
        let all = [revision(1, "a"), revision(3, "b"), revision(4, "c")];
        let chosen = |to| choose(&all, to).map(|r| r.number);
        assert_eq!(chosen(0), Ok(3));
        assert_eq!(chosen(1), Ok(1));
        assert_eq!(chosen(2), Err("unable to find specified revision 2 in history".to_owned()));
        assert_eq!(choose(&all[..1], 0), Err("no rollout history found".to_owned()));
    }

    #[test]
    fn what_a_revision_was_annotated_with_comes_back_and_what_is_the_deployments_own_stays() {
        let web = json!({"metadata": {"annotations": {OWN[1]: "4", history::CAUSE: "c", "team": "x"}}});
        assert_eq!(
            patch(&web, &revision(1, "a"), true),
            json!([
                {"op": "replace", "path": "/spec/template", "value": {"n": 1}},
                {"op": "add", "path": "/metadata/annotations", "value": {OWN[1]: "4", history::CAUSE: "a"}},
            ])
        );
    }
}
