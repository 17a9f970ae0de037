//! What a ControllerRevision holds: the template as a patch of its workload, as Kubernetes writes it.
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/controller-revision-v1/>

use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde::Deserialize;
use serde_json::{Value, json};

/// The data of a revision with this template.
///
/// # Panics
/// Never: k8s-openapi's types serialise.
#[must_use]
pub fn data(template: &PodTemplateSpec) -> Value {
    let mut template = serde_json::to_value(template).expect("k8s-openapi types serialise");
    template["$patch"] = "replace".into();
    json!({"spec": {"template": template}})
}

/// The template that a revision's data holds; `None` where that is something else.
#[must_use]
pub fn template(data: &Value) -> Option<PodTemplateSpec> {
    PodTemplateSpec::deserialize(data.pointer("/spec/template")?).ok()
}
