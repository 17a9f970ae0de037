//! What Kubernetes would refuse, in its words: one file a kind.

use super::Problem;

pub fn namespace(
    _: &k8s_openapi::api::core::v1::Namespace,
    _: Option<&k8s_openapi::api::core::v1::Namespace>,
) -> Vec<Problem> {
    Vec::new()
}

pub fn node(_: &k8s_openapi::api::core::v1::Node, _: Option<&k8s_openapi::api::core::v1::Node>) -> Vec<Problem> {
    Vec::new()
}

pub fn storage_class(
    _: &k8s_openapi::api::storage::v1::StorageClass,
    _: Option<&k8s_openapi::api::storage::v1::StorageClass>,
) -> Vec<Problem> {
    Vec::new()
}

pub fn ingress_class(
    _: &k8s_openapi::api::networking::v1::IngressClass,
    _: Option<&k8s_openapi::api::networking::v1::IngressClass>,
) -> Vec<Problem> {
    Vec::new()
}

pub fn service_account(
    _: &k8s_openapi::api::core::v1::ServiceAccount,
    _: Option<&k8s_openapi::api::core::v1::ServiceAccount>,
) -> Vec<Problem> {
    Vec::new()
}

pub fn secret(_: &k8s_openapi::api::core::v1::Secret, _: Option<&k8s_openapi::api::core::v1::Secret>) -> Vec<Problem> {
    Vec::new()
}

pub fn config_map(
    _: &k8s_openapi::api::core::v1::ConfigMap,
    _: Option<&k8s_openapi::api::core::v1::ConfigMap>,
) -> Vec<Problem> {
    Vec::new()
}

pub fn volume(
    _: &k8s_openapi::api::core::v1::PersistentVolume,
    _: Option<&k8s_openapi::api::core::v1::PersistentVolume>,
) -> Vec<Problem> {
    Vec::new()
}

pub fn claim(
    _: &k8s_openapi::api::core::v1::PersistentVolumeClaim,
    _: Option<&k8s_openapi::api::core::v1::PersistentVolumeClaim>,
) -> Vec<Problem> {
    Vec::new()
}

pub fn service(
    _: &k8s_openapi::api::core::v1::Service,
    _: Option<&k8s_openapi::api::core::v1::Service>,
) -> Vec<Problem> {
    Vec::new()
}

pub fn endpoints(
    _: &k8s_openapi::api::core::v1::Endpoints,
    _: Option<&k8s_openapi::api::core::v1::Endpoints>,
) -> Vec<Problem> {
    Vec::new()
}

pub fn endpoint_slice(
    _: &k8s_openapi::api::discovery::v1::EndpointSlice,
    _: Option<&k8s_openapi::api::discovery::v1::EndpointSlice>,
) -> Vec<Problem> {
    Vec::new()
}

pub fn pod(_: &k8s_openapi::api::core::v1::Pod, _: Option<&k8s_openapi::api::core::v1::Pod>) -> Vec<Problem> {
    Vec::new()
}

pub fn replica_set(
    _: &k8s_openapi::api::apps::v1::ReplicaSet,
    _: Option<&k8s_openapi::api::apps::v1::ReplicaSet>,
) -> Vec<Problem> {
    Vec::new()
}

pub fn deployment(
    _: &k8s_openapi::api::apps::v1::Deployment,
    _: Option<&k8s_openapi::api::apps::v1::Deployment>,
) -> Vec<Problem> {
    Vec::new()
}

pub fn ingress(
    _: &k8s_openapi::api::networking::v1::Ingress,
    _: Option<&k8s_openapi::api::networking::v1::Ingress>,
) -> Vec<Problem> {
    Vec::new()
}

pub fn event(_: &k8s_openapi::api::core::v1::Event, _: Option<&k8s_openapi::api::core::v1::Event>) -> Vec<Problem> {
    Vec::new()
}
