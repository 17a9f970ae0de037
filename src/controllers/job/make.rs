//! The pods of a Job.

use k8s_openapi::api::core::v1::{Container, EnvVar, EnvVarSource, ObjectFieldSelector, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::failure::Meaning;
use super::{Round, pods};
use crate::api::names::job::{FAILURES, FINALIZER, IGNORED, INDEX};
use crate::api::{Object, Plan, names};

/// The longest part of a pod's name that is its Job's: names of pods are also host names.
const LONGEST_BASE: usize = 58;
/// The variable in which programs find their index.
const VARIABLE: &str = "JOB_COMPLETION_INDEX";

impl Round<'_> {
    /// A name that no pod of the namespace has, nor one of `taken`. Time is in the seed.
    pub(super) fn free_name(&self, index: Option<i32>, taken: &[String]) -> String {
        let end = index.map(|i| format!("-{i}")).unwrap_or_default();
        let base = self.job.name();
        let base = &base[..base.floor_char_boundary(LONGEST_BASE - 1 - end.len())];
        let mut counter = taken.len();
        loop {
            let seed = format!("{}/{}/{counter}{end}", self.job.uid(), self.now);
            let name = format!("{base}{end}-{}", names::suffix(&seed, 5));
            if self.view.get::<Pod>(self.job.namespace(), &name).is_none() && !taken.contains(&name) {
                return name;
            }
            counter += 1;
        }
    }

    /// Makes one pod; returns its name.
    pub(super) fn make(&mut self, name: String, index: Option<i32>, why: &str, plan: &mut Plan) -> String {
        let template = &self.spec.template;
        let given = template.metadata.clone().unwrap_or_default();
        let mut finalizers = given.finalizers.unwrap_or_default();
        if !finalizers.iter().any(|f| f == FINALIZER) {
            finalizers.push(FINALIZER.to_owned());
        }
        let between = index.map(|i| format!("-{i}")).unwrap_or_default();
        let mut pod = Pod {
            metadata: ObjectMeta {
                name: Some(name.clone()),
                generate_name: Some(format!("{}{between}-", self.job.name())),
                namespace: self.job.metadata.namespace.clone(),
                labels: given.labels,
                annotations: given.annotations,
                finalizers: Some(finalizers),
                owner_references: Some(vec![self.job.owner_reference()]),
                ..ObjectMeta::default()
            },
            spec: template.spec.clone(),
            status: None,
        };
        if let Some(index) = index {
            self.number(&mut pod, index);
        }
        plan.create(&pod, why);
        plan.event(self.job, "SuccessfulCreate", format!("Created pod: {name}"));
        self.created += 1;
        name
    }

    /// Tells a pod its index, and how often that failed before.
    /// <https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode>
    fn number(&self, pod: &mut Pod, index: i32) {
        let annotations = pod.metadata.annotations.get_or_insert_default();
        annotations.insert(INDEX.to_owned(), index.to_string());
        if self.spec.backoff_limit_per_index.is_some() {
            let (counted, ignored) = self.failed_last().get(&index).map_or((0, 0), |last| {
                let (counted, ignored) = pods::failures(last);
                let one = i32::from(self.meaning(last) == Meaning::Ignored);
                (counted + 1 - one, ignored + one)
            });
            annotations.insert(FAILURES.to_owned(), counted.to_string());
            annotations.insert(IGNORED.to_owned(), ignored.to_string());
        }
        pod.metadata.labels.get_or_insert_default().insert(INDEX.to_owned(), index.to_string());
        let Some(spec) = &mut pod.spec else { return };
        spec.hostname = Some(format!("{}-{index}", self.job.name()));
        let all = spec.init_containers.iter_mut().flatten().chain(&mut spec.containers);
        all.for_each(variable);
    }
}

/// The index as a variable, unless the container has one of that name.
fn variable(container: &mut Container) {
    let env = container.env.get_or_insert_default();
    if env.iter().any(|v| v.name == VARIABLE) {
        return;
    }
    let field = ObjectFieldSelector { field_path: format!("metadata.annotations['{INDEX}']"), ..Default::default() };
    let from = EnvVarSource { field_ref: Some(field), ..EnvVarSource::default() };
    env.push(EnvVar { name: VARIABLE.to_owned(), value: None, value_from: Some(from) });
}
