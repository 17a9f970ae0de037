//! The revisions of a workload: those of a Deployment are its ReplicaSets, others have ControllerRevisions.

use serde_json::{Map, Value};

use crate::api::object::meta;
use crate::api::{Key, Kind};
use crate::cli::error::Error;
use crate::cli::table::align_by;
use crate::client::{Client, ListOptions};

/// The annotation that says why a revision was made.
pub const CAUSE: &str = "kubernetes.io/change-cause";
const REVISION: &str = "deployment.kubernetes.io/revision";
const HASH: &str = "pod-template-hash";

/// One revision.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Its number; the newest has the highest.
    pub number: i64,
    /// Annotations of the object that keeps it.
    pub annotations: Map<String, Value>,
    /// The pod template.
    pub template: Value,
}

/// The revisions of an object, oldest first.
///
/// # Errors
/// The node does not answer.
pub async fn of(client: &Client, key: &Key, object: &Value) -> Result<Vec<Revision>, Error> {
    let word = if key.kind.kind == "Deployment" { "replicasets" } else { "controllerrevisions" };
    let Some(kind) = Kind::by_word(word) else { return Ok(Vec::new()) };
    let options = ListOptions { namespace: Some(key.namespace.clone()), ..ListOptions::default() };
    Ok(read(object, &client.list(kind, &options).await?.items))
}

/// The revisions that `kept`, ReplicaSets or ControllerRevisions, hold of the object that owns them; oldest first.
pub fn read(object: &Value, kept: &[Value]) -> Vec<Revision> {
    let owns = |o: &Value| o["uid"] == meta(object, "uid") && o["controller"] == true;
    let is_mine = |k: &&Value| k["metadata"]["ownerReferences"].as_array().is_some_and(|all| all.iter().any(owns));
    let mut revisions: Vec<Revision> = kept.iter().filter(is_mine).filter_map(revision).collect();
    revisions.sort_by_key(|r| r.number);
    revisions
}

fn revision(kept: &Value) -> Option<Revision> {
    let annotations = kept["metadata"]["annotations"].as_object().cloned().unwrap_or_default();
    let (number, mut template) = match kept["revision"].as_i64() {
        Some(number) => (number, kept.pointer("/data/spec/template")?.clone()),
        None => (annotations.get(REVISION)?.as_str()?.parse().ok()?, kept.pointer("/spec/template")?.clone()),
    };
    // A ControllerRevision is a patch that replaces the template; a ReplicaSet's has the label that tells sets apart.
    template.as_object_mut()?.remove("$patch");
    if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
        labels.remove(HASH);
    }
    Some(Revision { number, annotations, template })
}

/// The table of `wharf rollout history`.
pub fn table(revisions: &[Revision]) -> String {
    let cause = |r: &Revision| r.annotations.get(CAUSE).and_then(Value::as_str).unwrap_or("<none>").to_owned();
    let head = vec!["REVISION".to_owned(), "CHANGE-CAUSE".to_owned()];
    let rows = revisions.iter().map(|r| vec![r.number.to_string(), cause(r)]);
    align_by(&std::iter::once(head).chain(rows).collect::<Vec<_>>(), 2)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(number: &str, owner: &str, cause: Option<&str>) -> Value {
        let mut set = json!({
            "metadata": {"annotations": {REVISION: number}, "ownerReferences": [{"uid": owner, "controller": true}]},
            "spec": {"template": {"metadata": {"labels": {"app": "web", HASH: "x1"}}, "spec": {"n": number}}},
        });
        if let Some(cause) = cause {
            set["metadata"]["annotations"][CAUSE] = cause.into();
        }
        set
    }

    #[test]
    fn the_sets_of_a_deployment_are_its_revisions() {
        let web = json!({"metadata": {"uid": "u1"}});
        let sets = [set("10", "u1", Some("a new page")), set("9", "u1", None), set("1", "u2", None)];
        let revisions = read(&web, &sets);
        insta::assert_snapshot!(table(&revisions), @r"
        REVISION  CHANGE-CAUSE
        9         <none>
        10        a new page
        ");
        assert_eq!(revisions[1].template, json!({"metadata": {"labels": {"app": "web"}}, "spec": {"n": "10"}}));
    }

    #[test]
    fn others_keep_theirs_as_patches() {
        let kept = json!({"metadata": {"ownerReferences": [{"uid": "u", "controller": true}]}, "revision": 4,
            "data": {"spec": {"template": {"$patch": "replace", "spec": {"containers": []}}}}});
        let revisions = read(&json!({"metadata": {"uid": "u"}}), &[kept]);
        assert_eq!((revisions[0].number, &revisions[0].template), (4, &json!({"spec": {"containers": []}})));
    }
}
