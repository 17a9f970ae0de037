//! Finds the Secrets whose credentials a pod's images may be pulled with.
//! <https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/>

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{LocalObjectReference, Pod, Secret, ServiceAccount};

use super::keyring::Keyring;
use crate::api::names::SYSTEM_NAMESPACE;
use crate::api::{Object, View};
use crate::kubelet::policy::{app_containers, init_containers};

/// What a pod's images may be pulled with.
#[derive(Debug, Default)]
pub struct Secrets {
    /// What the pod names.
    pub own: Keyring,
    /// What the node has for all pods: Secrets of the type `kubernetes.io/dockerconfigjson` in `wharf-system`.
    pub node: Keyring,
    /// Names of Secrets that the pod names and nobody has made.
    pub missing: Vec<String>,
}

/// What the pod's images may be pulled with.
#[must_use]
pub fn secrets(view: &View, pod: &Pod) -> Secrets {
    let of_pod = |name: &&str| view.get::<Secret>(pod.namespace(), name);
    let (found, missing): (Vec<_>, Vec<_>) = names(view, pod).into_iter().partition(|name| of_pod(name).is_some());
    Secrets {
        own: Keyring::of(found.iter().filter_map(of_pod)),
        node: Keyring::of(node_wide(view)),
        missing: missing.into_iter().map(str::to_owned).collect(),
    }
}

/// What stands for the pod's images and the state of all those Secrets: it changes when a pull may go otherwise than
/// before.
#[must_use]
pub fn fingerprint(view: &View, pod: &Pod) -> BTreeSet<(String, String)> {
    let own = names(view, pod).into_iter().filter_map(|name| view.get::<Secret>(pod.namespace(), name));
    let revision = |s: &Secret| (s.uid().to_owned(), s.metadata.resource_version.clone().unwrap_or_default());
    let images = init_containers(pod).iter().chain(app_containers(pod)).filter_map(|c| c.image.clone());
    let images = images.map(|image| ("image".to_owned(), image));
    own.chain(node_wide(view)).map(revision).chain(images).collect()
}

fn node_wide(view: &View) -> impl Iterator<Item = &Secret> {
    view.list::<Secret>(SYSTEM_NAMESPACE).filter(|s| s.type_.as_deref() == Some("kubernetes.io/dockerconfigjson"))
}

/// The Secrets that the pod names, or where it names none, those that its ServiceAccount does.
fn names<'a>(view: &'a View, pod: &'a Pod) -> Vec<&'a str> {
    let spec = pod.spec.as_ref();
    let own = spec.and_then(|s| s.image_pull_secrets.as_deref()).unwrap_or_default();
    let account = spec.and_then(|s| s.service_account_name.as_deref()).unwrap_or("default");
    let account = view.get::<ServiceAccount>(pod.namespace(), account);
    let inherited = account.and_then(|a| a.image_pull_secrets.as_deref()).unwrap_or_default();
    let named = |r: &'a LocalObjectReference| Some(r.name.as_str()).filter(|name| !name.is_empty());
    if own.is_empty() { inherited } else { own }.iter().filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn login(namespace: &str, name: &str, revision: u64, user: &str) -> Secret {
        let auths = json!({"auths": {"r.io": {"username": user}}}).to_string();
        let secret: Value = json!({
            "metadata": {"name": name, "namespace": namespace, "uid": name, "resourceVersion": revision.to_string()},
            "type": "kubernetes.io/dockerconfigjson",
            "data": {".dockerconfigjson": k8s_openapi::ByteString(auths.into_bytes())},
        });
        serde_json::from_value(secret).unwrap()
    }

    #[test]
    fn a_pod_has_its_own_secrets_and_the_nodes() {
        let pod: Pod = serde_json::from_value(json!({
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"containers": [], "imagePullSecrets": [{"name": "a"}, {"name": ""}, {"name": "none"}]},
        }))
        .unwrap();
        let objects = |revision| {
            [
                login("shop", "a", revision, "own"),
                login("shop", "b", 1, "other"),
                login(SYSTEM_NAMESPACE, "c", 1, "node"),
            ]
        };
        let view = View::of(objects(1));
        let Secrets { own, node, missing } = secrets(&view, &pod);
        let users = |ring: &Keyring| ring.lookup("r.io/x").iter().map(|c| c.username.clone()).collect::<Vec<_>>();
        assert_eq!((users(&own), users(&node)), (vec!["own".to_owned()], vec!["node".to_owned()]));
        assert_eq!(missing, ["none"]);
        assert_eq!(fingerprint(&view, &pod), fingerprint(&View::of(objects(1)), &pod));
        assert_ne!(fingerprint(&view, &pod), fingerprint(&View::of(objects(2)), &pod));
    }

    #[test]
    fn a_pod_that_names_none_has_those_of_its_service_account() {
        let pod = |spec: Value| -> Pod {
            serde_json::from_value(json!({"metadata": {"name": "web", "namespace": "shop"}, "spec": spec})).unwrap()
        };
        let account: ServiceAccount = serde_json::from_value(json!({
            "metadata": {"name": "deployer", "namespace": "shop"}, "imagePullSecrets": [{"name": "b"}],
        }))
        .unwrap();
        let mut view = View::of([login("shop", "a", 1, "ann"), login("shop", "b", 1, "bob")]);
        view.insert(account.key(), std::sync::Arc::new(account));
        let users = |spec: Value| {
            let own = secrets(&view, &pod(spec)).own;
            own.lookup("r.io/x").iter().map(|c| c.username.clone()).collect::<Vec<_>>()
        };
        assert_eq!(users(json!({"containers": [], "serviceAccountName": "deployer"})), ["bob"]);
        let both = json!({"containers": [], "serviceAccountName": "deployer", "imagePullSecrets": [{"name": "a"}]});
        assert_eq!(users(both), ["ann"]);
        assert!(users(json!({"containers": []})).is_empty());
    }
}
