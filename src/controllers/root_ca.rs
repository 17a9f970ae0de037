//! The certificate of the node's authority, in each namespace as the ConfigMap `kube-root-ca.crt`.
//! <https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/>

use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::api::names::{ROOT_CA, SYSTEM_NAMESPACE};
use crate::api::{Key, Kind, Object, Plan, Timestamp, View};

/// The namespace that changed or whose copy did; all of them if it is the original.
pub fn keys(view: &View, changed: &Key) -> Vec<Key> {
    let kind = Kind::of::<Namespace>();
    if changed.kind == kind {
        return vec![changed.clone()];
    }
    match (changed.name.as_str(), changed.namespace.as_str()) {
        (ROOT_CA, SYSTEM_NAMESPACE) => view.keys(kind).collect(),
        (ROOT_CA, namespace) => vec![Key::new(kind, "", namespace)],
        _ => Vec::new(),
    }
}

/// Makes a namespace's copy like the original, which the agent writes.
pub fn plan(view: &View, key: &Key, _: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let namespace = view.get::<Namespace>("", &key.name).filter(|n| !n.is_deleting());
    let original = view.get::<ConfigMap>(SYSTEM_NAMESPACE, ROOT_CA);
    let (Some(_), Some(original)) = (namespace, original) else { return plan };
    match view.get::<ConfigMap>(&key.name, ROOT_CA) {
        None => plan.create(&map(&key.name, original), "every namespace has the certificate of the node's authority"),
        Some(copy) if copy.data != original.data => {
            let copy = ConfigMap { data: original.data.clone(), binary_data: None, ..copy.clone() };
            plan.update(&copy, "it is not the certificate of the node's authority");
        }
        Some(_) => {}
    }
    plan
}

fn map(namespace: &str, original: &ConfigMap) -> ConfigMap {
    ConfigMap {
        metadata: ObjectMeta {
            name: Some(ROOT_CA.to_owned()),
            namespace: Some(namespace.to_owned()),
            annotations: original.metadata.annotations.clone(),
            ..ObjectMeta::default()
        },
        data: original.data.clone(),
        ..ConfigMap::default()
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use serde_json::json;

    use super::*;

    fn object<T: Object>(value: serde_json::Value) -> T {
        serde_json::from_value(value).unwrap()
    }

    fn certificate(namespace: &str, text: &str) -> ConfigMap {
        object(json!({"metadata": {"name": ROOT_CA, "namespace": namespace}, "data": {"ca.crt": text}}))
    }

    #[test]
    fn every_namespace_gets_the_certificate_and_keeps_it() {
        let mut view =
            View::of(["shop", SYSTEM_NAMESPACE].map(|n| object::<Namespace>(json!({"metadata": {"name": n}}))));
        let key = Key::new(Kind::of::<Namespace>(), "", "shop");
        let plan = |view: &View| super::plan(view, &key, Timestamp::UNIX_EPOCH).to_string();
        assert_snapshot!(plan(&view), @"");
        view.extend([certificate(SYSTEM_NAMESPACE, "A")]);
        assert_snapshot!(plan(&view), @"create ConfigMap shop/kube-root-ca.crt: every namespace has the certificate of the node's authority");
        view.extend([certificate("shop", "B")]);
        assert_snapshot!(plan(&view), @"update ConfigMap shop/kube-root-ca.crt: it is not the certificate of the node's authority");
        view.extend([certificate("shop", "A")]);
        assert_snapshot!(plan(&view), @"");
    }

    #[test]
    fn a_change_of_the_original_concerns_every_namespace() {
        let view = View::of(["a", "b"].map(|n| object::<Namespace>(json!({"metadata": {"name": n}}))));
        let concerned = |namespace| keys(&view, &certificate(namespace, "").key()).len();
        assert_eq!((concerned(SYSTEM_NAMESPACE), concerned("a")), (2, 1));
        let other = Key::new(Kind::of::<ConfigMap>(), "a", "other");
        assert!(keys(&view, &other).is_empty());
    }
}
