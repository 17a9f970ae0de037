//! A node for tests: carries plans out on a view, and lets pods start, become ready and die.

use std::sync::Arc;

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{Pod, PodCondition, PodStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::{Value, json};

use super::{deployment, pod, replicated};
use crate::api::object::meta;
use crate::api::{Action, KINDS, Key, Object, Plan, Timestamp, View};

/// A view that plans change.
#[derive(Clone, Default)]
pub struct Model {
    pub view: View,
    pub now: Timestamp,
    revision: u64,
}

impl Model {
    /// Puts a typed object made from JSON in place.
    pub fn put<T: Object>(&mut self, object: Value) {
        let object: T = serde_json::from_value(object).unwrap();
        let kind = crate::api::Kind::of::<T>();
        self.write(kind, object.to_value());
    }

    pub fn change<T: Object>(&mut self, key: &Key, change: impl FnOnce(&mut T)) {
        let Some(mut object) = self.view.get::<T>(&key.namespace, &key.name).cloned() else { return };
        change(&mut object);
        self.view.insert(key.clone(), Arc::new(object));
    }

    fn write(&mut self, kind: &'static crate::api::Kind, mut object: Value) {
        self.revision += 1;
        if meta(&object, "uid").is_empty() {
            object["metadata"]["uid"] = json!(format!("uid-{}", self.revision));
        }
        if meta(&object, "creationTimestamp").is_empty() {
            object["metadata"]["creationTimestamp"] = json!(self.now);
        }
        if object["metadata"]["generation"].is_null() {
            object["metadata"]["generation"] = json!(1);
        }
        if kind.kind == "Pod" && object["status"]["phase"].is_null() {
            object["status"]["phase"] = json!("Pending");
        }
        object["metadata"]["resourceVersion"] = json!(self.revision.to_string());
        self.view.insert(Key::of(kind, &object), (kind.decode)(&object).unwrap());
    }

    /// Carries a plan out. Pods that are deleted stay until `reap`.
    pub fn apply(&mut self, plan: &Plan) {
        for step in &plan.steps {
            match &step.action {
                Action::Create(kind, object) => {
                    assert!(!self.view.contains(&Key::of(kind, object)), "{} exists", step.action);
                    self.write(kind, object.clone());
                }
                Action::Update(kind, object) | Action::UpdateStatus(kind, object) | Action::Finalize(kind, object) => {
                    let current = self.view.metadata(&Key::of(kind, object)).unwrap().resource_version.clone();
                    let seen = meta(object, "resourceVersion");
                    assert_eq!(current.unwrap_or_default(), seen, "conflict: {}", step.action);
                    let mut object = object.clone();
                    let old = self.view.value(&Key::of(kind, &object)).unwrap();
                    if let Some(generation) =
                        old["metadata"]["generation"].as_i64().filter(|_| old["spec"] != object["spec"])
                    {
                        object["metadata"]["generation"] = json!(generation + 1);
                    }
                    self.write(kind, object);
                }
                Action::Delete { key, .. } if key.kind.kind == "Pod" => {
                    self.kill(key);
                }
                Action::Delete { key, .. } => self.view.remove(key),
                Action::Event { .. } => {}
            }
        }
    }

    /// Takes the pods away that are on their way out.
    pub fn reap(&mut self) {
        let gone: Vec<Key> = self.view.all::<Pod>().filter(|p| p.is_deleting()).map(Object::key).collect();
        for key in &gone {
            self.view.remove(key);
        }
        self.revision += u64::try_from(gone.len()).unwrap();
    }

    /// Makes a pod ready or not.
    pub fn set_ready(&mut self, key: &Key, ready: bool) {
        let now = self.now;
        self.change::<Pod>(key, |p| {
            p.spec.get_or_insert_default().node_name = Some("wharf".to_owned());
            let condition = PodCondition {
                type_: "Ready".to_owned(),
                status: if ready { "True" } else { "False" }.to_owned(),
                last_transition_time: Some(Time(now)),
                ..PodCondition::default()
            };
            let (phase, conditions) = (Some("Running".to_owned()), Some(vec![condition]));
            p.status = Some(PodStatus { phase, conditions, ..PodStatus::default() });
        });
    }

    /// Ends a pod by itself.
    pub fn fail(&mut self, key: &Key) {
        self.change::<Pod>(key, |p| {
            p.status = Some(PodStatus { phase: Some("Failed".to_owned()), ..PodStatus::default() });
        });
    }

    /// Has somebody delete a pod.
    pub fn kill(&mut self, key: &Key) {
        let now = self.now;
        self.change::<Pod>(key, |p| p.metadata.deletion_timestamp = Some(Time(now)));
    }

    /// The keys of all pods that count.
    pub fn active(&self) -> Vec<Key> {
        self.view.all::<Pod>().filter(|p| pod::is_active(p)).map(Object::key).collect()
    }

    /// One round of every object of a type; what they decided. It is the same in whichever order objects came.
    pub fn round<T: Object>(&mut self, plan: fn(&View, &Key, Timestamp) -> Plan) -> Plan {
        let keys: Vec<Key> = self.view.all::<T>().map(Object::key).collect();
        let mut all = Plan::nothing();
        for key in keys {
            let decided = plan(&self.view, &key, self.now);
            // Now and then is enough: it takes its time.
            if self.revision.is_multiple_of(8) {
                assert_eq!(decided, plan(&self.reversed(), &key, self.now), "the order of insertion matters");
            }
            self.apply(&decided);
            all.steps.extend(decided.steps);
            all.wake = [all.wake, decided.wake].into_iter().flatten().min();
        }
        all
    }

    /// The view with its objects put in in the opposite order.
    fn reversed(&self) -> View {
        let mut view = View::default();
        view.revision = self.view.revision;
        let keys: Vec<Key> = KINDS.iter().flat_map(|kind| self.view.keys(kind)).collect();
        for key in keys.into_iter().rev() {
            let object = (key.kind.decode)(&self.view.value(&key).unwrap()).unwrap();
            view.insert(key, object);
        }
        view
    }

    /// One round of the Deployments.
    pub fn deploy(&mut self) -> Plan {
        self.round::<Deployment>(deployment::plan)
    }

    /// One round of every ReplicaSet.
    pub fn replicate(&mut self) -> Plan {
        self.round::<ReplicaSet>(replicated::plan::<ReplicaSet>)
    }

    /// Rounds of Deployments and ReplicaSets until nothing changes any more.
    pub fn settle(&mut self) {
        self.settle_by(|model| {
            model.deploy();
            model.replicate();
        });
    }

    /// Rounds until nothing changes any more, every pod becoming ready at once; fails if that takes too long.
    pub fn settle_by(&mut self, mut round: impl FnMut(&mut Self)) {
        for _ in 0..200 {
            let before = self.revision;
            round(self);
            self.reap();
            for key in self.active() {
                if !self.view.get::<Pod>(&key.namespace, &key.name).is_some_and(pod::is_ready) {
                    self.set_ready(&key, true);
                    self.revision += 1;
                }
            }
            if self.revision == before {
                return;
            }
        }
        panic!("no fixed point: {:?}", self.active());
    }
}
