//! The objects that every node has from the start, besides its namespaces. Pure.

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::api::networking::v1::{IngressClass, IngressClassSpec};
use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::own_service;
use crate::api::names::{DEFAULT_STORAGE_CLASS, INGRESS_CLASS, ROOT_CA, SYSTEM_NAMESPACE, SYSTEM_PRIORITIES};
use crate::api::{Plan, Ranges, View, rbac};

/// Makes what is missing: the default classes, which are left alone if a user changed them; the certificate of the node's
/// authority (in PEM), from which the namespaces get theirs; roles; the API's own Service.
pub fn plan(view: &View, authority: &str, ranges: &Ranges) -> Plan {
    let mut plan = Plan::nothing();
    classes(view, &mut plan);
    certificate(view, authority, &mut plan);
    plan.steps.extend(rbac::bootstrap(view).steps);
    own_service::plan(view, ranges, &mut plan);
    plan
}

const WHY: &str = "every node has it";

fn classes(view: &View, plan: &mut Plan) {
    if view.get::<StorageClass>("", DEFAULT_STORAGE_CLASS).is_none() {
        let class = StorageClass {
            metadata: default_of("storageclass", DEFAULT_STORAGE_CLASS),
            provisioner: "wharf.dev/docker-volume".to_owned(),
            reclaim_policy: Some("Delete".to_owned()),
            volume_binding_mode: Some("Immediate".to_owned()),
            // Docker does not limit the size of a volume.
            allow_volume_expansion: Some(true),
            ..StorageClass::default()
        };
        plan.create(&class, WHY);
    }
    if view.get::<IngressClass>("", INGRESS_CLASS).is_none() {
        let class = IngressClass {
            metadata: default_of("ingressclass", INGRESS_CLASS),
            spec: Some(IngressClassSpec { controller: Some("wharf.dev/nginx".to_owned()), parameters: None }),
        };
        plan.create(&class, WHY);
    }
    for (name, value) in SYSTEM_PRIORITIES {
        if view.get::<PriorityClass>("", name).is_none() {
            let class = PriorityClass {
                metadata: ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() },
                value: Some(value),
                description: Some("Used for system critical pods that must not be moved from their node.".to_owned()),
                ..PriorityClass::default()
            };
            plan.create(&class, WHY);
        }
    }
}

fn certificate(view: &View, authority: &str, plan: &mut Plan) {
    let metadata = ObjectMeta {
        name: Some(ROOT_CA.to_owned()),
        namespace: Some(SYSTEM_NAMESPACE.to_owned()),
        ..ObjectMeta::default()
    };
    let data = Some([("ca.crt".to_owned(), authority.to_owned())].into());
    match view.get::<ConfigMap>(SYSTEM_NAMESPACE, ROOT_CA) {
        None => plan.create(&ConfigMap { metadata, data, ..ConfigMap::default() }, WHY),
        Some(there) if there.data != data => {
            plan.update(&ConfigMap { data, ..there.clone() }, "the node's authority is another one");
        }
        Some(_) => {}
    }
}

/// Metadata that marks an object as the default of its kind.
/// <https://kubernetes.io/docs/reference/labels-annotations-taints/#storageclass-kubernetes-io-is-default-class>
fn default_of(kind: &str, name: &str) -> ObjectMeta {
    let mark = (format!("{kind}.kubernetes.io/is-default-class"), "true".to_owned());
    ObjectMeta { name: Some(name.to_owned()), annotations: Some([mark].into()), ..ObjectMeta::default() }
}
