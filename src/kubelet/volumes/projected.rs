//! The files of projected volumes: several sources in one folder.
//! <https://kubernetes.io/docs/concepts/storage/projected-volumes/>

use k8s_openapi::api::core::v1::{Pod, PodSpec, ProjectedVolumeSource, VolumeProjection};

use super::downward;
use super::files::{self, DEFAULT_MODE, Wanted, mode};
use super::order::{File, Files};
use super::token::Tokens;
use super::volume::inside;
use crate::api::{Object, View};
use crate::kubelet::missing::Missing;

/// Whether it holds what must never reach a disk.
#[must_use]
pub fn is_secret(wanted: &ProjectedVolumeSource) -> bool {
    let mut sources = wanted.sources.iter().flatten();
    sources.any(|s| s.secret.is_some() || s.service_account_token.is_some())
}

/// The files of all sources; where two have one path, the later one's.
pub fn files(
    view: &View,
    pod: &Pod,
    node: &str,
    tokens: &Tokens,
    wanted: &ProjectedVolumeSource,
) -> Result<Files, Missing> {
    let mut all = Files::new();
    for source in wanted.sources.iter().flatten() {
        all.extend(of(view, pod, node, tokens, source, wanted.default_mode)?);
    }
    Ok(all)
}

fn of(
    view: &View,
    pod: &Pod,
    node: &str,
    tokens: &Tokens,
    source: &VolumeProjection,
    default_mode: Option<i32>,
) -> Result<Files, Missing> {
    let keys = |name, items, optional| Wanted { namespace: pod.namespace(), name, items, mode: default_mode, optional };
    if let Some(map) = &source.config_map {
        return files::config_map(view, keys(&map.name, map.items.as_deref(), map.optional));
    }
    if let Some(secret) = &source.secret {
        return files::secret(view, keys(&secret.name, secret.items.as_deref(), secret.optional));
    }
    if let Some(fields) = &source.downward_api {
        return downward::files(view, pod, node, fields.items.as_deref().unwrap_or_default(), default_mode);
    }
    if let Some(token) = &source.service_account_token {
        let (user, group) = (user(pod), pod.spec.as_ref().and_then(group));
        // Who the token is for may read it, and nobody else: the group gets its right with the volume.
        let own = (user.is_some() || group.is_some()).then_some(0o600);
        let mode = own.or_else(|| mode(default_mode)).unwrap_or(DEFAULT_MODE);
        let file = File { mode, user, bytes: tokens.get(pod, token)?.as_bytes().to_vec() };
        return Ok(Files::from([(inside(&token.path)?, file)]));
    }
    Err(Missing::Unsupported("a source of a projected volume is of a type that wharf does not have".to_owned()))
}

/// The group of the pod's volumes.
#[must_use]
pub fn group(spec: &PodSpec) -> Option<u32> {
    spec.security_context.as_ref()?.fs_group.and_then(|group| u32::try_from(group).ok())
}

/// The user whom the manifest names for all containers, if it is one and the same.
fn user(pod: &Pod) -> Option<u32> {
    let spec = pod.spec.as_ref()?;
    let default = spec.security_context.as_ref().and_then(|s| s.run_as_user);
    let containers = spec.init_containers.iter().flatten().chain(&spec.containers);
    let mut users = containers.map(|c| c.security_context.as_ref().and_then(|s| s.run_as_user).or(default));
    let first = users.next()??;
    users.all(|user| user == Some(first)).then(|| u32::try_from(first).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{ConfigMap, Secret};
    use serde_json::{Value, json};

    use super::super::token::Token;
    use super::*;
    use crate::api::Timestamp;

    fn text(spec: &Value, sources: &Value) -> String {
        let metadata = |name: &str| json!({"name": name, "namespace": "shop", "uid": "u1", "labels": {"a": "1"}});
        let map = json!({"metadata": metadata("ca"), "data": {"ca.crt": "PEM", "x": "y"}});
        let secret = json!({"metadata": metadata("keys"), "data": {"pw": "c2VzYW1l"}});
        let mut view = View::of([serde_json::from_value::<ConfigMap>(map).unwrap()]);
        view.extend([serde_json::from_value::<Secret>(secret).unwrap()]);
        let wanted: ProjectedVolumeSource =
            serde_json::from_value(json!({"sources": sources, "defaultMode": 0o444})).unwrap();
        let mut pod = json!({"metadata": metadata("web"), "spec": spec});
        pod["spec"]["volumes"] = json!([{"name": "v", "projected": wanted}]);
        let pod: Pod = serde_json::from_value(pod).unwrap();
        let (mut tokens, now) = (Tokens::default(), Timestamp::UNIX_EPOCH);
        for request in tokens.due(&pod, now) {
            let text = format!("token for {:?} of {} s", request.audience, request.seconds);
            let token = Token { text, issued: now, expires: Timestamp::MAX };
            tokens.put(request, Ok(token), now);
        }
        let line =
            |(path, file): (&String, &File)| format!("{path} {file:?} {}\n", String::from_utf8_lossy(&file.bytes));
        files(&view, &pod, "box", &tokens, &wanted)
            .map_or_else(|e| format!("{e}\n"), |files| files.iter().map(line).collect())
    }

    #[test]
    fn as_every_pod_has_it() {
        let container = json!({"name": "c"});
        let sources = json!([
            {"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}},
            {"configMap": {"name": "ca", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}},
        ]);
        insta::assert_snapshot!(text(&json!({"containers": [container]}), &sources), @r#"
        ca.crt 0444, 3 bytes PEM
        namespace 0444, 4 bytes shop
        token 0444, 22 bytes token for "" of 3607 s
        "#);
        let user = json!({"containers": [container], "securityContext": {"runAsUser": 1000}});
        assert!(text(&user, &sources).contains("token 0600, user 1000, "));
        let mixed = json!({"containers": [container, {"name": "d", "securityContext": {"runAsUser": 1}}],
            "securityContext": {"runAsUser": 1000, "fsGroup": 7}});
        assert!(text(&mixed, &sources).contains("token 0600, 22"), "its group will read it");
    }

    #[test]
    fn later_sources_win_and_what_is_missing_is_named() {
        let spec = json!({"containers": [{"name": "c"}]});
        let one = |source: Value| text(&spec, &json!([source]));
        let both = json!([{"configMap": {"name": "ca", "items": [{"key": "x", "path": "pw"}]}},
            {"secret": {"name": "keys", "items": [{"key": "pw", "path": "pw", "mode": 0o400}]}}]);
        assert_eq!(text(&spec, &both), "pw 0400, 6 bytes sesame\n");
        assert_eq!(one(json!({"secret": {"name": "no"}})), "secret \"no\" not found\n");
        assert_eq!(one(json!({"secret": {"name": "no", "optional": true}})), "");
        let unknown = "a source of a projected volume is of a type that wharf does not have\n";
        assert_eq!(one(json!({"clusterTrustBundle": {"path": "x"}})), unknown);
    }
}
