//! What a field means when it is left out: one file a kind.

pub fn namespace(_: &mut k8s_openapi::api::core::v1::Namespace) {}

pub fn node(_: &mut k8s_openapi::api::core::v1::Node) {}

pub fn storage_class(_: &mut k8s_openapi::api::storage::v1::StorageClass) {}

pub fn ingress_class(_: &mut k8s_openapi::api::networking::v1::IngressClass) {}

pub fn service_account(_: &mut k8s_openapi::api::core::v1::ServiceAccount) {}

pub fn secret(_: &mut k8s_openapi::api::core::v1::Secret) {}

pub fn config_map(_: &mut k8s_openapi::api::core::v1::ConfigMap) {}

pub fn volume(_: &mut k8s_openapi::api::core::v1::PersistentVolume) {}

pub fn claim(_: &mut k8s_openapi::api::core::v1::PersistentVolumeClaim) {}

pub fn service(_: &mut k8s_openapi::api::core::v1::Service) {}

pub fn endpoints(_: &mut k8s_openapi::api::core::v1::Endpoints) {}

pub fn endpoint_slice(_: &mut k8s_openapi::api::discovery::v1::EndpointSlice) {}

pub fn pod(_: &mut k8s_openapi::api::core::v1::Pod) {}

pub fn replica_set(_: &mut k8s_openapi::api::apps::v1::ReplicaSet) {}

pub fn deployment(_: &mut k8s_openapi::api::apps::v1::Deployment) {}

pub fn ingress(_: &mut k8s_openapi::api::networking::v1::Ingress) {}

pub fn event(_: &mut k8s_openapi::api::core::v1::Event) {}
