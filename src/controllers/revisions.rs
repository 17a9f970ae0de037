//! The ControllerRevisions of a workload: one for each template that was ever asked for.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#revision-history>

use k8s_openapi::api::apps::v1::ControllerRevision;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::runtime::RawExtension;

use super::ownership;
use crate::api::{Object, Plan, View, labels, names, revision};

/// The label that tells a pod's revision.
pub const HASH: &str = "controller-revision-hash";

/// The longest part of a revision's name that is its owner's: the name is the value of a label too.
const LONGEST_BASE: usize = 52;

/// What a workload's revisions are made from.
pub struct Source<'a> {
    /// The workload's selector.
    pub selector: &'a LabelSelector,
    /// Its template as it is now.
    pub template: &'a PodTemplateSpec,
    /// How many names were taken when it made its last revision.
    pub collisions: i32,
    /// The label of a revision with its hash.
    pub label: &'a str,
}

/// The revisions of one workload.
pub struct Revisions<'a> {
    /// The revision of the template as it is now.
    pub update: ControllerRevision,
    /// How many names were taken by other revisions, over the workload's life.
    pub collisions: i32,
    /// Those that were there before, oldest first.
    known: Vec<&'a ControllerRevision>,
}

impl<'a> Revisions<'a> {
    /// The revisions that the workload owns, and the steps that make the one of its template, or make that the last one
    /// again.
    pub fn of<T: Object>(view: &'a View, owner: &T, source: &Source, plan: &mut Plan) -> Self {
        let selects = |r: &ControllerRevision| labels::matches(source.selector, r.metadata.labels.as_ref());
        let mut known = ownership::claim(view, owner, selects, |_| true, plan);
        known.retain(|r| r.controller().is_some());
        known.sort_by_key(|r| (r.revision, r.name().to_owned()));
        let last = known.last().map_or(0, |r| r.revision);
        let data = revision::data(source.template);
        let same = known.iter().rev().find(|r| r.data.as_ref().is_some_and(|d| d.0 == data));
        let mut collisions = source.collisions;
        let update = match same {
            Some(same) if same.revision == last => (*same).clone(),
            Some(same) => {
                let again = ControllerRevision { revision: last + 1, ..(*same).clone() };
                plan.update(&again, "its template is asked for again");
                again
            }
            None => {
                let made = loop {
                    let made = make(owner, source, RawExtension(data.clone()), last + 1, collisions);
                    if view.get::<ControllerRevision>(owner.namespace(), made.name()).is_none() {
                        break made;
                    }
                    collisions += 1;
                };
                if !owner.is_deleting() {
                    plan.create(&made, format!("{} has a new template", owner.name()));
                }
                made
            }
        };
        Self { update, collisions, known }
    }

    /// The template of the revision of this name, if that is known.
    pub fn template(&self, name: &str) -> Option<PodTemplateSpec> {
        let named = self.known.iter().copied().chain([&self.update]).find(|r| r.name() == name)?;
        revision::template(&named.data.as_ref()?.0)
    }

    /// Deletes the oldest revisions that nothing is of, beyond the limit of the history; `is_live` is asked for others
    /// than that of the template.
    pub fn forget(&self, limit: i32, is_live: impl Fn(&ControllerRevision) -> bool, plan: &mut Plan) {
        let limit = usize::try_from(limit).unwrap_or(0);
        let name = self.update.name();
        let past: Vec<_> = self.known.iter().filter(|r| r.name() != name && !is_live(r)).collect();
        for revision in &past[..past.len().saturating_sub(limit)] {
            plan.delete(**revision, format!("beyond the history of {limit}"));
        }
    }
}

fn make<T: Object>(
    owner: &T,
    source: &Source,
    data: RawExtension,
    revision: i64,
    collisions: i32,
) -> ControllerRevision {
    let hash = names::hash(&(&data, collisions));
    let base = owner.name();
    let base = &base[..base.floor_char_boundary(LONGEST_BASE)];
    let mut labels = source.template.metadata.as_ref().and_then(|m| m.labels.clone()).unwrap_or_default();
    labels.insert(source.label.to_owned(), hash.clone());
    ControllerRevision {
        metadata: ObjectMeta {
            name: Some(format!("{base}-{hash}")),
            namespace: owner.metadata().namespace.clone(),
            labels: Some(labels),
            annotations: owner.metadata().annotations.clone(),
            owner_references: Some(vec![owner.owner_reference()]),
            ..ObjectMeta::default()
        },
        data: Some(data),
        revision,
    }
}
