//! What a new pod gets of its service account: the account itself, a token to mount, credentials for pulls. As Kubernetes'
//! admission plugin. <https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#service-account-admission-controller>

use k8s_openapi::api::core::v1::ServiceAccount;
use serde_json::{Value, json};

use super::server::Rest;
use crate::api::names::{self, ROOT_CA};
use crate::api::object::meta;
use crate::api::{Key, Kind};
use crate::apiserver::Error;

/// Where programs look for their token.
const MOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// How the volume with the token is called, up to its suffix.
const VOLUME: &str = "kube-api-access-";
/// The seconds that the token lives, before which it is renewed.
const TOKEN_SECONDS: i64 = 3607;
/// The account of pods that name none.
const DEFAULT: &str = "default";

impl Rest {
    /// Gives a new pod what is its service account's.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without such an account, or if the store fails.
    pub(super) fn admit_account(&self, key: &Key, pod: &mut Value) -> Result<(), Error> {
        if key.kind.kind != "Pod" || !pod["spec"].is_object() {
            return Ok(());
        }
        let named = |field: &str| pod["spec"][field].as_str().filter(|name| !name.is_empty());
        let name = named("serviceAccountName").or_else(|| named("serviceAccount")).unwrap_or(DEFAULT).to_owned();
        let account = match self.get(&Key::new(Kind::of::<ServiceAccount>(), &key.namespace, &name)) {
            Err(error @ Error::NotFound(_)) => {
                let why = format!("error looking up service account {}/{name}: {}", key.namespace, not_found(&error));
                return Err(Error::Forbidden(key.clone(), why));
            }
            found => found?,
        };
        apply(&account, pod);
        Ok(())
    }

    /// Makes the account that every namespace has, together with the namespace: a pod that follows at once needs it.
    pub(super) fn begin_namespace(&self, namespace: &Value) -> Result<(), Error> {
        if self.is_dry() {
            return Ok(());
        }
        let account = json!({"metadata": {"name": DEFAULT}});
        let made = self.unguarded().create_locked(Kind::of::<ServiceAccount>(), meta(namespace, "name"), account);
        match made {
            Ok(_) | Err(Error::AlreadyExists(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// `serviceaccount "web" not found`: the admission says it in the singular.
fn not_found(error: &Error) -> String {
    error.message().replacen("serviceaccounts", "serviceaccount", 1)
}

/// Puts into the pod what is the account's. Pure.
fn apply(account: &Value, pod: &mut Value) {
    let name = meta(account, "name").to_owned();
    let volume = format!("{VOLUME}{}", names::suffix(meta(pod, "uid"), 5));
    let spec = &mut pod["spec"];
    spec["serviceAccountName"] = name.into();
    let pulls = &account["imagePullSecrets"];
    if pulls.as_array().is_some_and(|p| !p.is_empty()) && spec["imagePullSecrets"].as_array().is_none_or(Vec::is_empty)
    {
        spec["imagePullSecrets"] = pulls.clone();
    }
    let wanted = [&spec["automountServiceAccountToken"], &account["automountServiceAccountToken"]];
    if wanted.into_iter().find_map(Value::as_bool).unwrap_or(true) {
        mount(spec, volume);
    }
}

/// Mounts a token where nothing else is mounted in its place.
fn mount(spec: &mut Value, volume: String) {
    let volumes = spec["volumes"].as_array().into_iter().flatten();
    let there = volumes.filter_map(|v| v["name"].as_str()).find(|name| name.starts_with(VOLUME)).map(str::to_owned);
    let name = there.clone().unwrap_or(volume);
    let mut mounted = false;
    for list in ["initContainers", "containers"] {
        for container in spec[list].as_array_mut().into_iter().flatten().filter(|c| c.is_object()) {
            let taken = container["volumeMounts"].as_array().into_iter().flatten().any(|m| m["mountPath"] == MOUNT);
            if taken {
                continue;
            }
            push(&mut container["volumeMounts"], json!({"name": name, "readOnly": true, "mountPath": MOUNT}));
            mounted = true;
        }
    }
    if mounted && there.is_none() {
        let namespace =
            json!({"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}});
        let sources = json!([
            {"serviceAccountToken": {"expirationSeconds": TOKEN_SECONDS, "path": "token"}},
            {"configMap": {"name": ROOT_CA, "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {"downwardAPI": {"items": [namespace]}},
        ]);
        push(&mut spec["volumes"], json!({"name": name, "projected": {"defaultMode": 0o644, "sources": sources}}));
    }
}

fn push(list: &mut Value, item: Value) {
    match list {
        Value::Array(items) => items.push(item),
        other => *other = Value::Array(vec![item]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(account: &Value, spec: Value) -> Value {
        let mut pod = json!({"metadata": {"uid": "1"}, "spec": spec});
        apply(account, &mut pod);
        pod["spec"].take()
    }

    fn account() -> Value {
        json!({"metadata": {"name": "web"}, "imagePullSecrets": [{"name": "registry"}]})
    }

    #[test]
    fn every_container_gets_the_token_and_the_pod_one_volume() {
        let spec = applied(&account(), json!({"initContainers": [{"name": "i"}], "containers": [{"name": "a"}]}));
        assert_eq!(spec["serviceAccountName"], "web");
        assert_eq!(spec["imagePullSecrets"], json!([{"name": "registry"}]));
        let volume = spec["volumes"][0]["name"].as_str().unwrap();
        assert!(volume.starts_with("kube-api-access-") && volume.len() == 21, "{volume}");
        for list in ["initContainers", "containers"] {
            let mount = json!([{"name": volume, "readOnly": true, "mountPath": MOUNT}]);
            assert_eq!(spec[list][0]["volumeMounts"], mount);
        }
        let sources = &spec["volumes"][0]["projected"]["sources"];
        assert_eq!(sources[0], json!({"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}}));
        assert_eq!(applied(&account(), spec.clone()), spec, "once is enough");
    }

    #[test]
    fn pod_and_account_can_do_without_a_token_and_the_pod_has_the_last_word() {
        let none = |spec: &Value| spec["volumes"].is_null() && spec["containers"][0]["volumeMounts"].is_null();
        let pod = |automount: Value| json!({"containers": [{"name": "a"}], "automountServiceAccountToken": automount});
        let mut shy = account();
        shy["automountServiceAccountToken"] = false.into();
        assert!(none(&applied(&account(), pod(false.into()))));
        assert!(none(&applied(&shy, pod(Value::Null))));
        assert!(!none(&applied(&shy, pod(true.into()))));
    }

    #[test]
    fn what_a_user_mounts_there_and_pulls_with_stays() {
        let own = json!({"name": "mine", "mountPath": MOUNT});
        let spec =
            json!({"containers": [{"name": "a", "volumeMounts": [own]}], "imagePullSecrets": [{"name": "other"}]});
        let applied = applied(&account(), spec.clone());
        assert_eq!(
            (&applied["containers"], &applied["imagePullSecrets"]),
            (&spec["containers"], &spec["imagePullSecrets"])
        );
        assert!(applied["volumes"].is_null());
    }
}
