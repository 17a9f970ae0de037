//! Lists the revisions of a workload.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#checking-rollout-history-of-a-deployment>

use k8s_openapi::api::apps::v1::{ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::core::v1::PodTemplateSpec;

use super::data;
use crate::api::labels::Labels;
use crate::api::{Key, Object, View};

/// The annotation in which a user says why a change was made.
pub const CAUSE: &str = "kubernetes.io/change-cause";
/// The annotation with a Deployment's and a ReplicaSet's revision.
pub const REVISION: &str = "deployment.kubernetes.io/revision";
/// The label that tells the pods of a Deployment's ReplicaSets apart.
pub const HASH: &str = "pod-template-hash";

/// One revision of a workload.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Its number; higher ones are younger.
    pub number: i64,
    /// The object that holds it: a ReplicaSet or a ControllerRevision.
    pub name: String,
    /// Why it was made, where the user said so.
    pub cause: Option<String>,
    /// Its template, as the workload had it.
    pub template: PodTemplateSpec,
    /// The annotations of the object that holds it.
    pub annotations: Labels,
}

impl Revision {
    fn of<T: Object>(holder: &T, number: i64, template: PodTemplateSpec) -> Self {
        Self {
            number,
            name: holder.name().to_owned(),
            cause: holder.annotation(CAUSE).map(str::to_owned),
            template,
            annotations: holder.metadata().annotations.clone().unwrap_or_default(),
        }
    }
}

/// The revisions of a Deployment, a StatefulSet or a DaemonSet, oldest first; none of what has no history.
#[must_use]
pub fn history(view: &View, workload: &Key) -> Vec<Revision> {
    let Some(uid) = view.metadata(workload).and_then(|m| m.uid.as_deref()) else { return Vec::new() };
    let mut all = match workload.kind.kind {
        "Deployment" => replica_sets(view, &workload.namespace, uid),
        "StatefulSet" | "DaemonSet" => controller_revisions(view, &workload.namespace, uid),
        _ => Vec::new(),
    };
    all.sort_by(|a, b| (a.number, &a.name).cmp(&(b.number, &b.name)));
    all
}

/// The template that a workload has now.
pub(super) fn current<'a>(view: &'a View, workload: &Key) -> Option<&'a PodTemplateSpec> {
    let (namespace, name) = (&workload.namespace, &workload.name);
    match workload.kind.kind {
        "Deployment" => Some(&view.get::<Deployment>(namespace, name)?.spec.as_ref()?.template),
        "StatefulSet" => Some(&view.get::<StatefulSet>(namespace, name)?.spec.as_ref()?.template),
        "DaemonSet" => Some(&view.get::<DaemonSet>(namespace, name)?.spec.as_ref()?.template),
        _ => None,
    }
}

fn is_of<T: Object>(holder: &T, uid: &str) -> bool {
    holder.controller().is_some_and(|owner| owner.uid == uid)
}

fn replica_sets(view: &View, namespace: &str, uid: &str) -> Vec<Revision> {
    let mine = view.list::<ReplicaSet>(namespace).filter(|set| is_of(*set, uid));
    let revision = |set: &ReplicaSet| {
        let number = set.annotation(REVISION)?.parse().ok()?;
        Some(Revision::of(set, number, without_hash(set.spec.as_ref()?.template.clone()?)))
    };
    mine.filter_map(revision).collect()
}

fn controller_revisions(view: &View, namespace: &str, uid: &str) -> Vec<Revision> {
    let mine = view.list::<ControllerRevision>(namespace).filter(|revision| is_of(*revision, uid));
    let revision =
        |held: &ControllerRevision| Some(Revision::of(held, held.revision, data::template(&held.data.as_ref()?.0)?));
    mine.filter_map(revision).collect()
}

/// A ReplicaSet's template as its Deployment had it: the hash label tells sets apart and is not part of it.
#[must_use]
pub fn without_hash(mut template: PodTemplateSpec) -> PodTemplateSpec {
    template.metadata.iter_mut().flat_map(|m| &mut m.labels).for_each(|labels| drop(labels.remove(HASH)));
    template
}
