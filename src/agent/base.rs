//! The objects that every node has from the start, besides its namespaces. Pure.

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::api::networking::v1::{IngressClass, IngressClassSpec};
use k8s_openapi::api::scheduling::v1::PriorityClass;
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::names::{DEFAULT_STORAGE_CLASS, INGRESS_CLASS, ROOT_CA, SYSTEM_NAMESPACE, SYSTEM_PRIORITIES};
use crate::api::{Action, Kind, Object, Plan};

/// Makes the default classes where they are missing, which are left alone if a user changed them, and the certificate of
/// the node's authority (in PEM), from which the namespaces get theirs.
pub fn plan(authority: &str) -> Plan {
    let mut plan = Plan::nothing();
    let why = "every node has it";
    plan.create(
        &StorageClass {
            metadata: default_of("storageclass", DEFAULT_STORAGE_CLASS),
            provisioner: "wharf.dev/docker-volume".to_owned(),
            reclaim_policy: Some("Delete".to_owned()),
            volume_binding_mode: Some("Immediate".to_owned()),
            // Docker does not limit the size of a volume.
            allow_volume_expansion: Some(true),
            ..StorageClass::default()
        },
        why,
    );
    plan.create(
        &IngressClass {
            metadata: default_of("ingressclass", INGRESS_CLASS),
            spec: Some(IngressClassSpec { controller: Some("wharf.dev/nginx".to_owned()), parameters: None }),
        },
        why,
    );
    for (name, value) in SYSTEM_PRIORITIES {
        let class = PriorityClass {
            metadata: ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() },
            value: Some(value),
            description: Some("Used for system critical pods that must not be moved from their node.".to_owned()),
            ..PriorityClass::default()
        };
        plan.create(&class, why);
    }
    let certificate = ConfigMap {
        metadata: ObjectMeta {
            name: Some(ROOT_CA.to_owned()),
            namespace: Some(SYSTEM_NAMESPACE.to_owned()),
            ..ObjectMeta::default()
        },
        data: Some([("ca.crt".to_owned(), authority.to_owned())].into()),
        ..ConfigMap::default()
    };
    plan.create(&certificate, why);
    plan.push(Action::Update(Kind::of::<ConfigMap>(), certificate.to_value()), "it is this node's own");
    plan
}

/// Metadata that marks an object as the default of its kind.
/// <https://kubernetes.io/docs/reference/labels-annotations-taints/#storageclass-kubernetes-io-is-default-class>
fn default_of(kind: &str, name: &str) -> ObjectMeta {
    let mark = (format!("{kind}.kubernetes.io/is-default-class"), "true".to_owned());
    ObjectMeta { name: Some(name.to_owned()), annotations: Some([mark].into()), ..ObjectMeta::default() }
}
