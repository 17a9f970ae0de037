//! A Job and its pods: carries the plans out, and lets pods run, end and go.

use std::collections::BTreeMap;

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::{Value, json};

use crate::api::{Key, Kind, Object, Timestamp};
use crate::controllers::model::Model;
use crate::controllers::{job, pod};

/// The Job `sum`, its pods, and the time.
#[derive(Clone)]
pub struct World {
    pub model: Model,
    /// When the last round asked to look again.
    pub wake: Option<Timestamp>,
    key: Key,
}

impl World {
    /// A new Job with these fields in its spec.
    pub fn of(spec: &Value) -> Self {
        let mut job = json!({
            "apiVersion": "batch/v1", "kind": "Job",
            "metadata": {"name": "sum", "namespace": "shop", "uid": "job"},
            "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}},
        });
        job["spec"].as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
        let job = (Kind::of::<Job>().admit)(&job, None).unwrap();
        let mut model = Model::default();
        model.put::<Job>(job);
        Self { model, wake: None, key: Key::new(Kind::of::<Job>(), "shop", "sum") }
    }

    pub fn now(&self) -> Timestamp {
        self.model.now
    }

    pub fn set_now(&mut self, now: Timestamp) {
        self.model.now = now;
    }

    /// Changes fields of the spec.
    pub fn change(&mut self, spec: &Value) {
        let mut job = self.job().to_value();
        job["spec"].as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
        self.model.put::<Job>(job);
    }

    pub fn remove_job(&mut self) {
        self.model.view.remove(&self.key);
    }

    /// One round: what it decided, with the pods' random parts masked.
    pub fn round(&mut self) -> String {
        let plan = job::plan(&self.model.view, &self.key, self.now());
        self.model.apply(&plan);
        self.wake = plan.wake;
        let masks = self.masks();
        self.sweep();
        let steps: String = plan
            .steps
            .iter()
            .map(|step| {
                if step.why.is_empty() {
                    format!("{}\n", step.action)
                } else {
                    format!("{}: {}\n", step.action, step.why)
                }
            })
            .collect();
        masks.into_iter().fold(steps, |text, (from, to)| text.replace(&from, &to))
    }

    /// Rounds until nothing is left to do now.
    pub fn settle(&mut self) {
        for _ in 0..100 {
            if self.round().is_empty() {
                return;
            }
        }
        panic!("no fixed point: {}", self.round());
    }

    /// Takes away what is deleted and held by nobody any more.
    fn sweep(&mut self) {
        let gone = |p: &&Pod| p.is_deleting() && p.metadata.finalizers.iter().flatten().next().is_none();
        let gone: Vec<Key> = self.model.view.all::<Pod>().filter(gone).map(Object::key).collect();
        for key in &gone {
            self.model.view.remove(key);
        }
    }

    /// What stands for the names and uids of pods in texts.
    fn masks(&self) -> BTreeMap<String, String> {
        let mut masks = BTreeMap::new();
        for pod in self.model.view.all::<Pod>() {
            let (head, _) = pod.name().rsplit_once('-').unwrap();
            masks.insert(pod.name().to_owned(), format!("{head}-POD"));
            masks.insert(format!("\"{}\"", pod.uid()), "\"UID\"".to_owned());
        }
        masks
    }

    pub fn job(&self) -> Job {
        self.model.view.get::<Job>("shop", "sum").unwrap().clone()
    }

    pub fn status(&self, field: &str) -> Value {
        self.job().to_value()["status"][field].clone()
    }

    /// How the Job ended, and why; empty as long as it has not.
    pub fn end(&self) -> String {
        let conditions = self.job().status.unwrap_or_default().conditions.unwrap_or_default();
        let end = conditions.into_iter().find(|c| ["Complete", "Failed"].contains(&&*c.type_));
        end.map(|c| format!("{} {}", c.type_, c.reason.unwrap())).unwrap_or_default()
    }

    pub fn pods(&self) -> Vec<Pod> {
        self.model.view.all::<Pod>().cloned().collect()
    }

    /// How many pods run and are not on their way out.
    pub fn active(&self) -> usize {
        self.model.active().len()
    }

    /// Ends the pod with this code.
    pub fn end_pod(&mut self, key: &Key, code: i32) {
        let now = self.now();
        self.model.change::<Pod>(key, |p| {
            let terminated = json!({"exitCode": code, "finishedAt": now});
            let status = json!({
                "phase": if code == 0 { "Succeeded" } else { "Failed" },
                "containerStatuses": [{"name": "c", "image": "i", "imageID": "", "ready": false, "restartCount": 0,
                    "state": {"terminated": terminated}}],
            });
            p.status = Some(serde_json::from_value(status).unwrap());
        });
    }

    /// Ends the first of the running pods.
    pub fn end_first(&mut self, code: i32) {
        let key = self.model.active().into_iter().next().unwrap();
        self.end_pod(&key, code);
    }

    /// Somebody deletes the first of the running pods, which takes its time.
    pub fn delete_first(&mut self) {
        let key = self.model.active().into_iter().next().unwrap();
        let now = self.now();
        self.model.change::<Pod>(&key, |p| {
            p.metadata.deletion_timestamp = Some(Time(now));
            p.metadata.deletion_grace_period_seconds = Some(30);
        });
    }

    /// The kubelet is through with all pods on their way out.
    pub fn stop_deleted(&mut self) {
        let deleted: Vec<Key> = self.model.view.all::<Pod>().filter(|p| p.is_deleting()).map(Object::key).collect();
        for key in deleted {
            self.model.change::<Pod>(&key, |p| p.metadata.deletion_grace_period_seconds = Some(0));
        }
        self.sweep();
    }

    /// Whether a pod counts as running.
    pub fn runs(pod: &Pod) -> bool {
        pod::is_active(pod)
    }
}
