//! The ReplicaSets of a Deployment, each with the size that it shall have, and the steps that make it so.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, ReplicaSet, ReplicaSetSpec};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::strategy::Bounds;
use crate::api::revision::{HASH, REVISION, without_hash};
use crate::api::{Object, Plan, View, labels, names};
use crate::controllers::ownership;
use crate::controllers::replicated::Replicated;

/// The numbers that a set had before, as its template was asked for again.
const HISTORY: &str = "deployment.kubernetes.io/revision-history";
/// The longest history in bytes, as in Kubernetes.
const LONGEST_HISTORY: usize = 2000;
const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
const MOST: &str = "deployment.kubernetes.io/max-replicas";
/// Annotations of a Deployment that say nothing about its sets.
const OWN: [&str; 5] = ["kubectl.kubernetes.io/last-applied-configuration", REVISION, HISTORY, DESIRED, MOST];

/// A set and the size that it shall have.
pub struct Sized {
    /// The set as it is, or as it is to be created.
    pub set: ReplicaSet,
    /// The size that it shall have.
    pub size: i32,
}

impl Sized {
    fn of(set: &ReplicaSet) -> Self {
        Self { set: set.clone(), size: set.replicas() }
    }

    /// How many available pods it has and keeps, however old its status is.
    pub fn available(&self) -> i32 {
        self.set.status.as_ref().and_then(|s| s.available_replicas).unwrap_or(0).min(self.size)
    }

    /// Whether its status is of the size that it has now.
    pub fn is_observed(&self) -> bool {
        let observed = self.set.status.as_ref().and_then(|s| s.observed_generation);
        observed >= self.set.metadata.generation
    }

    /// Whether it is scaled for `wanted` pods and all are available.
    pub fn is_saturated(&self, wanted: i32) -> bool {
        self.size == wanted && self.number(DESIRED) == Some(wanted) && self.available() == wanted
    }

    /// How many pods the Deployment could have when the set was last scaled.
    pub fn most_before(&self) -> Option<i32> {
        self.number(MOST)
    }

    fn number(&self, annotation: &str) -> Option<i32> {
        self.set.annotation(annotation).and_then(|n| n.parse().ok())
    }
}

/// All sets of one Deployment.
pub struct Sets {
    /// The Deployment's namespace.
    pub namespace: String,
    /// The set of the template as it is now.
    pub new: Option<Sized>,
    /// The others, oldest first.
    pub old: Vec<Sized>,
    /// How often a name was taken by another's set, over the Deployment's life.
    pub collisions: i32,
    free_name: String,
}

impl Sets {
    /// The sets that the Deployment owns.
    pub fn of(view: &View, deployment: &Deployment, plan: &mut Plan) -> Self {
        let (spec, namespace) = (spec(deployment), deployment.namespace());
        let selects = |s: &ReplicaSet| labels::matches(&spec.selector, s.metadata.labels.as_ref());
        let mut mine = ownership::claim(view, deployment, selects, |_| true, plan);
        // One that is being adopted is the Deployment's from the next round on.
        mine.retain(|s| s.controller().is_some());
        mine.sort_by_key(|s| (s.metadata.creation_timestamp.as_ref().map(|t| t.0), s.name().to_owned()));
        let new = mine.iter().position(|s| has_template(s, &spec.template)).map(|i| Sized::of(mine.remove(i)));
        let old = mine.into_iter().map(Sized::of).collect();
        let mut collisions = deployment.status.as_ref().and_then(|s| s.collision_count).unwrap_or(0);
        let name = |n: i32| format!("{}-{}", deployment.name(), names::hash(&(&spec.template, n)));
        while new.is_none() && view.get::<ReplicaSet>(namespace, &name(collisions)).is_some() {
            collisions += 1;
        }
        Self { namespace: namespace.to_owned(), new, old, collisions, free_name: name(collisions) }
    }

    /// The old sets and the new one, oldest first.
    pub fn all(&self) -> impl Iterator<Item = &Sized> {
        self.old.iter().chain(&self.new)
    }

    /// How many pods all sets together shall have.
    pub fn total(&self) -> i32 {
        self.all().map(|s| s.size).sum()
    }

    /// Whether the Deployment asks for another number of pods than the sets were scaled for.
    pub fn is_resized(&self, wanted: i32) -> bool {
        self.all().any(|s| s.size > 0 && s.number(DESIRED).is_some_and(|n| n != wanted))
    }

    /// Writes the revision that the new set has or will have on the Deployment, if another stands there. The rest has to
    /// wait for the next round then, as it would build on the Deployment as it was.
    pub fn needs_revision(&self, deployment: &Deployment, may_create: bool, plan: &mut Plan) -> bool {
        let revision = self.revision().to_string();
        if (self.new.is_none() && !may_create) || deployment.annotation(REVISION) == Some(&revision) {
            return false;
        }
        let mut marked = deployment.clone();
        marked.metadata.annotations.get_or_insert_default().insert(REVISION.to_owned(), revision.clone());
        plan.update(&marked, format!("its template is revision {revision}"));
        true
    }

    /// The new set's revision: above all others.
    fn revision(&self) -> i32 {
        let above = 1 + self.old.iter().filter_map(|s| s.number(REVISION)).max().unwrap_or(0);
        self.new.as_ref().and_then(|n| n.number(REVISION)).unwrap_or(0).max(above)
    }

