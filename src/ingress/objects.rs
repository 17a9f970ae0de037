//! The objects that run nginx: a pod, a ConfigMap with its configuration, a Secret with its certificates.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{
    Capabilities, ConfigMap, ConfigMapVolumeSource, Container, ContainerPort, HTTPGetAction, Pod, PodSpec, Probe,
    Secret, SecretVolumeSource, SecurityContext, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::config::Config;
use crate::api::names::{self, SYSTEM_NAMESPACE};

/// The name of the pod and of the ConfigMap.
pub const NAME: &str = "ingress";
/// The name of the Secret.
pub const CERTIFICATES: &str = "ingress-certificates";
/// The pod's container.
pub const CONTAINER: &str = "nginx";
/// The key of the configuration that nginx starts with: the last one that passed its test.
pub const GOOD: &str = "nginx.conf";
/// The annotation with the hash of the pod's specification.
pub const HASH: &str = "wharf.dev/spec-hash";

const FOLDER: &str = "/etc/wharf";
const HEALTH_PORT: i32 = 10_254;

/// nginx with arguments; its log goes to standard error from the first line on.
pub fn nginx(key: &str, more: &[&str]) -> Vec<String> {
    let path = format!("{FOLDER}/{key}");
    let words = ["nginx", "-e", "/dev/stderr", "-c", &path];
    words.iter().chain(more).map(|w| (*w).to_owned()).collect()
}

/// The pod; a pod with another hash is replaced by it.
pub fn pod(config: &Config) -> Pod {
    let spec = PodSpec {
        containers: vec![container(config)],
        volumes: Some(vec![
            Volume {
                name: "configuration".to_owned(),
                config_map: Some(ConfigMapVolumeSource { name: NAME.to_owned(), ..Default::default() }),
                ..Default::default()
            },
            Volume {
                name: "certificates".to_owned(),
                secret: Some(SecretVolumeSource {
                    secret_name: Some(CERTIFICATES.to_owned()),
                    default_mode: Some(0o400),
                    ..Default::default()
                }),
                ..Default::default()
            },
        ]),
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        ..Default::default()
    };
    let mut metadata = metadata(NAME);
    metadata.annotations = Some(BTreeMap::from([(HASH.to_owned(), names::hash(&spec))]));
    Pod { metadata, spec: Some(spec), status: None }
}

fn container(config: &Config) -> Container {
    let port = |name: &str, container: i32, host: u16| ContainerPort {
        name: Some(name.to_owned()),
        container_port: container,
        host_port: Some(i32::from(host)),
        ..Default::default()
    };
    let mount = |name: &str, path: &str| VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        read_only: Some(true),
        ..Default::default()
    };
    let words = |list: &[&str]| Some(list.iter().map(|w| (*w).to_owned()).collect());
    Container {
        name: CONTAINER.to_owned(),
        image: Some(config.image.clone()),
        command: Some(nginx(GOOD, &["-g", "daemon off;"])),
        ports: Some(vec![port("http", 80, config.http_port), port("https", 443, config.https_port)]),
        volume_mounts: Some(vec![mount("configuration", FOLDER), mount("certificates", "/etc/wharf-certificates")]),
        readiness_probe: Some(Probe {
            http_get: Some(HTTPGetAction {
                path: Some("/healthz".to_owned()),
                port: IntOrString::Int(HEALTH_PORT),
                ..Default::default()
            }),
            period_seconds: Some(5),
            ..Default::default()
        }),
        security_context: Some(SecurityContext {
            capabilities: Some(Capabilities {
                drop: words(&["ALL"]),
                add: words(&["NET_BIND_SERVICE", "SETUID", "SETGID", "CHOWN"]),
            }),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// The ConfigMap of nginx's configuration.
pub fn config_map(data: BTreeMap<String, String>) -> ConfigMap {
    ConfigMap { metadata: metadata(NAME), data: Some(data), ..Default::default() }
}

/// The Secret of certificates and keys.
pub fn secret(files: BTreeMap<String, Vec<u8>>) -> Secret {
    let data = files.into_iter().map(|(name, bytes)| (name, ByteString(bytes))).collect();
    Secret { metadata: metadata(CERTIFICATES), data: Some(data), ..Default::default() }
}

fn metadata(name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(SYSTEM_NAMESPACE.to_owned()),
        labels: Some(BTreeMap::from([("app.kubernetes.io/name".to_owned(), NAME.to_owned())])),
        ..Default::default()
    }
}