    /// Gives the new set a size; makes the set if there is none yet. Returns whether that is a change.
    pub fn grow_new(&mut self, deployment: &Deployment, size: i32) -> bool {
        let name = &self.free_name;
        let new = self.new.get_or_insert_with(|| Sized { set: make(deployment, name), size: 0 });
        let changed = new.size != size;
        new.size = size;
        changed
    }

    /// The steps that create the new set and give every set its size and annotations.
    pub fn write(&self, deployment: &Deployment, bounds: Bounds, plan: &mut Plan) {
        let (spec, revision) = (spec(deployment), self.revision());
        for sized in self.new.iter().chain(&self.old) {
            let is_new = self.new.as_ref().is_some_and(|n| n.set.name() == sized.set.name());
            let before = sized.set.replicas();
            if !is_new && sized.size == 0 && before == 0 {
                continue;
            }
            let mut set = sized.set.clone();
            let annotations = set.metadata.annotations.get_or_insert_default();
            annotations.insert(DESIRED.to_owned(), bounds.replicas.to_string());
            annotations.insert(MOST.to_owned(), bounds.most().to_string());
            let set_spec = set.spec.get_or_insert_default();
            set_spec.replicas = Some(sized.size);
            if is_new {
                remember(annotations, revision);
                annotations.insert(REVISION.to_owned(), revision.to_string());
                annotations.extend(inherited(deployment));
                set_spec.min_ready_seconds = spec.min_ready_seconds;
            }
            let fresh = set.uid().is_empty();
            let why = if before == sized.size && !fresh {
                "its annotations".to_owned()
            } else {
                format!("{before} → {}", sized.size)
            };
            if fresh {
                plan.create(&set, why);
            } else if set != sized.set {
                plan.update(&set, why);
            }
            if before != sized.size {
                let way = if sized.size > before { "up" } else { "down" };
                let message = format!("Scaled {way} replica set {} from {before} to {}", set.name(), sized.size);
                plan.event(deployment, "ScalingReplicaSet", message);
            }
        }
    }

    /// Deletes the oldest empty sets beyond the limit of the history.
    /// <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#clean-up-policy>
    pub fn forget_history(&self, deployment: &Deployment, plan: &mut Plan) {
        let limit = usize::try_from(spec(deployment).revision_history_limit.unwrap_or(10)).unwrap_or(0);
        let empty = |s: &&Sized| {
            let pods = s.set.status.as_ref().map_or(0, |s| s.replicas);
            s.size == 0 && s.set.replicas() == 0 && pods == 0 && s.is_observed() && !s.set.is_deleting()
        };
        let mut empty: Vec<&Sized> = self.old.iter().filter(empty).collect();
        empty.sort_by_key(|s| s.number(REVISION));
        for old in &empty[..empty.len().saturating_sub(limit)] {
            plan.delete(&old.set, format!("beyond the history of {limit}"));
        }
    }
}

fn spec(deployment: &Deployment) -> &DeploymentSpec {
    static EMPTY: std::sync::LazyLock<DeploymentSpec> = std::sync::LazyLock::new(DeploymentSpec::default);
    deployment.spec.as_ref().unwrap_or(&EMPTY)
}

/// Whether the set is of this template.
fn has_template(set: &ReplicaSet, template: &PodTemplateSpec) -> bool {
    set.spec.as_ref().and_then(|s| s.template.clone()).is_some_and(|own| without_hash(own) == *template)
}

/// Adds the revision that the annotations tell to their history, if the set is to have another one.
fn remember(annotations: &mut BTreeMap<String, String>, revision: i32) {
    let Some(before) = annotations.get(REVISION).filter(|before| **before != revision.to_string()) else { return };
    let known = annotations.get(HISTORY).map(|history| format!("{history},")).unwrap_or_default();
    let mut history = format!("{known}{before}");
    while history.len() > LONGEST_HISTORY {
        history = history.split_once(',').map_or_else(String::new, |(_, rest)| rest.to_owned());
    }
    annotations.insert(HISTORY.to_owned(), history);
}

/// The Deployment's annotations that its sets carry too.
fn inherited(deployment: &Deployment) -> BTreeMap<String, String> {
    let mut annotations = deployment.metadata.annotations.clone().unwrap_or_default();
    annotations.retain(|name, _| !OWN.contains(&name.as_str()));
    annotations
}

/// A set of no pods for the Deployment's template.
fn make(deployment: &Deployment, name: &str) -> ReplicaSet {
    let mut spec = spec(deployment).clone();
    let hash = name.rsplit('-').next().unwrap_or_default().to_owned();
    let labels = spec.template.metadata.get_or_insert_default().labels.get_or_insert_default();
    labels.insert(HASH.to_owned(), hash.clone());
    let labels = labels.clone();
    spec.selector.match_labels.get_or_insert_default().insert(HASH.to_owned(), hash);
    ReplicaSet {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            namespace: deployment.metadata.namespace.clone(),
            labels: Some(labels),
            owner_references: Some(vec![deployment.owner_reference()]),
            ..ObjectMeta::default()
        },
        spec: Some(ReplicaSetSpec {
            replicas: Some(0),
            selector: spec.selector,
            template: Some(spec.template),
            min_ready_seconds: spec.min_ready_seconds,
        }),
        status: None,
    }
}
